"""How fast one person may look for customers.

It protects two things: customers from somebody (or a stolen session) who tries telephone numbers
and e-mail addresses by the thousand to learn who is one of us; and everybody else's pages from a
script that asks without a pause. Nobody who types reaches it.

Counted in each process by itself: a row per key press would be a write per key press. With several
web processes the bound is as many times as high, which still stops whoever tries by the thousand.
"""

import threading
import time
from collections.abc import Callable, Hashable

from django.utils.translation import gettext

PER_MINUTE = 120
AT_ONCE = 60
FORGET_AFTER = 5_000


class Pace:
    """A bucket of tokens for each person; what was taken fills again with time."""

    def __init__(
        self,
        *,
        per_minute: int = PER_MINUTE,
        at_once: int = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_second = per_minute / 60
        self.at_once = at_once
        self.clock = clock
        self._left: dict[Hashable, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allows(self, person: Hashable) -> bool:
        """Whether `person` may look once more; if so, that counts."""
        with self._lock:
            now = self.clock()
            left, since = self._left.get(person, (float(self.at_once), now))
            left = min(float(self.at_once), left + (now - since) * self.per_second)
            allowed = left >= 1
            self._left[person] = (left - 1 if allowed else left, now)
            if len(self._left) > FORGET_AFTER:
                self._forget(now)
            return allowed

    def _forget(self, now: float) -> None:
        """Those whose bucket is full again are as if they had never asked."""
        full = self.at_once / self.per_second
        self._left = {who: kept for who, kept in self._left.items() if now - kept[1] < full}

    def clear(self) -> None:
        with self._lock:
            self._left.clear()


looking = Pace()


def too_fast() -> str:
    return gettext("You have looked for very many customers in a short time. Wait half a minute.")
