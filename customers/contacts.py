"""Further contact points and addresses: adding, changing, confirming, and which is the main one.

The first e-mail, phone and address of a customer are fields of the customer. One of the others
becomes the main one by changing places with it, in one transaction and with the history of both.

Whatever is done here, the customer's row is locked first: two people at one customer go one after
the other, and the second is told what the first did instead of undoing it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.context import acting, current
from customers.errors import NotPossible
from customers.models import Address, ContactPoint, Customer
from customers.models.choices import ContactKind
from encryption.errors import CannotOpen
from encryption.normal_forms import contact_v1
from staff.models import User

MAIN_FIELDS = {ContactKind.EMAIL: "email", ContactKind.PHONE: "phone"}
PLACE = ("street", "postal_code", "city", "region", "country")


@contextmanager
def held(key: UUID, actor: User) -> Iterator[Customer]:
    """The customer as stored, whom nobody else changes until the block ends."""
    with (
        transaction.atomic(),
        acting(actor=actor, door=current().door, reason=current().reason),
    ):
        Customer.with_bin.filter(pk=key).lock()
        customer = Customer.with_bin.select_related("owner").filter(pk=key).first()
        if customer is None:
            raise NotPossible(_("This customer is not there any more."))
        if customer.in_bin:
            raise NotPossible(
                _("This customer is in the bin. Bring them back before you change anything.")
            )
        yield customer


def save_point(*, actor: User, point: ContactPoint) -> None:
    """Add or change a contact point; raises NotPossible for what the customer has already.

    A changed value was not confirmed yet, and of each kind one alone is the preferred one.
    """
    with held(point.customer_id, actor) as customer:
        changed = point.changed_fields()
        if {"kind", "value", "messenger"} & set(changed):
            value = _opened(point, "value")
            if has_already(customer, point.kind, value, point.messenger, but=point.pk):
                raise NotPossible(_("This customer has exactly this already."))
            if "verified_at" not in changed:
                point.verified_at = None
        if point.primary:
            _prefer_no_other(point)
        point.save()


def save_address(*, actor: User, address: Address) -> None:
    """Add or change an address; a changed place was not confirmed yet."""
    with held(address.customer_id, actor) as customer:
        changed = set(address.changed_fields())
        if changed & set(PLACE):
            if not any(_opened(address, name) for name in PLACE):
                raise NotPossible(_("Write at least the city."))
            if has_address(customer, address):
                raise NotPossible(_("This customer has exactly this address already."))
            if "verified_at" not in changed:
                address.verified_at = None
        address.save()


def remove(*, actor: User, row: ContactPoint | Address, seen: datetime | None = None) -> None:
    """Delete a contact point or an address; its history stays."""
    with held(row.customer_id, actor):
        _present(row, seen).delete()


def verify(*, actor: User, row: ContactPoint | Address, seen: datetime | None = None) -> None:
    """Note that it reaches the customer, as of now."""
    with held(row.customer_id, actor):
        present = _present(row, seen)
        present.verified_at = timezone.now()
        present.save()


def verify_customer(*, actor: User, customer: Customer, seen: datetime | None = None) -> None:
    """Note that what stands on the customer is right, as of now."""
    with held(customer.pk, actor) as present:
        _not_changed(present, seen)
        present.last_confirmed_at = timezone.now()
        present.save()


def prefer(*, actor: User, point: ContactPoint, seen: datetime | None = None) -> None:
    """Make it the one to try first among the further ones of its kind."""
    with held(point.customer_id, actor):
        present: Any = _present(point, seen)
        _prefer_no_other(present)
        present.primary = True
        present.save()


def make_main(*, actor: User, point: ContactPoint, seen: datetime | None = None) -> None:
    """Exchange a further e-mail or phone with the customer's own; without one it moves there.

    What cannot be opened is moved nowhere: under another row's name it would be lost.
    """
    with held(point.customer_id, actor) as customer:
        present: Any = _present(point, seen)
        field = MAIN_FIELDS.get(present.kind)
        if field is None:
            raise NotPossible(_("Only an e-mail address or a phone number can be the main one."))
        try:
            own, further = getattr(customer, field), present.value
        except CannotOpen:
            raise NotPossible(_("One of the two values cannot be opened.")) from None
        setattr(customer, field, further)
        customer.save()
        if own is None:
            present.delete()
            return
        present.value = own
        present.use, present.verified_at, present.primary = "", None, False
        present.save()


def make_main_address(*, actor: User, address: Address, seen: datetime | None = None) -> None:
    """Exchange a further address with the customer's own; without one it moves there."""
    with held(address.customer_id, actor) as customer:
        present: Any = _present(address, seen)
        try:
            own = {name: getattr(customer, name) for name in PLACE}
            further = {name: getattr(present, name) for name in PLACE}
        except CannotOpen:
            raise NotPossible(_("The street of one of the two cannot be opened.")) from None
        for name in PLACE:
            setattr(customer, name, further[name])
            setattr(present, name, own[name])
        customer.save()
        if not any(own.values()):
            present.delete()
            return
        present.use, present.verified_at = Address.Use.OTHER, None
        present.save()


def has_already(
    customer: Customer, kind: str, value: str, messenger: str = "", but: Any = None
) -> bool:
    """Whether the customer is reached by exactly this already, as the main one or a further one."""
    if field := MAIN_FIELDS.get(kind):  # type: ignore[call-overload]
        own = _opened(customer, field)
        if own and contact_v1(own) == contact_v1(value):
            return True
    same = customer.contact_points.filter(kind=kind, messenger=messenger, value=value)
    return same.exclude(pk=but).exists()


def has_address(customer: Customer, address: Address) -> bool:
    """Whether the customer has this place already; spelling in capitals is no other place."""
    wanted = _place(address)
    others: Iterable[Any] = customer.addresses.exclude(pk=address.pk)
    return any(_place(one) == wanted for one in (customer, *others))


def possible_duplicates(
    *reached: tuple[str, str | None, str], but: Any = None, most: int = 5
) -> list[Customer]:
    """Other customers outside the bin who are reached by exactly one of these, as the main one or
    a further one; the oldest first. `reached` are kind, value and messenger of each."""
    keys: set[UUID] = set()
    for kind, value, messenger in reached:
        if not value:
            continue
        further = ContactPoint.objects.filter(kind=kind, messenger=messenger, value=value)
        keys.update(further.values_list("customer", flat=True)[: most + 1])
        if field := MAIN_FIELDS.get(kind):  # type: ignore[call-overload]
            own = Customer.objects.filter(**{field: value}).order_by("pk")
            keys.update(own.values_list("pk", flat=True)[: most + 1])
    if not keys:
        return []
    return list(Customer.objects.filter(pk__in=keys).exclude(pk=but).order_by("pk")[:most])


def _present(row: Any, seen: datetime | None) -> Any:
    """The row as stored now; refused when it is not what somebody saw when they decided."""
    present = type(row).objects.select_related("customer__owner").filter(pk=row.pk).first()
    if present is None:
        raise NotPossible(_("Somebody removed this meanwhile."))
    _not_changed(present, seen)
    return present


def _not_changed(present: Any, seen: datetime | None) -> None:
    if seen is not None and present.updated_at != seen:
        who = present.history.order_by("-history_date", "-history_id").first()
        raise NotPossible(
            _("%(who)s changed this while you looked at it. See what stands there now.")
            % {"who": who.history_actor if who else _("Somebody")}
        )


def _prefer_no_other(point: ContactPoint) -> None:
    others = ContactPoint.objects.filter(
        customer_id=point.customer_id, kind=point.kind, primary=True
    )
    others.exclude(pk=point.pk).audited_set(primary=False)


def _opened(row: Any, field: str) -> str:
    try:
        return getattr(row, field) or ""
    except CannotOpen:
        return ""


def _place(row: Customer | Address) -> tuple[str, ...]:
    return tuple(_opened(row, name).casefold() for name in PLACE)
