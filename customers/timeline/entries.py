"""What stands on a timeline, where a page of it begins, and how a model joins it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.changes import Change
from customers.models import Customer
from staff.models import User


class Kind(models.TextChoices):
    """What a timeline can be narrowed to. Later apps add their own by the label of their model."""

    TALK = "talk", gettext_lazy("Conversations")
    FOLLOW_UP = "follow_up", gettext_lazy("Follow-ups")
    CHANGE = "change", gettext_lazy("Changes")
    IMPORT = "import", gettext_lazy("Imports")


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One line, ready to show to the person it was made for."""

    when: datetime
    key: UUID
    kind: str
    icon: str
    title: str
    text: str = ""
    who: str = ""
    why: str = ""
    changes: Sequence[Change] = ()
    folded: bool = False
    edited: bool = False
    links: Sequence[Link] = ()
    done_url: str = ""

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.when, self.key


@dataclass(frozen=True)
class Place:
    """Between which two entries a page ends: older than this moment, or as old with a lower key."""

    when: datetime
    key: UUID

    def __str__(self) -> str:
        micros = (self.when - EPOCH) // timedelta(microseconds=1)
        return f"{micros}.{self.key.hex}"

    @classmethod
    def read(cls, text: str | None) -> "Place | None":
        """What a link says; None for one that was tampered with, which shows the newest."""
        micros, dot, key = (text or "").partition(".")
        if not (dot and micros.isascii() and micros.isdigit() and len(micros) <= 17):
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(micros)), UUID(hex=key))
        except (ValueError, OverflowError):
            return None

    def older(self, when: str, key: str) -> models.Q:
        """The condition for rows whose time and key stand in these columns."""
        return models.Q(**{f"{when}__lt": self.when}) | models.Q(
            **{when: self.when, f"{key}__lt": self.key}
        )


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


@dataclass(frozen=True)
class Page:
    """Some entries, newest first, and where the next page goes on."""

    entries: Sequence[Entry]
    next_before: str = ""
    kind: str = ""
    first: bool = True

    @property
    def days(self) -> list[tuple[date, str, list[Entry]]]:
        today = timezone.localdate()
        parted = groupby(self.entries, key=lambda entry: timezone.localdate(entry.when))
        return [(day, day_in_words(day, today), list(entries)) for day, entries in parted]


@dataclass(frozen=True)
class Looking:
    """One person looking at one customer; what the sources share."""

    customer: Customer
    user: User
    before: Place | None
    limit: int
    only: str = ""
    now: datetime = field(default_factory=timezone.now)

    def narrow(self, rows: Any, when: str, key: str) -> Any:
        """These rows as a page wants them: older than where it begins, newest first, few."""
        if self.before is not None:
            rows = rows.filter(self.before.older(when, key))
        return rows.order_by(f"-{when}", f"-{key}")[: self.limit]


Source = Callable[[Looking], list[Entry]]


@dataclass(frozen=True)
class TimelineLine:
    """How rows of a model stand on the timeline of their customer.

    A model of a later app with a foreign key to Customer declares it:

        timeline = TimelineLine(when="opened_at", text="subject", icon="confirmation_number")

    `when` and `who` name fields, `text` a field that is shown as the matrix allows; `title` gives
    the words (default: what the model is called and `str()` of the row). Rows are shown to whoever
    may view the model, and lead to their page in the admin where there is one.
    """

    when: str
    title: Callable[[Any], str] | None = None
    text: str = ""
    who: str = ""
    icon: str = "event"
    select_related: Sequence[str] = ()


def day_in_words(day: date, today: date) -> str:
    distance = (today - day).days
    if distance == 0:
        return _("Today")
    if distance == 1:
        return _("Yesterday")
    return date_format(day, "l j F" if day.year == today.year else "l j F Y")
