"""What the list of customers is narrowed by; the same words in a link, a view and a bulk change.

None of these filters reads the customers to know what it offers. A value that means nothing (any
more) narrows to nobody: to ignore it would widen to everybody, and a bulk change would follow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.facets import distinct_values
from customers.models import ContactPoint, Customer, CustomerTag, FollowUp, Interaction, Source
from customers.models.choices import ContactKind, Kind, Stage, country_name
from customers.models.tags import LONGEST_TAG
from customers.search import countries_present
from staff.models import User

NOBODY = "nobody"
NONE = "none"
ME = "me"
# A rare value is looked up, a common one is asked of each customer on the way down the list.
# Neither way is fast for both: sorting every customer with a common tag takes as long as searching
# the whole list for a rare one.
RARE = 1000

Choices = list[tuple[str, str]]
Customers = QuerySet[Customer]


@dataclass(frozen=True)
class Asked:
    """Who asks, and when: "me" and "this week" mean something else to somebody else."""

    user: Any
    at: datetime


@dataclass(frozen=True)
class Filter:
    """`name` is the parameter in links and never changes. `label` says what a value means, None
    when it means nothing any more."""

    name: str
    title: str | Promise
    offered: Callable[[Asked], Choices]
    label: Callable[[str], str | None]
    narrow: Callable[[Customers, str, Asked], Customers]


def with_any(customers: Customers, rows: QuerySet[Any]) -> Customers:
    """Customers that any of these rows of another table (with a `customer`) belongs to."""
    few = list(rows.order_by().values_list("customer", flat=True)[: RARE + 1])
    if len(few) <= RARE:
        return customers.filter(pk__in=set(few))
    return customers.filter(Exists(rows.filter(customer=OuterRef("pk"))))


def without_any(customers: Customers, rows: QuerySet[Any]) -> Customers:
    return customers.filter(~Exists(rows.filter(customer=OuterRef("pk"))))


def _fixed(choices: Iterable[tuple[str, Any]]) -> tuple[Any, Any]:
    """What is offered and the label of a filter with a closed list of values."""
    known = dict(choices)
    return (
        lambda asked: [(value, str(label)) for value, label in known.items()],
        lambda value: str(known[value]) if value in known else None,
    )


# Owner -------------------------------------------------------------------------------------------


def _owners(asked: Asked) -> Choices:
    """Who works here, and who left and still has customers."""
    owned = Customer.objects.filter(owner=OuterRef("pk"))
    others = User.objects.exclude(pk=asked.user.pk).filter(Q(is_active=True) | Exists(owned))
    return [
        (ME, _("me")),
        (NOBODY, _("nobody")),
        *((str(user.pk), str(user)) for user in others.order_by("first_name", "username")),
    ]


def _owner(value: str) -> str | None:
    if value in (ME, NOBODY):
        return _("me") if value == ME else _("nobody")
    owner = User.objects.filter(pk=value).first() if is_key(value) else None
    return str(owner) if owner else None


def _of_owner(customers: Customers, value: str, asked: Asked) -> Customers:
    if value == NOBODY:
        return customers.filter(owner__isnull=True)
    return customers.filter(owner=asked.user.pk if value == ME else UUID(value))


# Source, country, tag ----------------------------------------------------------------------------


def _sources(asked: Asked) -> Choices:
    sources = Source.objects.order_by("name").values_list("pk", "name")
    return [(NONE, _("none")), *((str(key), name) for key, name in sources)]


def _source(value: str) -> str | None:
    if value == NONE:
        return _("none")
    source = Source.objects.filter(pk=value).first() if is_key(value) else None
    return source.name if source else None


def _of_source(customers: Customers, value: str, asked: Asked) -> Customers:
    if value == NONE:
        return customers.filter(source__isnull=True)
    return customers.filter(source=UUID(value))


def _countries(asked: Asked) -> Choices:
    named = ((code, country_name(code)) for code in countries_present())
    return [(NONE, _("none")), *sorted(named, key=lambda pair: pair[1])]


def _country(value: str) -> str | None:
    if value == NONE:
        return _("none")
    known = len(value) == 2 and value.isascii() and value.isupper()
    return country_name(value) if known else None


def _tags(asked: Asked) -> Choices:
    words = distinct_values(CustomerTag, "word", most=100)
    return [*((word, word) for word in words), (NONE, _("none"))]


def _tag(value: str) -> str | None:
    if value == NONE:
        return _("none")
    possible = 0 < len(value) <= LONGEST_TAG and value.isprintable()
    return value if possible and CustomerTag.objects.filter(word=value).exists() else None


def _of_tag(customers: Customers, value: str, asked: Asked) -> Customers:
    if value == NONE:
        return customers.filter(tags="")
    return with_any(customers, CustomerTag.objects.filter(word=value))


# Times -------------------------------------------------------------------------------------------

CREATED = {
    "today": gettext_lazy("today"),
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("in the last 90 days"),
    "year": gettext_lazy("in the last 365 days"),
}
WEEK_OF = "week-"


def _created(value: str) -> str | None:
    if value in CREATED:
        return str(CREATED[value])
    monday = _week(value)
    return _("in the week of %(day)s") % {"day": f"{monday:%Y-%m-%d}"} if monday else None


def _week(value: str) -> date | None:
    """The day of "week-2026-11-16", for a plot whose columns are weeks."""
    try:
        found = date.fromisoformat(value.removeprefix(WEEK_OF)) if WEEK_OF in value else None
    except ValueError:
        return None
    return found if found and 1900 <= found.year < 2200 else None


def _when_created(customers: Customers, value: str, asked: Asked) -> Customers:
    """Nobody was changed before they were made: the order of the list ends the search early."""
    today = timezone.localtime(asked.at).date()
    week = _week(value)
    since = (
        week
        or {
            "today": today,
            "week": today - timedelta(days=today.weekday()),
            "month": today.replace(day=1),
            "quarter": today - timedelta(days=90),
            "year": today - timedelta(days=365),
        }[value]
    )
    begin = timezone.make_aware(datetime.combine(since, time.min))
    customers = customers.filter(created_at__gte=begin, updated_at__gte=begin)
    return customers.filter(created_at__lt=begin + timedelta(days=7)) if week else customers


CONTACT = {
    "within30": gettext_lazy("in the last 30 days"),
    "over30": gettext_lazy("not for 30 days"),
    "over90": gettext_lazy("not for 90 days"),
    "over180": gettext_lazy("not for half a year"),
    "over365": gettext_lazy("not for a year"),
    "never": gettext_lazy("never"),
    # Stretches that share nobody, for a plot whose bars add up.
    "days-7": gettext_lazy("in the last 7 days"),
    "days-30": gettext_lazy("8 to 30 days ago"),
    "days-90": gettext_lazy("31 to 90 days ago"),
    "before-90": gettext_lazy("more than 90 days ago"),
}
BEFORE = {"days-7": 0, "days-30": 7, "days-90": 30, "before-90": 90}


def _when_contacted(customers: Customers, value: str, asked: Asked) -> Customers:
    talks = Interaction.objects.all()
    if value == "never":
        return without_any(customers, talks)
    if value in BEFORE:
        return _last_spoken_to(customers, value, asked.at)
    days = int(value.removeprefix("within").removeprefix("over"))
    talks = talks.filter(happened_at__gte=asked.at - timedelta(days=days))
    if value.startswith("over"):
        return without_any(customers, talks)
    return customers.filter(Exists(talks.filter(customer=OuterRef("pk"))))


def _last_spoken_to(customers: Customers, value: str, at: datetime) -> Customers:
    talks = Interaction.objects.filter(customer=OuterRef("pk"))
    since = value.removeprefix("days-")
    if since.isdecimal():
        customers = customers.filter(
            Exists(talks.filter(happened_at__gte=at - timedelta(days=int(since))))
        )
    else:
        customers = customers.filter(Exists(talks))
    if later := BEFORE[value]:
        newer = talks.filter(happened_at__gte=at - timedelta(days=later))
        customers = customers.filter(~Exists(newer))
    return customers


# What there is to do, and what is missing --------------------------------------------------------

FOLLOW_UPS = {
    "open": gettext_lazy("open"),
    "overdue": gettext_lazy("overdue"),
    NONE: gettext_lazy("none open"),
}
MISSING = {
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("phone"),
    "both": gettext_lazy("e-mail and phone"),
}


def _with_follow_up(customers: Customers, value: str, asked: Asked) -> Customers:
    open_ones = FollowUp.objects.filter(done_at__isnull=True)
    if value == NONE:
        return without_any(customers, open_ones)
    if value == "overdue":
        open_ones = open_ones.filter(due_at__lt=asked.at)
    return with_any(customers, open_ones)


def _without(customers: Customers, value: str, asked: Asked) -> Customers:
    """Neither as the first nor as a further one."""
    for field, kind in (("email", ContactKind.EMAIL), ("phone", ContactKind.PHONE)):
        if value in (field, "both"):
            missing = Customer.objects.filter(**{f"{field}_index__isnull": True})
            few = list(missing.order_by().values_list("pk", flat=True)[: RARE + 1])
            if len(few) <= RARE:
                customers = customers.filter(pk__in=few)
            customers = customers.filter(**{f"{field}__isnull": True})
            customers = without_any(customers, ContactPoint.objects.filter(kind=kind))
    return customers


# All of them -------------------------------------------------------------------------------------


def _equal(field: str) -> Callable[[Customers, str, Asked], Customers]:
    return lambda customers, value, asked: customers.filter(
        **{field: "" if value == NONE else value}
    )


_ALL = (
    Filter("stage__exact", gettext_lazy("stage"), *_fixed(Stage.choices), _equal("stage")),
    Filter("kind__exact", gettext_lazy("kind"), *_fixed(Kind.choices), _equal("kind")),
    Filter("owner", gettext_lazy("owner"), _owners, _owner, _of_owner),
    Filter("tag", gettext_lazy("tag"), _tags, _tag, _of_tag),
    Filter("country", gettext_lazy("country"), _countries, _country, _equal("country")),
    Filter("source", gettext_lazy("source"), _sources, _source, _of_source),
    Filter("created", gettext_lazy("created"), _fixed(CREATED.items())[0], _created, _when_created),
    Filter("last_contact", gettext_lazy("last contact"), *_fixed(CONTACT.items()), _when_contacted),
    Filter("follow_up", gettext_lazy("follow-up"), *_fixed(FOLLOW_UPS.items()), _with_follow_up),
    Filter("without", gettext_lazy("without"), *_fixed(MISSING.items()), _without),
)
FILTERS: dict[str, Filter] = {one.name: one for one in _ALL}


def narrow(customers: Customers, name: str, value: str, asked: Asked) -> Customers:
    """The customers of `customers` that fit; nobody where the filter or its value means nothing."""
    known = FILTERS.get(name)
    if known is None or known.label(value) is None:
        return customers.none()
    return known.narrow(customers, value, asked)


def is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
