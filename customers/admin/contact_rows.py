"""All ways to reach a customer, the main ones first, as far as whoever looks may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.disclosure import Level, level, shown, shown_value
from customers.admin.summary import link_for, spaced
from customers.contacts import MAIN_FIELDS, PLACE
from customers.models import Address, ContactPoint, Customer
from customers.models.choices import ContactKind, country_name
from encryption.errors import CannotOpen
from encryption.sealed import Sealed, sealed_values
from staff.models import User

SCHEMES = {ContactKind.EMAIL: "mailto", ContactKind.PHONE: "tel"}


@dataclass(frozen=True)
class Reach:
    """One line of the list. `link` and `copy` are empty unless the value is shown in clear;
    nor can anybody verify what they cannot read."""

    kind: str
    label: str
    value: str
    link: str
    copy: str
    use: str
    main: bool
    preferred: bool
    verified_at: datetime | None
    seen: str
    readable: bool
    url: str = ""

    @property
    def may_become_main(self) -> bool:
        return not self.main and self.kind in MAIN_FIELDS


@dataclass(frozen=True)
class Place:
    """One address, its street as far as it may be seen."""

    label: str
    street: str
    town: str
    region: str
    country: str
    main: bool
    verified_at: datetime | None
    seen: str
    readable: bool
    url: str = ""


def reaches_of(customer: Customer, user: User) -> list[Reach]:
    """E-mails, phones and messengers; one query, however many there are."""
    points = list(customer.contact_points.all())
    allowed = level(user, ContactPoint, "value", _with(customer))
    own = {
        kind: _main(customer, user, kind, field)
        for kind, field in MAIN_FIELDS.items()
        if _is_there(customer, field)
    }
    start = _start(customer, "contactpoint")
    found: dict[str, list[Reach]] = {kind: [] for kind in ContactKind.values}
    for kind, reach in own.items():
        found[kind].append(reach)
    for point in points:
        found[point.kind].append(_further(point, allowed, start))
    return [reach for reaches in found.values() for reach in reaches]


def places_of(customer: Customer, user: User) -> list[Place]:
    """The customer's own address first, if there is one."""
    readable = level(user, Customer, "street", customer) is Level.CLEAR
    places = []
    if any(_is_there(customer, name) for name in PLACE):
        street = shown(user, customer, "street")
        moment, stamp = customer.last_confirmed_at, _stamp(customer)
        lines = _lines(customer, street)
        places.append(Place(_("Main address"), *lines, True, moment, stamp, readable))
    start = _start(customer, "address")
    for address in customer.addresses.all():
        address.customer = customer  # its scope is the customer's: no query for each
        places.append(
            Place(
                address.get_use_display(),
                *_lines(address, shown(user, address, "street")),
                False,
                address.verified_at,
                _stamp(address),
                readable,
                f"{start}{address.pk}/",
            )
        )
    return places


def _main(customer: Customer, user: User, kind: ContactKind, field: str) -> Reach:
    link = link_for(customer, user, field, SCHEMES[kind])
    return Reach(
        kind=kind,
        label=str(kind.label),
        value=spaced(shown(user, customer, field)),
        link=link,
        copy=getattr(customer, field) if link else "",
        use="",
        main=True,
        preferred=False,
        verified_at=customer.last_confirmed_at,
        seen=_stamp(customer),
        readable=level(user, Customer, field, customer) is Level.CLEAR,
    )


def _further(point: ContactPoint, allowed: Level, start: str) -> Reach:
    with sealed_values():
        sealed: Any = point.value
    value = str(shown_value(point._meta.get_field("value"), sealed, row=point.pk, allowed=allowed))
    clear = _clear(sealed, point.pk) if allowed is Level.CLEAR else ""
    scheme = SCHEMES.get(ContactKind(point.kind), "")
    return Reach(
        kind=point.kind,
        label=str(point),
        value=spaced(value),
        link=f"{scheme}:{quote(clear, safe='+@')}" if scheme and clear else "",
        copy=clear,
        use=point.get_use_display(),
        main=False,
        preferred=point.primary,
        verified_at=point.verified_at,
        seen=_stamp(point),
        readable=allowed is Level.CLEAR,
        url=f"{start}{point.pk}/",
    )


def _start(customer: Customer, model: str) -> str:
    """How the addresses of all its rows begin: looking up each would take as long as the rest."""
    adding = reverse(f"admin:customers_customer_{model}_add", args=[customer.pk])
    return adding.removesuffix("add/")


def _with(customer: Customer) -> ContactPoint:
    """Any row of the customer: all are as near as the customer is."""
    return ContactPoint(customer=customer)


def _clear(sealed: Any, row: Any) -> str:
    if not isinstance(sealed, Sealed):
        return sealed or ""
    try:
        return str(sealed.open(row=row) or "")
    except CannotOpen:
        return ""


def _is_there(customer: Customer, field: str) -> bool:
    """Whether there is a value, without opening it."""
    with sealed_values():
        return bool(getattr(customer, field))


def _lines(row: Customer | Address, street: str) -> tuple[str, str, str, str]:
    town = " ".join(filter(None, (row.postal_code, row.city)))
    return street, town, row.region, country_name(row.country)


def _stamp(row: Any) -> str:
    return row.updated_at.isoformat()
