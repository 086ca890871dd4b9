"""Keeps one process running: starts it again when it dies.

`python crm/supervise.py COMMAND…` is what stands before each line of the Procfile when `make run`
starts it, so that a worker killed half-way is back within a second and the web never noticed.
A refusal to start (exit code 2 or 3) is final: trying again would mend nothing.
"""

import signal
import subprocess
import sys
import time
from types import FrameType

FINAL = frozenset({0, 2, 3})
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
HEALTHY_AFTER = 60.0


def keep_running(command: list[str]) -> int:
    """Run until the process ends well, refuses to start, or we are told to stop."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        # The runner signals the whole process group: the command has been told already.
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    pause = SHORTEST_PAUSE
    while not stopping:
        started = time.monotonic()
        process = subprocess.Popen(command)
        code = process.wait()
        if stopping or code in FINAL:
            return 0 if stopping else code
        if time.monotonic() - started > HEALTHY_AFTER:
            pause = SHORTEST_PAUSE
        sys.stdout.write(f"died with code {code}; starting again in {pause:.0f} s\n")
        sys.stdout.flush()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return 0


if __name__ == "__main__":
    sys.exit(keep_running(sys.argv[1:]))
