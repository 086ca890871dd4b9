"""Reads the customers of an export, some hundred at a time, each value as its reader may see it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from audit.disclosure import CANNOT_BE_OPENED, Level, shown_value
from customers.exports.columns import Column, Disclosure, field_of
from customers.models import Address, ContactPoint, Customer, FollowUp, Interaction
from customers.models.choices import ContactKind, Messenger
from customers.selection import Selection
from staff.models import User

AT_ONCE = 500
KEY_BYTES = 16
BETWEEN = "; "
UNOPENABLE = "unopenable"
Value = str | int | datetime | None
KINDS = {
    "further_email": ContactKind.EMAIL,
    "further_phone": ContactKind.PHONE,
    "messenger": ContactKind.MESSENGER,
}


@dataclass
class Disclosed:
    """How many values went out how, by protected column; empty ones are none."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, column: str, how: str) -> None:
        self.counts.setdefault(column, Counter())[how] += 1

    def as_json(self) -> dict[str, dict[str, int]]:
        return {column: dict(counts) for column, counts in sorted(self.counts.items())}


class Keys:
    """Who was meant when the export began: 16 bytes each, so that a million stay small.

    Nothing is read ahead of the database: who was thrown into the bin meanwhile is left out.
    """

    def __init__(self, selection: Selection, reader: User) -> None:
        packed = bytearray()
        keys = selection.customers(reader).order_by("pk").values_list("pk", flat=True)
        for key in keys.iterator(chunk_size=5_000):
            packed += key.bytes
        self._packed = bytes(packed)

    def __len__(self) -> int:
        return len(self._packed) // KEY_BYTES

    def portions(self) -> Iterator[list[UUID]]:
        size = AT_ONCE * KEY_BYTES
        for start in range(0, len(self._packed), size):
            part = self._packed[start : start + size]
            yield [
                UUID(bytes=part[place : place + KEY_BYTES])
                for place in range(0, len(part), KEY_BYTES)
            ]


class RowReader:
    """Rows of an export in the order of its columns."""

    def __init__(self, columns: Sequence[Column], reader: User) -> None:
        self.columns = columns
        self.names = [column.name for column in columns]
        self.disclosure = Disclosure(reader, columns)
        self.disclosed = Disclosed()
        self.paths = [column.path for column in columns if column.path]

    def read(self, keys: Sequence[UUID]) -> list[list[Value]]:
        """The rows of these customers, in the order of their keys; a few queries in all."""
        found = Customer.objects.filter(pk__in=keys).order_by("pk")
        rows = found.values_list("pk", "owner_id", *self.paths)
        beside = self._beside(keys)
        return [self._row(row, beside) for row in rows]

    def _row(self, row: Sequence[Any], beside: dict[str, dict[UUID, Any]]) -> list[Value]:
        key, owner, *values = row
        levels = self.disclosure.of_owner(owner)
        own = iter(values)
        cells: list[Value] = []
        for column in self.columns:
            if not column.path:
                cells.append(self._from_beside(column, beside[column.name].get(key), levels))
            elif column.protected is None:
                cells.append(_plain(next(own)))
            else:
                cells.append(self._disclosed(column, next(own), key, levels[column.name]))
        return cells

    def _disclosed(self, column: Column, value: Any, key: UUID, allowed: Level) -> str | None:
        """As the reader may see it. What cannot be opened is left empty and counted: written
        into a file, words for it would be taken for the value."""
        if value is None or column.protected is None:
            return None
        shown = shown_value(field_of(*column.protected), value, row=key, allowed=allowed)
        if shown is CANNOT_BE_OPENED:
            self.disclosed.add(column.name, UNOPENABLE)
            return None
        self.disclosed.add(column.name, allowed.name.lower())
        return str(shown) or None

    # What stands in other tables -------------------------------------------------------------

    def _beside(self, keys: Sequence[UUID]) -> dict[str, dict[UUID, Any]]:
        wanted = {column.name for column in self.columns if not column.path}
        found: dict[str, dict[UUID, Any]] = {name: {} for name in wanted}
        if kinds := [KINDS[name] for name in KINDS if name in wanted]:
            self._read_points(keys, kinds, found)
        if "further_addresses" in wanted:
            self._read_addresses(keys, found["further_addresses"])
        if wanted & {"last_interaction", "interactions"}:
            said = Interaction.objects.filter(customer__in=keys).order_by().values("customer")
            for line in said.annotate(last=Max("happened_at"), many=Count("pk")):
                found.get("last_interaction", {})[line["customer"]] = line["last"]
                found.get("interactions", {})[line["customer"]] = line["many"]
        if "open_follow_ups" in wanted:
            promised = FollowUp.objects.filter(customer__in=keys, done_at__isnull=True)
            for line in promised.order_by().values("customer").annotate(many=Count("pk")):
                found["open_follow_ups"][line["customer"]] = line["many"]
        return found

    def _read_points(
        self, keys: Sequence[UUID], kinds: list[ContactKind], found: dict[str, dict[UUID, Any]]
    ) -> None:
        names = {kind: name for name, kind in KINDS.items()}
        points = ContactPoint.objects.filter(customer__in=keys, kind__in=kinds)
        for customer, key, kind, messenger, value in points.order_by(
            "customer", "-primary", "pk"
        ).values_list("customer", "pk", "kind", "messenger", "value"):
            before = f"{Messenger(messenger).label}: " if messenger else ""
            place = found[names[ContactKind(kind)]]
            place.setdefault(customer, []).append((key, before, value, ""))

    def _read_addresses(self, keys: Sequence[UUID], found: dict[UUID, Any]) -> None:
        addresses = Address.objects.filter(customer__in=keys).order_by("customer", "use", "pk")
        for customer, key, street, *rest in addresses.values_list(
            "customer", "pk", "street", "postal_code", "city", "region", "country"
        ):
            after = ", ".join(filter(None, rest))
            found.setdefault(customer, []).append((key, "", street, after))

    def _from_beside(self, column: Column, held: Any, levels: dict[str, Level]) -> Value:
        if column.protected is None:
            return _plain(held)
        texts = []
        for key, before, value, after in held or ():
            shown = self._disclosed(column, value, key, levels[column.name]) or ""
            if text := ", ".join(filter(None, (shown, after))):
                texts.append(before + text)
        return BETWEEN.join(texts) or None


def _plain(value: Any) -> Value:
    return None if value == "" else value
