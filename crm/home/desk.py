"""What people who look after customers begin their day with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.home.parts import Part, list_of
from customers import desk
from customers.models import Customer, RecentlySeen
from staff.models import User
from staff.roles import Role, roles_of

LOOK_AFTER_CUSTOMERS = frozenset({Role.SALES, Role.SERVICE})
SHOWN = 6


def looks_after_customers(user: User) -> bool:
    return bool(roles_of(user) & LOOK_AFTER_CUSTOMERS)


def my_day(user: User) -> Part | None:
    """Overdue, today and this week; for others than sales and service only if there is any."""
    if not user.has_perm("customers.change_followup"):
        return None
    day = desk.my_day(user)
    if day.empty and not looks_after_customers(user):
        return None
    return Part("my_day", _("My day"), {"day": day})


def recently_seen(user: User) -> Part | None:
    if not user.has_perm("customers.view_customer"):
        return None
    seen = RecentlySeen.objects.filter(user=user, customer__binned_at__isnull=True)
    found = list(seen.select_related("customer").order_by("-seen_at")[:SHOWN])
    if not found:
        return None
    return Part("recently_seen", _("Recently seen"), {"seen": found})


def mine(user: User) -> Part | None:
    """The customers of whoever looks, the last touched first."""
    if not looks_after_customers(user):
        return None
    found = Customer.objects.filter(owner_id=user.pk).order_by("-updated_at", "-pk")
    where = f"{list_of('customers_customer')}?owner=me"
    return Part("mine", _("My customers"), {"customers": list(found[:SHOWN]), "all": where})
