"""How long work shares the machine: the database is held for a moment, then left free for as
long; the collector does not walk through what is in hand."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def few_collections() -> Iterator[None]:
    """For work that has some hundred thousand objects in hand and makes no cycles: the collector,
    left as it is, walks through them over and over and finds nothing."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
