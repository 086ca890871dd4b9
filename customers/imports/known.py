"""What is already known about the rows at hand: a handful of queries for some hundred rows.

A dry run writes nothing, so what it would have written is remembered here instead: the same
questions then get the same answers as in the run itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from audit.recording import DELETED
from customers.imports.batches import UNDO
from customers.imports.further import MAIN_FIELDS, POINT_INDEX, Point
from customers.imports.names import Name
from customers.imports.rows import KEYS, FileRow, name_in
from customers.models import ContactPoint, Customer, CustomerName, SourceRecord
from customers.models.choices import Kind
from customers.models.imports import ImportBatch, ImportRow, Outcome, WaitingKey
from customers.models.names import folded_words
from encryption.errors import CannotOpen
from jobs.models import Job

POINT_HISTORY: Any = ContactPoint.history.model
Key = tuple[str, bytes]
KEYS_AT_ONCE = 900  # parameters of one statement; the oldest limit of SQLite is 999


@dataclass(slots=True, eq=False)
class Face:
    """Somebody a row may turn out to be: a customer, or a row of a file that waits."""

    customer: UUID | None
    name: Name
    row: int | None = None
    batch: UUID | None = None


@dataclass(slots=True, eq=False)
class Record:
    """What a source already told us under this identity."""

    customer: UUID
    last_seen: datetime
    key: UUID | None = None


@dataclass(slots=True, eq=False)
class Waiting:
    """A row of the same identity that waits for review, or was left out by a person."""

    digest: bytes
    batch: UUID
    decision: str


@dataclass
class Known:
    """The answers. `load()` asks the database; `remember_…` adds what a run decided meanwhile."""

    records: dict[bytes, Record] = field(default_factory=dict)
    waiting: dict[bytes, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    faces: dict[Key, list[Face]] = field(default_factory=lambda: defaultdict(list))
    customers: dict[UUID, Customer] = field(default_factory=dict)
    employers: dict[str, UUID] = field(default_factory=dict)
    baselines: dict[UUID, Customer] = field(default_factory=dict)
    points: dict[UUID, list[Point]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[UUID, list[Point]] = field(default_factory=lambda: defaultdict(list))

    def remember_record(self, row: FileRow, customer: UUID, seen: datetime) -> None:
        self.records[row.identity] = Record(customer, seen)

    def remember_face(self, row: FileRow, face: Face) -> None:
        for name, digests in row.looks():
            self.faces[name, digests[0]].append(face)


@lru_cache(maxsize=20_000)
def employer_key(name: str) -> str:
    """Under what an organisation's name is looked up."""
    return " ".join(folded_words(name)) or name.strip()


def load(
    rows: Sequence[FileRow],
    *,
    source: UUID,
    full: bool,
    remembered: Known | None = None,
    employers: Mapping[str, UUID] | None = None,
) -> Known:
    """Everything known about these rows; `full` when candidates may be updated themselves.

    `employers` are known from earlier rows, and not looked for again.
    """
    known = Known()
    rows = [row for row in rows if not row.set_aside]
    _load_faces(known, rows)
    # After the faces: whoever is seen there was recorded together with them, and is seen here too.
    identities = list({row.identity for row in rows})
    for identity, customer, seen, key in SourceRecord.objects.filter(
        source=source, identity__in=identities
    ).values_list("identity", "customer_id", "last_seen", "pk"):
        known.records[bytes(identity)] = Record(customer, seen, key)
    _load_waiting(known, identities, source)
    wanted_employers = {employer_key(row.employer) for row in rows if row.employer}
    if employers is not None:
        known.employers = {key: employers[key] for key in wanted_employers if key in employers}
    known.employers |= load_employers(wanted_employers - known.employers.keys())
    if remembered is not None:
        _add_remembered(known, remembered, rows)
    wanted = {
        record.customer
        for row in rows
        if row.external_id and (record := known.records.get(row.identity))
    }
    if full:
        wanted |= {
            face.customer for faces in known.faces.values() for face in faces if face.customer
        }
    load_customers(known, wanted - known.customers.keys())
    _load_points(known, rows, remembered)
    return known


def load_customers(known: Known, wanted: Iterable[UUID]) -> None:
    """The customers that may have to be updated, whole and still sealed."""
    if wanted := list(wanted):
        known.customers.update(Customer.with_bin.in_bulk(wanted))


def _load_points(known: Known, rows: Sequence[FileRow], remembered: Known | None) -> None:
    """The contact points of the customers that may have to be updated."""
    keys = list(known.customers)
    if not keys:
        return
    points = ContactPoint.objects.filter(customer__in=keys)
    for customer, kind, messenger, digest, key, moment in points.values_list(
        "customer_id", "kind", "messenger", "value_index", "pk", "updated_at"
    ):
        point = Point(kind, messenger, bytes(digest or b""), key, moment)
        known.points[customer].append(point)
    if remembered is not None:
        for customer in keys:
            known.points[customer] += remembered.points.get(customer, ())
    if any(row.further for row in rows):
        _load_removed(known, keys)


def _load_removed(known: Known, customers: list[UUID]) -> None:
    """Contact points that somebody removed: a source that still states them brings none back.

    What an undo took back nobody removed.
    """
    history = POINT_HISTORY.objects.filter(customer_id__in=customers, history_type=DELETED)
    gone = list(history)
    requests = {row.history_request_id for row in gone}
    undone = set(Job.objects.filter(pk__in=requests, kind=UNDO).values_list("pk", flat=True))
    for row in gone:
        if row.history_request_id in undone:
            continue
        with suppress(CannotOpen):
            for digest in POINT_INDEX.digests(row.value):
                known.removed[row.customer_id].append(Point(row.kind, row.messenger, digest))


def load_baselines(known: Known, customers: Iterable[UUID]) -> None:
    """These customers as the last import left them, so that what staff changed since shows."""
    wanted = list(customers)
    if not wanted:
        return
    history = Customer.history.model.objects.filter(id__in=wanted)
    trail = list(
        history.order_by("history_date", "history_id").values_list(
            "id", "history_id", "history_request_id"
        )
    )
    imports = set(
        ImportBatch.objects.filter(pk__in={request for *_ids, request in trail}).values_list(
            "pk", flat=True
        )
    )
    last = {customer: entry for customer, entry, request in trail if request in imports}
    for entry in Customer.history.model.objects.filter(history_id__in=last.values()):
        known.baselines[entry.id] = entry.instance


def _load_waiting(known: Known, identities: list[bytes], source: UUID) -> None:
    rows = ImportRow.objects.filter(
        identity__in=identities, outcome=Outcome.REVIEW, batch__source=source
    )
    for identity, digest, batch, decision in rows.values_list(
        "identity", "digest", "batch_id", "decision"
    ):
        known.waiting[bytes(identity or b"")].append(Waiting(bytes(digest or b""), batch, decision))


def _load_faces(known: Known, rows: Sequence[FileRow]) -> None:
    active = _active(rows)
    for name, digests in active.items():
        for digest, customer, *names in find_by_digest(name, digests):
            known.faces[name, digests[digest]].append(Face(customer, Name(*names)))
    if there_are_points():
        for key, customer, face in find_by_points(rows):
            known.faces[key].append(Face(customer, face))
    _load_waiting_faces(known, active)


def find_by_digest(name: str, digests: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    """Visible customers by a blind index: digest, key and names.

    The same as a filter on `…_index__in`, without preparing each of the digests one by one.
    """
    column = connection.ops.quote_name(f"{name}_index")
    table = connection.ops.quote_name(Customer._meta.db_table)
    wanted = list(digests)
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        some = wanted[start : start + KEYS_AT_ONCE]
        places = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column}, id, given_name, family_name, organisation_name "  # noqa: S608
                f"FROM {table} WHERE binned_at IS NULL AND {column} IN ({places})",
                some,
            )
            for digest, key, *names in cursor.fetchall():
                yield bytes(digest), key if isinstance(key, UUID) else UUID(key), *names


def there_are_points() -> bool:
    """Whether anybody has a further e-mail or phone: until then nothing is computed for them."""
    return ContactPoint.objects.filter(kind__in=MAIN_FIELDS).exists()


def find_by_points(rows: Iterable[FileRow]) -> Iterator[tuple[Key, UUID, Name]]:
    """Visible customers who have an e-mail or phone of these rows as a further one.

    The key is the one under which the row looks for it (`FileRow.looks`).
    """
    wanted = {digest: key for row in rows for key, digests in _as_points(row) for digest in digests}
    digests = list(wanted)
    for start in range(0, len(digests), KEYS_AT_ONCE):
        some = digests[start : start + KEYS_AT_ONCE]
        points = ContactPoint.objects.filter(value_index__in=some, customer__binned_at=None)
        for digest, kind, customer, *names in points.values_list(
            "value_index",
            "kind",
            "customer_id",
            "customer__given_name",
            "customer__family_name",
            "customer__organisation_name",
        ):
            key = wanted[bytes(digest)]
            if kind == key[0]:
                yield key, customer, Name(*names)


def _as_points(row: FileRow) -> Iterator[tuple[Key, tuple[bytes, ...]]]:
    """What the row is looked for by, with the indexes it would have as a contact point."""
    for name in MAIN_FIELDS:
        if name in row.keys:
            yield (name, row.keys[name][0]), POINT_INDEX.digests(row.values[name])
    for one in row.further:
        if one.main_digests:
            yield (one.kind, one.main_digests[0]), one.digests


def _active(rows: Sequence[FileRow]) -> dict[str, dict[bytes, bytes]]:
    """While index keys rotate a value has several digests: the active key's stands for them."""
    found: dict[str, dict[bytes, bytes]] = {name: {} for name in KEYS}
    for row in rows:
        for name, digests in row.looks():
            for digest in digests:
                found[name][digest] = digests[0]
    return found


def _load_waiting_faces(known: Known, active: dict[str, dict[bytes, bytes]]) -> None:
    digests = [digest for found in active.values() for digest in found]
    keys = list(
        WaitingKey.objects.filter(key__in=digests).values_list(
            "row_id", "kind", "key", "row__number", "row__batch_id"
        )
    )
    if not keys:
        return
    names = _names_of_waiting({key[0] for key in keys})
    for row, kind, digest, number, batch in keys:
        if stands_for := active[kind].get(bytes(digest)):
            known.faces[kind, stands_for].append(Face(None, names[row], number, batch))


def _names_of_waiting(rows: set[UUID]) -> dict[UUID, Name]:
    return {row.pk: _name_of(row) for row in ImportRow.objects.filter(pk__in=rows)}


def _name_of(row: ImportRow) -> Name:
    """No name of a row that cannot be opened: a person will look at it, and imports go on."""
    try:
        return name_in(row.payload)
    except CannotOpen:
        return name_in(None)


def load_employers(wanted: set[str]) -> dict[str, UUID]:
    """Organisations by their folded name, found through its rarest word.

    "Quantum Optics AG" is looked for under "quantum" or "optics": every second name has an "ag".
    """
    employers: dict[str, UUID] = {}
    if not wanted:
        return employers
    often = Counter(word for name in wanted for word in set(name.split()))
    parts = {
        min(words, key=lambda word: (often[word], -len(word))).encode()
        for name in wanted
        if (words := name.split())
    }
    keys = CustomerName.objects.filter(part__in=parts).values("customer")
    found = Customer.objects.filter(pk__in=keys, kind=Kind.ORGANISATION)
    for customer, name in found.order_by("pk").values_list("pk", "organisation_name"):
        folded = employer_key(name)
        if folded in wanted:
            employers.setdefault(folded, customer)
    return employers


def _add_remembered(known: Known, remembered: Known, rows: Sequence[FileRow]) -> None:
    for row in rows:
        if record := remembered.records.get(row.identity):
            known.records[row.identity] = record
        if row.identity in remembered.waiting:
            known.waiting[row.identity] += remembered.waiting[row.identity]
        if row.employer and (employer := remembered.employers.get(employer_key(row.employer))):
            known.employers[employer_key(row.employer)] = employer
    for key in {(name, digests[0]) for row in rows for name, digests in row.looks()}:
        if key in remembered.faces:
            known.faces[key] += remembered.faces[key]
    for record in list(known.records.values()):
        if record.customer in remembered.customers:
            known.customers[record.customer] = remembered.customers[record.customer]
    for faces in known.faces.values():
        for face in faces:
            if face.customer in remembered.customers:
                known.customers[face.customer] = remembered.customers[face.customer]
