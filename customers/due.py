"""When something is due: at a time, or any time of a day.

A follow-up without a time is stored as the last second of its day, in the time zone of the
settings. So one comparison tells what is overdue, the order of a day is right, and nobody who
types hours and minutes can mean anything else by it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

END_OF_DAY = time(23, 59, 59)
# Saturday and Sunday end a week; what is postponed to "next week" is due on its Monday.
DAYS_IN_WEEK = 7
FARTHEST = timedelta(days=10 * 366)


class When(models.TextChoices):
    """The usual answers to "when?"."""

    TODAY = "today", gettext_lazy("Today")
    TOMORROW = "tomorrow", gettext_lazy("Tomorrow")
    NEXT_WEEK = "next_week", gettext_lazy("Next week")
    PICK = "pick", gettext_lazy("Pick a day")


@dataclass(frozen=True)
class Bounds:
    """The moments that part a person's follow-ups, seen from now."""

    now: datetime
    today: date
    end_of_today: datetime
    end_of_week: datetime


def bounds(now: datetime | None = None) -> Bounds:
    now = now or timezone.now()
    today = timezone.localdate(now)
    sunday = today + timedelta(days=DAYS_IN_WEEK - 1 - today.weekday())
    return Bounds(now, today, whole_day(today), whole_day(sunday))


def whole_day(day: date) -> datetime:
    """Any time of this day."""
    return at(day, END_OF_DAY)


def at(day: date, hour: time) -> datetime:
    """A time of the clock on the wall as a moment.

    An hour that a change of clocks skips is taken as if nobody had touched the clock (02:30 is then
    03:30); of an hour that comes twice the first is meant.
    """
    moment = datetime.combine(day, hour, tzinfo=timezone.get_default_timezone())
    return moment.astimezone(UTC)


def is_whole_day(moment: datetime) -> bool:
    local = timezone.localtime(moment)
    return local.time().replace(microsecond=0) == END_OF_DAY


def day_of(choice: str, picked: date | None = None, today: date | None = None) -> date | None:
    """The day somebody means; None when they would pick one and did not."""
    today = today or timezone.localdate()
    if choice == When.TODAY:
        return today
    if choice == When.TOMORROW:
        return today + timedelta(days=1)
    if choice == When.NEXT_WEEK:
        return today + timedelta(days=DAYS_IN_WEEK - today.weekday())
    return picked


def in_words(moment: datetime, now: datetime | None = None) -> str:
    """As one says it: "today 15:00", "tomorrow", "Mon 3 March, 09:30"."""
    here = bounds(now)
    local = timezone.localtime(moment)
    names = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    distance = (local.date() - here.today).days
    if distance in names:
        day = names[distance]
    elif local.year == here.today.year:
        day = date_format(local, "D j F")
    else:
        day = date_format(local, "D j F Y")
    return day if is_whole_day(moment) else f"{day} {date_format(local, 'H:i')}"


def exactly(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return date_format(local, "DATE_FORMAT" if is_whole_day(moment) else "DATETIME_FORMAT")
