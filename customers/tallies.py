"""How many customers: by stage, source and owner, by when we last spoke, by the week they came.

Counting a million takes seconds, and nobody waits that long for a plot. So where customers are
many, beat counts every few minutes and pages show what was counted, with the time it was; where
they are few it is counted at once. Which of the two is decided by the numbers given so far, which
costs one row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from customers.models import Customer, Interaction, NumberCounter, Tally
from customers.models.numbers import CUSTOMERS

# Up to so many customers are counted while the page is made.
FEW = 10_000
WEEKS = 12
REST = 30
# By when we last spoke: the name of the stretch (as the list's filter has it), and its days.
LAST_CONTACT = (("days-7", 7), ("days-30", 30), ("days-90", 90))
LONGER, NEVER = "before-90", "never"

Rows = list[list[Any]]


@dataclass(frozen=True)
class Counted:
    """`rows` are [owner's key or "", value, count]; `as_of` is None for a count of this moment.

    `waiting`: customers are many, and nothing was counted yet.
    """

    rows: Rows
    as_of: datetime | None = None
    waiting: bool = False

    def by_value(self, owner: UUID | None = None) -> dict[str, int]:
        """How many for each value; of one owner's customers if one is given."""
        totals: dict[str, int] = {}
        for key, value, count in self.rows:
            if owner is None or key == str(owner):
                totals[value] = totals.get(value, 0) + count
        return totals

    def by_owner(self) -> dict[str, int]:
        """How many for each owner's key; "" is nobody."""
        totals: dict[str, int] = {}
        for key, _value, count in self.rows:
            totals[key] = totals.get(key, 0) + count
        return totals


def counted(names: Iterable[str]) -> dict[str, Counted]:
    """The counts of these names. Never slow: two look-ups where customers are many."""
    names = list(names)
    if not many():
        return {name: Counted(COUNTS[name]()) for name in names}
    kept = {tally.name: tally for tally in Tally.objects.filter(name__in=names)}
    return {
        name: Counted(kept[name].rows, kept[name].made_at)
        if name in kept
        else Counted([], waiting=True)
        for name in names
    }


def many() -> bool:
    """Whether customers are too many to count while somebody waits."""
    last = NumberCounter.objects.filter(pk=CUSTOMERS).values_list("last", flat=True).first()
    return (last or 0) > FEW


def refresh_tallies() -> int:
    """Count anew where customers are many; how many counts were made.

    What took long is not counted again at once: counting never keeps more than a thirtieth of one
    processor busy.
    """
    if not many():
        Tally.objects.all().delete()
        return 0
    kept = {tally.name: tally for tally in Tally.objects.filter(name__in=COUNTS)}
    made = 0
    for name, count in COUNTS.items():
        began = timezone.now()
        last = kept.get(name)
        if last and began - last.made_at < REST * timedelta(seconds=last.seconds):
            continue
        rows = count()
        seconds = (timezone.now() - began).total_seconds()
        values = {"rows": rows, "made_at": began, "seconds": seconds}
        Tally.objects.update_or_create(name=name, defaults=values)
        made += 1
    return made


def by_stage() -> Rows:
    return _grouped("stage")


def by_source() -> Rows:
    return _grouped("source")


def by_week() -> Rows:
    """New customers of the last weeks, each by the day it began on."""
    begins = {monday.isoformat(): _midnight(monday) for monday in weeks()}
    end = timedelta(days=7)
    counts = Customer.objects.filter(created_at__gte=min(begins.values())).aggregate(
        **{
            day: Count("created_at", filter=Q(created_at__gte=begin, created_at__lt=begin + end))
            for day, begin in begins.items()
        }
    )
    return [["", day, count] for day, count in counts.items()]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def weeks(today: date | None = None) -> list[date]:
    """The Mondays of the last weeks, this one's the last."""
    today = today or timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def by_last_contact() -> Rows:
    now = timezone.now()
    latest = Interaction.objects.filter(customer=OuterRef("pk")).order_by("-happened_at")
    customers = Customer.objects.annotate(
        last=Subquery(latest.values("happened_at")[:1], output_field=DateTimeField())
    )
    stretches = [
        When(last__gte=now - timedelta(days=days), then=Value(name)) for name, days in LAST_CONTACT
    ]
    stretch = Case(*stretches, When(last__isnull=True, then=Value(NEVER)), default=Value(LONGER))
    counts = customers.annotate(value=stretch).order_by().values("owner", "value")
    return _rows(counts.annotate(count=Count("*")), "value")


def _grouped(field: str) -> Rows:
    customers = Customer.objects.order_by().values("owner", field)
    return _rows(customers.annotate(count=Count("*")), field)


def _rows(counts: Iterable[Any], field: str) -> Rows:
    return [[_text(row["owner"]), _text(row[field]), row["count"]] for row in counts]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


# Counts of all customers are read from indexes alone (customer_tally and customer_by_created).
COUNTS: dict[str, Callable[[], Rows]] = {
    "stage": by_stage,
    "source": by_source,
    "week": by_week,
    "last_contact": by_last_contact,
}
