"""Keeps one process running: starts it again when it dies, and never outlives `make run`.

`python crm/supervise.py RUNNER LOCK COMMAND…` is what stands before each line of the Procfile, so
that a worker killed half-way is back within a second and the web never noticed. RUNNER is the
process id of `make run`: when it is gone (a closed terminal, kill -9) the command is stopped too.
LOCK is held until then, so that the next `make run` waits for the end of this one.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

# A refusal to start is final, as a good end is, and a program that is not there: trying again would
# mend nothing.
FINAL = frozenset({0, 2, 3, 126, 127})
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
HEALTHY_AFTER = 60.0
LOOK_EVERY = 0.5
# The runner kills what is left after five seconds.
GRACE = 4.0
# The place in the lock file that supervisors share; the runner's own is the one before.
SUPERVISORS = 1


class Supervisor:
    def __init__(self, runner: int, command: list[str]) -> None:
        self.runner = runner
        self.command = command
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


def main(runner: str, lock: str, *command: str) -> int:
    supervisor = Supervisor(int(runner), list(command))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, supervisor.stop)
    with Path(lock).open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_SH, 1, SUPERVISORS)
        return supervisor.keep_running()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
