"""Keeps one process running: starts it again when it dies, and never outlives `make run`.

`python crm/supervise.py RUNNER LOCK COMMAND…` is what stands before each line of the Procfile, so
that a worker killed half-way is back within a second and the web never noticed. RUNNER is the
process id of `make run`: when it is gone (a closed terminal, kill -9) the command is stopped too.
LOCK is held until then, so that the next `make run` waits for the end of this one.

With `--last` before RUNNER the command, our broker, is stopped after all the others: a worker whose
broker goes first fills the terminal with its complaints.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import BinaryIO

# A refusal to start is final, as a good end is, and a program that is not there: trying again would
# mend nothing.
FINAL = frozenset({0, 2, 3, 126, 127})
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
HEALTHY_AFTER = 60.0
LOOK_EVERY = 0.5
SOON = 0.05
# The runner kills what is left after five seconds.
GRACE = 4.0
# The place in the lock file that supervisors share; the runner's own is the one before.
SUPERVISORS = 1
# The place of those who stop last, beside it: whoever waits for both asks for two from SUPERVISORS.
LAST = 2


class Supervisor:
    def __init__(self, runner: int, command: list[str]) -> None:
        self.runner = runner
        self.command = command
        # Whether somebody still runs who needs the command.
        self.others: Callable[[], bool] = bool
        self.stopping = threading.Event()

    def keep_running(self) -> int:
        """Run until the process ends well, refuses to start, or we are told to stop."""
        pause = SHORTEST_PAUSE
        while not self.must_stop():
            started = time.monotonic()
            code = self.run_once()
            if code is None:
                break
            if code in FINAL:
                return code
            if time.monotonic() - started > HEALTHY_AFTER:
                pause = SHORTEST_PAUSE
            with contextlib.suppress(OSError):  # the terminal may be closed
                sys.stdout.write(f"died with code {code}; starting again in {pause:.0f} s\n")
                sys.stdout.flush()
            self.stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        return 0

    def run_once(self) -> int | None:
        """The code the process ended with; None when it was we who stopped it."""
        # A session of its own: it is told to stop by us, once, and its children by it.
        process = subprocess.Popen(self.command, start_new_session=True)
        while not self.must_stop():
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(LOOK_EVERY)
        end = time.monotonic() + GRACE
        while self.others() and time.monotonic() < end:
            time.sleep(SOON)
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return None

    def must_stop(self) -> bool:
        return self.stopping.is_set() or not is_alive(self.runner)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def others_run(lock: BinaryIO) -> bool:
    """Whether a supervisor that does not stop last holds its place."""
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, SUPERVISORS)
    except OSError:
        return True
    fcntl.lockf(lock, fcntl.LOCK_UN, 1, SUPERVISORS)
    return False


def main(*arguments: str) -> int:
    is_last = arguments[0] == "--last"
    runner, lock, *command = arguments[is_last:]
    with Path(lock).open("r+b") as file:
        supervisor = Supervisor(int(runner), command)
        if is_last:
            supervisor.others = partial(others_run, file)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, supervisor.stop)
        fcntl.lockf(file, fcntl.LOCK_SH, 1, LAST if is_last else SUPERVISORS)
        return supervisor.keep_running()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
