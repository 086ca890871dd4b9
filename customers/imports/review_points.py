"""Further contact points of a row that waits: beside those the customer has, and taken over."""

from dataclasses import dataclass

from django.utils.text import capfirst

from audit.disclosure import EMPTY, level, shown, shown_value
from customers.imports.further import MAIN_INDEX, POINT_INDEX, Further, Point, new_to
from customers.imports.rows import FileRow
from customers.models import ContactPoint, Customer
from encryption.errors import CannotOpen
from staff.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """One field, existing beside incoming. `same`: equal, so nothing to compare."""

    label: str
    existing: str
    incoming: str
    same: bool


def lines(said: FileRow, customer: Customer | None, user: User) -> list[Line]:
    """Each contact point of either side; what both have stands in one line."""
    points = list(customer.contact_points.all()) if customer else []
    left = {point.pk: point for point in points}
    compared = []
    for one in said.further:
        has = next((p for p in left.values() if _is(p, one)), None)
        if has is not None:
            del left[has.pk]
        elif one.kind in said.promoted and said.values[one.kind] == one.value:
            continue  # it stands beside the main one already
        compared.append(_line(one, has, customer, user))
    return compared + [_line(None, point, customer, user) for point in left.values()]


def add(said: FileRow, customer: Customer) -> int:
    """Give the customer the contact points of the row that it does not have; how many."""
    points = [_as_point(point) for point in customer.contact_points.all()]
    mains = {name: _digests(customer, name) for name in MAIN_INDEX}
    new = new_to(said.further, mains, points)
    for one in new:
        ContactPoint(
            customer=customer,
            kind=one.kind,
            messenger=one.messenger,
            use=one.use,
            value=one.value,
        ).save()
    return len(new)


def _line(
    one: Further | None, has: ContactPoint | None, customer: Customer | None, user: User
) -> Line:
    point = has or ContactPoint(kind=one.kind, messenger=one.messenger) if one else has
    if point is None:
        raise TypeError("A line shows a contact point of one of the two sides.")
    use = (has.get_use_display() if has else "") or (str(_use_label(one.use)) if one else "")
    label = ", ".join(filter(None, (capfirst(str(point)), use)))
    existing = str(shown(user, has, "value")) if has else ""
    incoming = ""
    if one is not None:
        whole = ContactPoint(customer=customer) if customer else None
        allowed = level(user, ContactPoint, "value", has or whole)
        incoming = str(shown_value(POINT_INDEX.source_field, one.value, row=None, allowed=allowed))
    return Line(label, existing or EMPTY, incoming or EMPTY, one is not None and has is not None)


def _use_label(use: str) -> object:
    return dict(ContactPoint.Use.choices).get(use, "")


def _is(point: ContactPoint, one: Further) -> bool:
    mine = _as_point(point)
    return (mine.kind, mine.messenger) == (one.kind, one.messenger) and mine.digest in one.digests


def _as_point(point: ContactPoint) -> Point:
    return Point(point.kind, point.messenger, bytes(point.value_index or b""))


def _digests(customer: Customer, name: str) -> tuple[bytes, ...]:
    try:
        value = getattr(customer, name)
    except CannotOpen:
        return ()
    digests: tuple[bytes, ...] = MAIN_INDEX[name].digests(value) if value else ()
    return digests
