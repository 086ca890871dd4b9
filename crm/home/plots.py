"""Counts of customers as bars: each row says how many, and leads to exactly those in the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from crm.home.desk import looks_after_customers
from crm.home.parts import list_of
from customers.list_filters import CONTACT, ME, NOBODY, NONE
from customers.models import Source
from customers.models.choices import Stage
from customers.tallies import LAST_CONTACT, LONGER, NEVER, Counted, counted, weeks
from staff.models import User
from staff.roles import Role, roles_of

LONGEST = 8
# Each count tells owners apart, so this one needs none of its own.
COUNTED_AS = {"owner": "stage"}


@dataclass(frozen=True)
class Bar:
    """`percent` is the share of the longest bar; `link` leads to the customers counted."""

    label: Any
    count: int
    link: str
    percent: int = 0
    short: str = ""


@dataclass(frozen=True)
class Plot:
    """`columns` stand upright, side by side, for what follows in time; else they are rows."""

    name: str
    title: Any
    bars: list[Bar]
    as_of: datetime | None = None
    waiting: bool = False
    columns: bool = False

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)


def plots_for(user: User) -> list[Plot]:
    """One's own customers for whoever looks after some, everybody for the others."""
    if not user.has_perm("customers.view_customer"):
        return []
    names = _names(user)
    counts = counted({COUNTED_AS.get(name, name) for name in names})
    own = user if looks_after_customers(user) else None
    return [MAKERS[name](counts[COUNTED_AS.get(name, name)], own) for name in names]


def _names(user: User) -> list[str]:
    if looks_after_customers(user):
        return ["last_contact", "stage", "week"]
    roles = roles_of(user)
    if roles & {Role.ADMINISTRATOR, Role.DATA_STEWARD}:
        return ["week", "stage", "owner", "source", "last_contact"]
    if roles & {Role.MARKETING, Role.READ_ONLY}:
        return ["week", "stage", "source", "last_contact"]
    return []


def by_stage(counts: Counted, own: User | None) -> Plot:
    found = counts.by_value(own.pk if own else None)
    bars = [
        Bar(stage.label, found.get(stage.value, 0), _link(own, stage__exact=stage.value))
        for stage in Stage
    ]
    title = _("My customers by stage") if own else _("Customers by stage")
    return _plot("stage", title, bars, counts)


def by_last_contact(counts: Counted, own: User | None) -> Plot:
    found = counts.by_value(own.pk if own else None)
    stretches = [*(name for name, _days in LAST_CONTACT), LONGER, NEVER]
    bars = [
        Bar(CONTACT[name], found.get(name, 0), _link(own, last_contact=name)) for name in stretches
    ]
    title = _("When I last spoke with mine") if own else _("Last contact")
    return _plot("last_contact", title, bars, counts)


def by_source(counts: Counted, own: User | None) -> Plot:
    found = counts.by_value()
    names = {str(key): name for key, name in Source.objects.values_list("pk", "name")}
    bars = [
        Bar(names.get(key, key) if key else _("none"), count, _link(None, source=key or NONE))
        for key, count in _largest(found)
    ]
    return _plot("source", _("Customers by source"), bars, counts)


def by_owner(counts: Counted, own: User | None) -> Plot:
    found = counts.by_owner()
    largest = _largest(found)
    people = {str(who.pk): str(who) for who in User.objects.filter(pk__in=filter(None, found))}
    bars = [
        Bar(people.get(key, key) if key else _("nobody"), count, _link(None, owner=key or NOBODY))
        for key, count in largest
    ]
    return _plot("owner", _("Customers by owner"), bars, counts)


def by_week(counts: Counted, own: User | None) -> Plot:
    found = counts.by_value()
    bars = [
        Bar(
            _("week of %(day)s") % {"day": date_format(monday, "DATE_FORMAT")},
            found.get(monday.isoformat(), 0),
            _link(None, created=f"week-{monday.isoformat()}"),
            short=_short(monday),
        )
        for monday in weeks()
    ]
    return _plot("week", _("New customers, 12 weeks"), bars, counts, columns=True)


def _short(monday: date) -> str:
    return date_format(monday, "j M")


def _largest(found: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda pair: -pair[1])[:LONGEST]


def _link(own: User | None, **filters: str) -> str:
    mine = {"owner": ME} if own else {}
    return f"{list_of('customers_customer')}?{urlencode(mine | filters)}"


def _plot(
    name: str, title: Any, bars: list[Bar], counts: Counted, *, columns: bool = False
) -> Plot:
    longest = max((bar.count for bar in bars), default=0) or 1
    sized = [
        Bar(bar.label, bar.count, bar.link, _percent(bar.count, longest), bar.short) for bar in bars
    ]
    return Plot(name, title, sized, counts.as_of, counts.waiting, columns)


def _percent(count: int, longest: int) -> int:
    """At least one percent for what is not nothing, so that it can be seen and pointed at."""
    return max(1, round(100 * count / longest)) if count else 0


MAKERS: dict[str, Callable[[Counted, User | None], Plot]] = {
    "stage": by_stage,
    "owner": by_owner,
    "source": by_source,
    "week": by_week,
    "last_contact": by_last_contact,
}
