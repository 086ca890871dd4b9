"""Further e-mails, phones and messengers: what a row says of them, and what is new about it.

The first e-mail and the first phone of a customer stand on the customer; each other one is a
contact point of its own. A row that only has further ones has its first for the main one, but it
never pushes out a main one that the customer has.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from customers.contact_values import account
from customers.models import ContactPoint, Customer
from customers.models.choices import ContactKind, ContactUse, Messenger
from quality.contact_columns import kind_columns, messenger_of, use_of
from quality.headers import FURTHER
from quality.pipeline import Further as Cell

KIND_OF_FIELD = {
    "further_email": ContactKind.EMAIL.value,
    "further_phone": ContactKind.PHONE.value,
    "messenger": ContactKind.MESSENGER.value,
}
MAIN_FIELDS = tuple(FURTHER)
LONGEST = {ContactKind.PHONE.value: 32}
LONGEST_VALUE = 254
USES = frozenset(ContactUse.values)
MESSENGERS = frozenset(Messenger.values)
POINT_INDEX: Any = ContactPoint._meta.get_field("value_index")
MAIN_INDEX: dict[str, Any] = {
    name: Customer._meta.get_field(f"{name}_index") for name in MAIN_FIELDS
}


@dataclass(slots=True, eq=False)
class Further:
    """One further contact point that a row states."""

    kind: str
    value: str
    use: str = ""
    messenger: str = ""
    # Blind indexes under every index key in use, the active key's first: as a contact point, and
    # as the e-mail or phone of a customer (none for a messenger).
    digests: tuple[bytes, ...] = ()
    main_digests: tuple[bytes, ...] = ()

    def as_list(self) -> list[str]:
        return [self.kind, self.value, self.use, self.messenger]

    def said(self) -> list[str]:
        """What it is recognised by: for what it is used is no other contact point."""
        return [self.kind, self.value, self.messenger]


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point the customer has, as far as comparing it goes."""

    kind: str
    messenger: str
    digest: bytes
    key: UUID | None = None
    updated_at: datetime | None = None


def further_from(cell: Cell, cells: Mapping[str, str], country: str) -> Further:
    """The contact point in a cell; use and messenger are what the name of its column says, or
    another cell of the row that is there for that."""
    kind, column, value = KIND_OF_FIELD[cell.field], cell.column, cell.value
    if kind != ContactKind.MESSENGER:
        said = (use_of(cells[name]) for name in kind_columns(column) if name in cells)
        use = use_of(column) or next(said, "")
        return Further(kind, value, use if use in USES else "")
    messenger = messenger_of(column) or _named_in(value)
    if messenger not in MESSENGERS:
        messenger = Messenger.OTHER.value
    return Further(kind, account(value, messenger, country), "", messenger)


def _named_in(value: str) -> str:
    """The messenger a cell names itself: "WeChat: zhangwei"."""
    name, colon, _rest = value.replace("：", ":").partition(":")
    return messenger_of(name) if colon else ""


def settle(stated: Iterable[Further]) -> list[Further]:
    """Each once, with its indexes; one whose value is nothing but signs is none."""
    kept: dict[tuple[str, str, bytes], Further] = {}
    for one in stated:
        one.digests = POINT_INDEX.digests(one.value)
        if not one.digests:
            continue
        if index := MAIN_INDEX.get(one.kind):
            one.main_digests = index.digests(one.value)
        kept.setdefault((one.kind, one.messenger, one.digests[0]), one)
    return list(kept.values())


def promoted(values: Mapping[str, Any], further: Iterable[Further]) -> dict[str, str]:
    """The first further e-mail and phone of a row that has no main one."""
    firsts: dict[str, str] = {}
    for one in further:
        if one.kind in MAIN_INDEX and one.kind not in values:
            firsts.setdefault(one.kind, one.value)
    return firsts


def new_to(
    further: Iterable[Further], mains: Mapping[str, Iterable[bytes]], points: Iterable[Point]
) -> list[Further]:
    """Of these the ones that are neither the customer's main one nor a contact point already."""
    has = {(point.kind, point.messenger, point.digest) for point in points}
    return [
        one
        for one in further
        if has.isdisjoint((one.kind, one.messenger, digest) for digest in one.digests)
        and set(one.main_digests).isdisjoint(mains.get(one.kind, ()))
    ]


def is_among(kind: str, value: str, points: Iterable[Point]) -> bool:
    """Whether the customer has this e-mail or phone as a further one."""
    digests = POINT_INDEX.digests(value)
    return any(point.kind == kind and point.digest in digests for point in points)


def as_text(further: Iterable[Further]) -> str:
    """What identifies a row beside its values."""
    return json.dumps([one.said() for one in further], ensure_ascii=False)
