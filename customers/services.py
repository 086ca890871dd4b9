"""What is done with customers as a whole: into the bin and back, and who might be the same."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.context import acting, current
from customers.models import ContactPoint, Customer, CustomerQuerySet
from staff.models import User


@transaction.atomic
def bin_customers(*, actor: User, customers: CustomerQuerySet, reason: str) -> int:
    """Move customers to the bin; those already there stay as they are. Returns how many moved.

    Nothing of them is lost: names, numbers, sources and history come back with them.
    """
    with acting(actor=actor, door=current().door, reason=reason):
        return customers.visible().audited_set(binned_at=timezone.now())


@transaction.atomic
def restore_customers(*, actor: User, customers: CustomerQuerySet, reason: str = "") -> int:
    """Bring customers back from the bin, whole. Returns how many came back."""
    with acting(actor=actor, door=current().door, reason=reason):
        return customers.in_bin().audited_set(binned_at=None)


def possible_duplicates(
    *, email: str | None, phone: str | None, but: Iterable[object] = (), most: int = 5
) -> list[Customer]:
    """Customers with exactly this e-mail or phone, also as a further one; the oldest first."""
    same = Q()
    for field, value in (("email", email), ("phone", phone)):
        if value:
            further = ContactPoint.objects.filter(kind=field, value=value)
            keys = list(further.values_list("customer", flat=True)[: most + 1])
            same |= Q(**{field: value}) | Q(pk__in=keys)
    if not same:
        return []
    return list(Customer.objects.filter(same).exclude(pk__in=list(but)).order_by("pk")[:most])
