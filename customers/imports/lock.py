"""Shares the database: held for a moment, then left free for as long."""

import time

LOCK_FOR = 0.05
FEWEST, MOST = 50, 800


class SharedLock:
    """Watches how long a long writer held the database, so that others get it for as long.

    `wait()`, then write inside `with`, then take `fitting()` rows the next time.
    """

    def __init__(self) -> None:
        self.held = 0.0
        self._since = 0.0

    def wait(self) -> None:
        """Sleep for what is missing of the time others were owed since we let go."""
        missing = self.held - (time.monotonic() - self._since)
        if missing > 0:
            time.sleep(min(missing, 2 * LOCK_FOR))

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *problem: object) -> None:
        now = time.monotonic()
        self.held, self._since = now - self._since, now

    def fitting(self, size: int) -> int:
        """How many rows to write at once so that the lock is held for about `LOCK_FOR`."""
        fitting = int(size * LOCK_FOR / max(self.held, 0.001))
        return max(FEWEST, min(MOST, (size + fitting) // 2))
