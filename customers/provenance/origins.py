"""Walks the history of customers backwards, field by field, to where each value was written.

Tokens are compared and never opened: an equal token is the same value, and a value that was sealed
anew was written anew. A value that an undo or a restoration brought back is traced on to where it
first came from.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from audit.changes import Row, told_fields
from audit.recording import CREATED, history_model
from customers.models import Customer
from customers.provenance.deeds import BRINGING_BACK, Deed, Deeds, File, Way

# What follows from a deed, and is nothing that is known of a customer.
NOT_KNOWN_FROM = {"number", "binned_at"}
FIELDS: tuple[Any, ...] = tuple(
    field for field in told_fields(Customer) if field.name not in NOT_KNOWN_FROM
)
SIGNED = (
    *("history_id", "history_date", "history_type", "history_actor_id"),
    *("history_actor", "history_door", "history_request_id", "history_change_reason"),
)
COLUMNS = tuple(field.attname for field in FIELDS)
AT_ONCE = 1_000
EMPTY = (None, "")


@dataclass(frozen=True, slots=True)
class Return:
    """The deed that brought an older value back, if one did: the latest of them."""

    way: Way
    when: datetime
    who: str


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """Where the present value of one field was written. `empty`: it was emptied there."""

    field: str
    empty: bool
    way: Way
    when: datetime | None
    who: str
    who_id: UUID | None
    door: str
    reason: str
    file: File | None
    bulk: int | None
    history_id: UUID | None
    returned: Return | None = None


def origins_of(customers: Iterable[UUID]) -> dict[UUID, list[FieldOrigin]]:
    """The origin of every field that has a value, or had one and lost it.

    At most seven queries, whether for one customer or for a thousand; `walk_origins` takes more.
    """
    keys = list(dict.fromkeys(customers))
    trails = _trails(keys)
    stored = _stored(keys)
    deeds = Deeds.behind(trails)
    return {
        key: _Trail(trails[key], deeds).origins(stored[key])
        for key in keys
        if key in trails and key in stored
    }


def walk_origins(
    customers: Iterable[UUID], *, at_once: int = AT_ONCE
) -> Iterator[tuple[UUID, list[FieldOrigin]]]:
    """As `origins_of`, portion by portion: for all customers there are."""
    remaining = iter(customers)
    while portion := list(islice(remaining, at_once)):
        yield from origins_of(portion).items()


def _trails(keys: Collection[UUID]) -> dict[UUID, list[Row]]:
    """The history rows of each, oldest first."""
    trails: dict[UUID, list[Row]] = defaultdict(list)
    rows = history_model(Customer).objects.filter(id__in=keys)
    for row in rows.order_by("id", "history_date", "history_id").values("id", *SIGNED, *COLUMNS):
        trails[row["id"]].append(row)
    return dict(trails)


def _stored(keys: Collection[UUID]) -> dict[UUID, Row]:
    rows = Customer.with_bin.filter(pk__in=keys).order_by()
    return {row["id"]: row for row in rows.values("id", *COLUMNS)}


class _Trail:
    """The history of one customer."""

    def __init__(self, rows: list[Row], deeds: Deeds) -> None:
        self.rows = rows
        self.deeds: list[Deed] = [deeds.of(row) for row in rows]
        self.places = {row["history_id"]: place for place, row in enumerate(rows)}

    def origins(self, stored: Row) -> list[FieldOrigin]:
        found = (self._origin(field.name, field.attname, stored) for field in FIELDS)
        return [origin for origin in found if origin is not None]

    def _origin(self, name: str, column: str, stored: Row) -> FieldOrigin | None:
        value = stored[column]
        empty = value in EMPTY
        if not _same(self.rows[-1][column], value):
            return _unrecorded(name, empty)
        place, returned = self._written(len(self.rows) - 1, column), None
        while (earlier := self._brought_from(place, column)) is not None:
            row = self.rows[place]
            returned = returned or Return(
                self.deeds[place].way, row["history_date"], row["history_actor"]
            )
            place = self._written(earlier, column)
        row, deed = self.rows[place], self.deeds[place]
        if empty and row["history_type"] == CREATED:
            return None  # there never was a value
        return FieldOrigin(
            field=name,
            empty=empty,
            way=deed.way,
            when=row["history_date"],
            who=row["history_actor"],
            who_id=row["history_actor_id"],
            door=row["history_door"],
            reason=row["history_change_reason"] or "",
            file=deed.file,
            bulk=deed.bulk,
            history_id=row["history_id"],
            returned=returned,
        )

    def _written(self, place: int, column: str) -> int:
        """The row that gave the field the value it has at `place`."""
        rows = self.rows
        while (
            place > 0
            and rows[place]["history_type"] != CREATED
            and _same(rows[place - 1][column], rows[place][column])
        ):
            place -= 1
        return place

    def _brought_from(self, place: int, column: str) -> int | None:
        """Where an undo or a restoration took this value from; None if the value began here."""
        deed = self.deeds[place]
        if deed.way not in BRINGING_BACK:
            return None
        value = self.rows[place][column]
        if deed.version is not None:
            earlier = self.places.get(deed.version)
            fits = earlier is not None and earlier < place
            return earlier if fits and _same(self.rows[earlier or 0][column], value) else None
        # An undo goes back to the last time that the value stood there.
        return next(
            (e for e in range(place - 1, -1, -1) if _same(self.rows[e][column], value)), None
        )


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one in EMPTY and other in EMPTY)


def _unrecorded(name: str, empty: bool) -> FieldOrigin:
    """What stands there is not what the history says: somebody wrote past it."""
    return FieldOrigin(name, empty, Way.OUTSIDE, None, "", None, "", "", None, None, None)
