"""My day: what somebody has to do, overdue first. Read by the home page and the sidebar.

A customer in the bin takes its follow-ups along and brings them back: nothing about them changes,
they are only not asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from audit.disclosure import shown
from customers import due
from customers.models import Customer, FollowUp
from customers.reach import link_for, spaced
from staff.models import User

SHOWN = 8
# The sidebar says "99+": beyond that nobody counts, and the database need not.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Item:
    """One follow-up, ready to show to the person it was read for."""

    key: UUID
    what: str
    due_at: datetime
    due_words: str
    due_exactly: str
    overdue: bool
    customer_name: str
    customer_number: str
    customer_url: str
    phone: str
    phone_link: str
    done_url: str
    change_url: str


@dataclass(frozen=True)
class Part:
    """The first few of what is due in one stretch of time, and how many there are."""

    count: int
    items: list[Item]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.items)


@dataclass(frozen=True)
class MyDay:
    overdue: Part
    today: Part
    this_week: Part
    later: int
    calendar_url: str

    @property
    def empty(self) -> bool:
        return not (self.overdue.count or self.today.count or self.this_week.count)


def open_of(user: User) -> QuerySet[FollowUp]:
    """What this person still has to do, for customers who are there."""
    follow_ups: QuerySet[FollowUp] = FollowUp.objects.filter(
        assigned_to=user, done_at__isnull=True, customer__binned_at__isnull=True
    )
    return follow_ups


def my_day(user: User, now: datetime | None = None, shown_at_most: int = SHOWN) -> MyDay:
    """Four queries, whatever there is to do."""
    here = due.bounds(now)
    parts = {
        "overdue": Q(due_at__lt=here.now),
        "today": Q(due_at__gte=here.now, due_at__lte=here.end_of_today),
        "this_week": Q(due_at__gt=here.end_of_today, due_at__lte=here.end_of_week),
    }
    later = Q(due_at__gt=max(here.end_of_week, here.end_of_today))
    mine = open_of(user)
    counts = mine.order_by().aggregate(
        **{name: Count("pk", filter=which) for name, which in parts.items()},
        later=Count("pk", filter=later),
    )
    made = {
        name: Part(
            counts[name],
            _items(user, mine.filter(which), here.now, shown_at_most) if counts[name] else [],
            f"{reverse('admin:customers_followup_changelist')}?due={name}",
        )
        for name, which in parts.items()
    }
    calendar = reverse("admin:customers_followup_calendar")
    return MyDay(**made, later=counts["later"], calendar_url=calendar)


def open_follow_ups(user: User, now: datetime | None = None) -> int:
    """How many are overdue or due today, for the badge; 100 stands for "many"."""
    if not user.has_perm("customers.view_followup"):
        return 0
    waiting = open_of(user).filter(due_at__lte=due.bounds(now).end_of_today)
    return waiting.order_by()[:MOST_COUNTED].count()


def badge(user: User) -> str:
    """The same for the sidebar: nothing where nothing waits."""
    count = open_follow_ups(user)
    return "" if not count else "99+" if count >= MOST_COUNTED else str(count)


def _items(user: User, follow_ups: Any, now: datetime, most: int) -> list[Item]:
    chosen = follow_ups.select_related("customer__owner").order_by("due_at", "pk")[:most]
    return [_item(user, one, now) for one in chosen]


def _item(user: User, one: FollowUp, now: datetime) -> Item:
    customer: Customer = one.customer
    return Item(
        key=one.pk,
        what=shown(user, one, "what"),
        due_at=one.due_at,
        due_words=due.in_words(one.due_at, now),
        due_exactly=due.exactly(one.due_at),
        overdue=one.due_at < now,
        customer_name=customer.display_name or customer.number,
        customer_number=customer.number,
        customer_url=reverse("admin:customers_customer_change", args=[customer.pk]),
        phone=spaced(shown(user, customer, "phone")),
        phone_link=link_for(customer, user, "phone", "tel"),
        done_url=reverse("admin:customers_followup_done", args=[one.pk]),
        change_url=reverse("admin:customers_followup_change", args=[one.pk]),
    )
