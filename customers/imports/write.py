"""Writes what was planned, some hundred rows at a time, in one short transaction.

Everything that takes time (sealing, digests, the words of the index) is done before the lock is
taken. Under the lock the plan is first held against the database once more: whatever another import
or a member of staff changed meanwhile makes it void (`Stale`), and the rows are planned again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.recording import CREATED, record
from customers.imports.further import Further
from customers.imports.insert import NewRows, State, defaults, new_key, place_of
from customers.imports.known import (
    employer_key,
    find_by_digest,
    find_by_points,
    load_employers,
    there_are_points,
)
from customers.imports.plan import Orders, Step
from customers.imports.rows import KEYS, FileRow
from customers.models import (
    ContactPoint,
    Customer,
    CustomerName,
    SourceRecord,
    allocate_numbers,
)
from customers.models.imports import ImportRow, OnDuplicate, Outcome, WaitingKey
from customers.models.names import parts_of
from customers.models.tags import refresh_tags
from encryption.cipher import seal as seal_text
from encryption.fields import ProtectedMixin
from encryption.sealed import Sealed

SEALED_FIELDS = tuple(
    field for field in Customer._meta.concrete_fields if isinstance(field, ProtectedMixin)
)
NUMBER = place_of(Customer, "number")
EXTERNAL_ID: Any = SourceRecord._meta.get_field("external_id")
POINT_VALUE: Any = ContactPoint._meta.get_field("value")
PAYLOAD: Any = ImportRow._meta.get_field("payload")
BLANK_RECORD = defaults(SourceRecord)
BLANK_ROW = defaults(ImportRow)
BLANK_POINT = defaults(ContactPoint)


ADVISORY_LOCK = int.from_bytes(b"import", "big")


class Stale(Exception):
    """Somebody changed meanwhile what the plan rests on."""


class Writer:
    """The objects that a list of steps becomes."""

    def __init__(self, steps: Sequence[Step], orders: Orders) -> None:
        self.steps = steps
        self.orders = orders
        self.moment = timezone.now()
        self.employers = [step.new_employer for step in steps if step.new_employer]
        self.created = [step for step in steps if step.outcome == Outcome.CREATED]
        self.updated = [step for step in steps if step.outcome == Outcome.UPDATED]
        self.records = [self._record(step) for step in steps if step.new_record]
        self.seen = [step.record for step in steps if step.record and step.record.key]
        self.points: list[State] = []
        self.rows = [self._row(step) for step in steps]
        self.keys = list(chain.from_iterable(map(_waiting_keys, steps, self.rows)))
        self.customers = [*self.employers, *(_made(step) for step in self.created)]
        for customer in self.customers:
            seal_new(customer)
        for step in self.updated:
            seal_changed(_of(step))
        self.new = [
            NewRows(Customer, (customer.__dict__ for customer in self.customers)),
            NewRows(ContactPoint, self.points),
            NewRows(CustomerName, _names(self.customers)),
            NewRows(SourceRecord, self.records),
            NewRows(ImportRow, self.rows),
            NewRows(WaitingKey, self.keys),
        ]

    def write(self, finish: Callable[[], None]) -> None:
        """All or nothing; `finish` is called last, inside the transaction. Raises Stale."""
        try:
            with transaction.atomic():
                one_import_at_a_time()
                # Before anything is looked up: whoever adds a customer elsewhere holds the number
                # until theirs is there, so that nobody is added unseen.
                numbers = allocate_numbers(len(self.customers))
                self._hold_against_database()
                self._insert(numbers)
                self._update()
                finish()
        except IntegrityError as error:
            # Two imports of one source on a database that lets both write at once.
            raise Stale from error

    def _insert(self, numbers: Sequence[str]) -> None:
        """New rows, the customers among them with their numbers and their history."""
        self.new[0].set_column(NUMBER, numbers)
        for rows in self.new:
            rows.insert()
        keys = [customer.pk for customer in self.customers]
        record(Customer, keys, CREATED, using=connection.alias)
        if self.points:
            made = [point["id"] for point in self.points]
            record(ContactPoint, made, CREATED, using=connection.alias)
        refresh_tags(customer.pk for customer in self.customers if customer.tags)

    def _update(self) -> None:
        if self.updated:
            fields = set(chain.from_iterable(step.fields for step in self.updated))
            Customer.with_bin.audited_update([_of(step) for step in self.updated], fields)
        if self.seen:
            keys = [seen.key for seen in self.seen if seen.key]
            SourceRecord.objects.filter(pk__in=keys).update(last_seen=self.orders.stamp)

    def _hold_against_database(self) -> None:
        """Raises Stale when the database is no longer what was planned for."""
        source = self.orders.source
        identities = {step.row.identity for step in self.steps if step.record is None}
        if SourceRecord.objects.filter(source=source, identity__in=identities).exists():
            raise Stale
        self._customers_are_as_loaded()
        self._points_are_as_loaded()
        if load_employers({employer_key(made.organisation_name) for made in self.employers}):
            raise Stale
        if self.orders.on_duplicate != OnDuplicate.CREATE:
            self._nobody_new_looks_alike()

    def _customers_are_as_loaded(self) -> None:
        loaded = {_of(step).pk: _of(step).updated_at for step in self.updated}
        stored = Customer.with_bin.filter(pk__in=loaded)
        if connection.features.has_select_for_update:
            stored = stored.select_for_update()
        if dict(stored.values_list("pk", "updated_at")) != loaded:
            raise Stale

    def _points_are_as_loaded(self) -> None:
        """What they were when it was planned which ones are new; their customers are locked."""
        adding = [step for step in self.updated if step.points]
        if not adding:
            return
        seen = {(seen.key, seen.updated_at) for step in adding for seen in step.points_seen}
        customers = [_of(step).pk for step in adding]
        stored = ContactPoint.objects.filter(customer__in=customers)
        if set(stored.values_list("pk", "updated_at")) != seen:
            raise Stale

    def _nobody_new_looks_alike(self) -> None:
        """A customer with the same e-mail, telephone or ID who came since the rows were planned."""
        rows = [step.row for step in self.created]
        shared = set(chain.from_iterable(step.shared for step in self.created))
        wanted: dict[str, set[bytes]] = {name: set() for name in KEYS}
        for row in rows:
            for name, digests in row.looks():
                wanted[name].update(digests)
        if any(any(find_by_digest(name, wanted[name] - shared)) for name in KEYS):
            raise Stale
        if there_are_points() and any(
            digest not in shared for (_name, digest), _who, _names in find_by_points(rows)
        ):
            raise Stale

    def _record(self, step: Step) -> State:
        stamp: datetime = self.orders.stamp
        state = BLANK_RECORD | {
            "id": uuid7(),
            "source_id": self.orders.source,
            "customer_id": step.customer_key,
            "identity": step.row.identity,
            "first_seen": stamp,
            "last_seen": stamp,
        }
        if step.row.external_id:
            state["external_id"] = _sealed(EXTERNAL_ID, state["id"], step.row.external_id)
        return state

    def _point(self, step: Step, one: Further) -> State:
        """A new contact point, indexed as saving it would."""
        key = uuid7()
        return BLANK_POINT | {
            "id": key,
            "customer_id": step.customer_key,
            "kind": one.kind,
            "messenger": one.messenger,
            "use": one.use,
            "value": _sealed(POINT_VALUE, key, one.value),
            "value_index": one.digests[0],
            "created_at": self.moment,
            "updated_at": self.moment,
        }

    def _row(self, step: Step) -> State:
        row, face, record = step.row, step.candidate, step.record
        state = BLANK_ROW | {
            "id": uuid7(),
            "batch_id": self.orders.batch,
            "number": row.number,
            "outcome": str(step.outcome),
            "customer_key": step.customer_key,
            "reasons": step.reasons or None,
            "identity": row.identity or None,
            "digest": row.digest or None,
            "record_created": step.new_record,
        }
        if face is not None:
            state["candidate_key"] = face.customer
            state["candidate_row"] = face.row if face.batch == self.orders.batch else None
        if step.new_employer is not None:
            state["employer_key"] = step.new_employer.pk
        if record is not None and record.key:
            state["seen_before"] = record.last_seen
        if row.left_out:
            state["emptied"] = [[cell.column, cell.rule] for cell in row.left_out]
        if step.points:
            made = [self._point(step, one) for one in step.points]
            self.points += made
            state["points"] = len(made)
        if must_be_kept(row, step.outcome):
            state["payload"] = _sealed(PAYLOAD, state["id"], row.payload())
        return state


def one_import_at_a_time() -> None:
    """Until the transaction ends no other import writes.

    SQLite has one writer anyway. PostgreSQL would let two imports look for a customer, each
    before the other has written it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def must_be_kept(row: FileRow, outcome: str) -> bool:
    """Only what did not get in is kept, sealed; what got in stands on the customer."""
    return outcome in (Outcome.REVIEW, Outcome.SET_ASIDE) or bool(row.left_out)


def seal_new(customer: Customer) -> None:
    """Seal the protected values of a new customer now, so that it is not done under the lock.

    They are of their types and no tokens already (`rows` saw to that).
    """
    state, row = customer.__dict__, str(customer.pk)
    for field in SEALED_FIELDS:
        value = state[field.attname]
        if value is not None:
            text = field.dump_text(value)
            token = seal_text(text, context=field.context, row=row)
            state[field.attname] = Sealed(token, field, customer.pk)


def seal_changed(customer: Customer) -> None:
    """Seal what changed; an equal value keeps its token."""
    for field in SEALED_FIELDS:
        field.pre_save(customer, False)


def _made(step: Step) -> Customer:
    """A new customer with its blind indexes, which its row was looked up by already."""
    customer = _of(step)
    for name in KEYS:
        digests = step.row.keys.get(name)
        setattr(customer, f"{name}_index", digests[0] if digests else None)
    return customer


def _of(step: Step) -> Customer:
    if step.customer is None:
        raise TypeError("A step that creates or updates has a customer.")
    return step.customer


def _sealed(field: Any, row: UUID, text: str) -> Sealed:
    return Sealed(seal_text(text, context=field.context, row=str(row)), field, row)


def _names(customers: Sequence[Customer]) -> Iterator[State]:
    for customer in customers:
        names = customer.given_name, customer.family_name, customer.organisation_name
        for part in parts_of(*names):
            yield {"id": new_key(), "customer_id": customer.pk, "part": part}


def _waiting_keys(step: Step, row: State) -> list[State]:
    if step.outcome != Outcome.REVIEW:
        return []
    return [
        {"id": uuid7(), "row_id": row["id"], "kind": name, "key": digests[0]}
        for name, digests in step.row.looks()
    ]
