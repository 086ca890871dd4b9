"""Decides what becomes of each row, and changes nothing in the database.

The rules, in this order: a row that cannot stand alone is set aside; a row that waits already or
was left out by a person stays so; a row the source told us before updates its customer, or changes
nothing; a row that looks like somebody we have is treated as the person who imports chose; every
other row is a new customer. Empty cells never erase, and what staff changed since the last import
is never overwritten without asking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from customers.imports import further
from customers.imports.further import MAIN_INDEX, Further, Point
from customers.imports.insert import new_instance
from customers.imports.known import Face, Known, Record, Waiting, employer_key, load_baselines
from customers.imports.names import similar
from customers.imports.rows import FileRow
from customers.models import Customer
from customers.models.choices import Kind
from customers.models.imports import Decision, OnDuplicate, Outcome
from encryption.errors import CannotOpen
from encryption.sealed import sealed_values

IN_BIN = "in_bin"
CHANGED_BY_STAFF = "changed_by_staff"
CONTRADICTS = "contradicts"
CANNOT_OPEN = "cannot_open"
SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Orders:
    """What holds for every row of an import. `stamp` marks what this very file has shown."""

    batch: UUID
    source: UUID
    on_duplicate: str
    stamp: datetime


@dataclass(slots=True, eq=False)
class Step:
    """What becomes of one row. `fields` are those of `customer` that change."""

    row: FileRow
    outcome: str
    customer: Customer | None = None
    customer_key: UUID | None = None
    fields: tuple[str, ...] = ()
    candidate: Face | None = None
    reasons: list[str] = field(default_factory=list)
    record: Record | None = None
    new_record: bool = False
    new_employer: Customer | None = None
    # Its look-up keys that others were known to share when it was planned.
    shared: frozenset[bytes] = frozenset()
    # Contact points it adds, and those the customer had when it was planned.
    points: list[Further] = field(default_factory=list)
    points_seen: tuple[Point, ...] = ()


class Planner:
    """Plans rows in file order. What has to wait for an earlier row to be written is in `later`."""

    def __init__(self, orders: Orders, known: Known, remembered: Known | None = None) -> None:
        self.orders = orders
        self.known = known
        # A dry run remembers what it would have written; a run reads it back from the database.
        self.memories = [known] if remembered is None else [known, remembered]
        self.later: list[FileRow] = []
        now = timezone.now()
        self._moment = {"created_at": now, "updated_at": now}
        self._touched: set[UUID] = set()

    def plan(self, rows: Sequence[FileRow]) -> list[Step]:
        self._load_staff_changes(rows)
        steps = []
        for row in rows:
            step = self._step(row)
            if step is None:
                self.later.append(row)
            else:
                steps.append(step)
        return steps

    def _step(self, row: FileRow) -> Step | None:
        if row.set_aside:
            return Step(row, Outcome.SET_ASIDE, reasons=[row.set_aside])
        if waiting := self._waits_already(row):
            mine = waiting.batch == self.orders.batch
            return Step(row, Outcome.REPEATED if mine else Outcome.UNCHANGED, reasons=["waiting"])
        if record := self.known.records.get(row.identity):
            return self._known_row(row, record)
        return self._new_row(row)

    # Rows the source told us before ----------------------------------------------------------

    def _waits_already(self, row: FileRow) -> Waiting | None:
        for waiting in self.known.waiting.get(row.identity, ()):
            if waiting.digest == row.digest and waiting.decision in ("", Decision.SKIPPED):
                return waiting
        return None

    def _known_row(self, row: FileRow, record: Record) -> Step | None:
        again = record.last_seen == self.orders.stamp
        same = Step(
            row,
            Outcome.REPEATED if again else Outcome.UNCHANGED,
            customer_key=record.customer,
            record=record,
        )
        if not row.external_id:
            return same
        if record.customer in self._touched:
            return None
        customer = self.known.customers[record.customer]
        step = self._update(row, customer, record=record)
        return same if step is None else step

    def _update(
        self, row: FileRow, customer: Customer, *, record: Record | None, asked: bool = False
    ) -> Step | None:
        """The step that brings the row's values to the customer; None when it has them all.

        `asked`: the person who imports chose to update, so a customer that no import made before
        is not protected as a whole.
        """
        points: list[Further] = []
        try:
            changes = self._changes(row, customer)
            employer = self._employer(row, customer)
            points = self._new_points(row, customer, changes)
            if not changes and employer is None and not points:
                return None
            reason = self._reason_to_ask(customer, changes, employer, asked)
        except CannotOpen:
            changes, employer, reason = {}, None, CANNOT_OPEN
        if reason:
            face = Face(customer.pk, row.name)
            return self._wait(row, [reason], face, record)
        for name, value in changes.items():
            setattr(customer, name, value)
        step = Step(row, Outcome.UPDATED, customer, customer.pk, tuple(changes), record=record)
        step.points, step.points_seen = points, tuple(self.known.points.get(customer.pk, ()))
        self._employ(step, customer, employer)
        self._touched.add(customer.pk)
        self._remember_customer(customer, points)
        return step

    def _changes(self, row: FileRow, customer: Customer) -> dict[str, Any]:
        changes = {
            name: value for name, value in row.values.items() if getattr(customer, name) != value
        }
        for name in MAIN_INDEX:
            if name in changes and self._has_elsewhere(row, customer, name):
                del changes[name]
        confirmed = customer.last_confirmed_at
        if confirmed and (now := changes.get("last_confirmed_at")) and now < confirmed:
            del changes["last_confirmed_at"]  # somebody made sure later than the source did
        return changes

    def _has_elsewhere(self, row: FileRow, customer: Customer, name: str) -> bool:
        """Whether this e-mail or phone changes nothing: the customer has it as a further one, or
        has another main one where the row only has further ones."""
        if name in row.promoted and _is_set(customer, name):
            return True
        points = self.known.points.get(customer.pk, ())
        return bool(points) and further.is_among(name, row.values[name], points)

    def _new_points(
        self, row: FileRow, customer: Customer, changes: dict[str, Any]
    ) -> list[Further]:
        """The contact points of the row that the customer does not have in any place."""
        if not row.further:
            return []
        mains = {}
        for name, index in MAIN_INDEX.items():
            value = changes.get(name) or getattr(customer, name)
            mains[name] = index.digests(value) if value else ()
        known = self.known
        has = chain(known.points.get(customer.pk, ()), known.removed.get(customer.pk, ()))
        return further.new_to(row.further, mains, has)

    def _employer(self, row: FileRow, customer: Customer) -> str | None:
        """The name of an employer that is not the customer's already."""
        if not row.employer:
            return None
        known = self.known.employers.get(employer_key(row.employer))
        return None if known and known == customer.employer_id else row.employer

    def _reason_to_ask(
        self, customer: Customer, changes: dict[str, Any], employer: str | None, asked: bool
    ) -> str:
        if customer.binned_at is not None:
            return IN_BIN
        if _would_contradict(customer, changes, employer):
            return CONTRADICTS
        names = [*changes, *(["employer_id"] if employer else [])]
        if self._staff_changed(customer, names, asked):
            return CHANGED_BY_STAFF
        return ""

    def _staff_changed(self, customer: Customer, names: Iterable[str], asked: bool) -> bool:
        if any(customer.pk in memory.customers for memory in self.memories[1:]):
            return False  # a dry run's own: nobody else has seen it
        baseline = self.known.baselines.get(customer.pk)
        if baseline is None:
            return not asked and any(_is_set(customer, name) for name in names)
        return any(not _same(customer, baseline, name) for name in names)

    def _load_staff_changes(self, rows: Sequence[FileRow]) -> None:
        """Only where something would change is it worth asking who changed it last."""
        wanted = set()
        for row in rows:
            record = self.known.records.get(row.identity)
            if record is not None and record.customer in self.known.customers:
                if self._may_change(row, self.known.customers[record.customer]):
                    wanted.add(record.customer)
            elif self.orders.on_duplicate == OnDuplicate.UPDATE:
                wanted |= {
                    face.customer
                    for name, digests in row.looks()
                    for face in self.known.faces.get((name, digests[0]), ())
                    if face.customer is not None
                }
        for memory in self.memories[1:]:
            wanted -= memory.customers.keys()
        load_baselines(self.known, wanted - self.known.baselines.keys())

    def _may_change(self, row: FileRow, customer: Customer) -> bool:
        try:
            changes = self._changes(row, customer)
            return bool(changes or self._employer(row, customer))
        except CannotOpen:
            return True

    # Rows nobody told us before --------------------------------------------------------------

    def _new_row(self, row: FileRow) -> Step | None:
        mode = self.orders.on_duplicate
        faces = [] if mode == OnDuplicate.CREATE else self._candidates(row)
        if not faces:
            return self._create(row)
        face, reasons = faces[0]
        if mode == OnDuplicate.SKIP:
            return Step(
                row,
                Outcome.UNCHANGED,
                customer_key=face.customer,
                candidate=face,
                reasons=[*reasons, "skipped"],
            )
        if mode == OnDuplicate.UPDATE and face.customer is not None:
            if len({other.customer for other, _why in faces}) > 1:
                return self._wait(row, [*reasons, SEVERAL], face, None)
            if face.customer in self._touched:
                return None
            return self._update_candidate(row, face.customer, reasons)
        return self._wait(row, reasons, face, None)

    def _update_candidate(self, row: FileRow, key: UUID, reasons: list[str]) -> Step:
        customer = self.known.customers[key]
        step = self._update(row, customer, record=None, asked=True)
        if step is None:
            step = Step(row, Outcome.UNCHANGED, customer_key=key)
        if step.outcome != Outcome.REVIEW:
            step.new_record = True
            self._remember_record(row, key)
        step.reasons = [*reasons, *step.reasons]
        return step

    def _candidates(self, row: FileRow) -> list[tuple[Face, list[str]]]:
        """Who this row may be, customers before rows that wait, each with the reasons."""
        found: dict[Any, tuple[Face, list[str]]] = {}
        for name, digests in row.looks():
            for face in self.known.faces.get((name, digests[0]), ()):
                if name == "phone" and not similar(row.name, face.name):
                    continue
                who = face.customer or (face.batch, face.row)
                reasons = found.setdefault(who, (face, []))[1]
                if f"same_{name}" not in reasons:
                    reasons.append(f"same_{name}")
        return sorted(found.values(), key=lambda pair: (pair[0].customer is None, -len(pair[1])))

    def _create(self, row: FileRow) -> Step:
        values = {**row.values, "id": uuid7(), "source_id": self.orders.source}
        customer = new_instance(Customer, values | self._moment)
        step = Step(row, Outcome.CREATED, customer, customer.pk, new_record=True)
        step.shared = frozenset(
            digest
            for name, digests in row.looks()
            if self.known.faces.get((name, digests[0]))
            for digest in digests
        )
        step.points = further.new_to(row.further, row.keys, ())
        self._employ(step, customer, row.employer or None)
        self._touched.add(customer.pk)
        self._remember_record(row, customer.pk)
        self._remember_customer(customer, step.points)
        for memory in self.memories:
            memory.remember_face(row, Face(customer.pk, row.name, row.number, self.orders.batch))
        return step

    def _wait(self, row: FileRow, reasons: list[str], face: Face, record: Record | None) -> Step:
        for memory in self.memories:
            memory.waiting[row.identity].append(Waiting(row.digest, self.orders.batch, ""))
            if record is None:
                memory.remember_face(row, Face(None, row.name, row.number, self.orders.batch))
        return Step(row, Outcome.REVIEW, candidate=face, reasons=reasons, record=record)

    def _employ(self, step: Step, customer: Customer, name: str | None) -> None:
        """Give the customer this employer, found by its folded name or made."""
        if name is None:
            return
        key = employer_key(name)
        employer = self.known.employers.get(key)
        if employer is None:
            made = Customer(
                id=uuid7(),
                kind=Kind.ORGANISATION.value,
                organisation_name=name,
                source_id=self.orders.source,
            )
            step.new_employer, employer = made, made.pk
            for memory in self.memories:
                memory.employers[key] = employer
        customer.employer_id = employer
        step.fields = (*step.fields, "employer")

    def _remember_record(self, row: FileRow, customer: UUID) -> None:
        for memory in self.memories:
            memory.remember_record(row, customer, self.orders.stamp)

    def _remember_customer(self, customer: Customer, points: Iterable[Further]) -> None:
        for memory in self.memories[1:]:
            memory.customers[customer.pk] = customer
            memory.points[customer.pk] += [
                Point(one.kind, one.messenger, one.digests[0]) for one in points
            ]


def _would_contradict(customer: Customer, changes: dict[str, Any], employer: str | None) -> bool:
    """Whether the updated customer would break a rule that spans several fields."""
    kind = changes.get("kind", customer.kind)
    if kind != Kind.ORGANISATION:
        return False
    named = changes.get("organisation_name", customer.organisation_name)
    return not named or employer is not None or customer.employer_id is not None


def _is_set(customer: Customer, name: str) -> bool:
    return getattr(customer, name) not in (None, "")


def _same(customer: Customer, baseline: Customer, name: str) -> bool:
    """Equal as stored, or equal once opened: staff may have changed it and changed it back."""
    with sealed_values():
        if getattr(customer, name) == getattr(baseline, name):
            return True
    return bool(getattr(customer, name) == getattr(baseline, name))
