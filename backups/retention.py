"""Which backups have done their duty: grandfather, father, son, by time and never by number.

Only backups that were opened and checked come here at all (the others have no name), so a row of
broken ones cannot push out the good.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

EVERY_ONE = timedelta(days=1)
DAILY = timedelta(days=14)
WEEKLY = timedelta(days=365)


def superseded(made: Iterable[datetime], now: datetime) -> set[datetime]:
    """Of the times backups were made at, those no longer needed at `now`.

    Kept: all of the last day, the last of each day for two weeks, the last of each week for a year.
    The newest is always kept. When one lies in the future the clock was wrong, then or now, and
    nothing is given up.
    """
    times = sorted(made, reverse=True)
    if not times or times[0] > now:
        return set()
    kept = {times[0]}
    seen: set[object] = set()
    for time in times:
        slot = _slot(time, now - time)
        if slot is not None and slot not in seen:
            seen.add(slot)
            kept.add(time)
    return set(times) - kept


def _slot(time: datetime, age: timedelta) -> object | None:
    """What a backup stands for; the newest of those that stand for the same is kept."""
    if age <= EVERY_ONE:
        return time
    if age <= DAILY:
        return ("day", time.date())
    if age <= WEEKLY:
        return ("week", time.isocalendar()[:2])
    return None
