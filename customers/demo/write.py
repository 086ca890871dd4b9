"""Writes demo customers the way an import does: sealed before the lock, some hundred at once.

Nothing is spared: customers, contact points, interactions and follow-ups have their history, the
indexes of names and tags are made, numbers are drawn like any others.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from audit.recording import CREATED, record
from customers.demo.people import DemoCustomer, Point, Talk
from customers.imports.insert import NewRows, State, defaults, new_key, place_of
from customers.models import (
    ContactPoint,
    Customer,
    CustomerName,
    CustomerTag,
    FollowUp,
    Interaction,
    SourceRecord,
    allocate_numbers,
)
from customers.models.names import parts_of
from customers.models.sources import identity_of_external_id
from customers.models.tags import tag_words
from encryption.cipher import seal
from encryption.querysets import blind_indexes, protected_fields
from encryption.sealed import Sealed
from staff.models import User

NUMBER = place_of(Customer, "number")


class Written:
    """The rows some demo customers become, ready to be inserted in one transaction."""

    def __init__(
        self,
        people: Sequence[DemoCustomer],
        *,
        sources: dict[str, UUID],
        staff: Sequence[User],
        known: dict[int, UUID],
    ) -> None:
        """`known` are the keys of those that an earlier run has written, by their numbers."""
        self.people = people
        self.staff = staff
        self.keys = known | {made.number: uuid7() for made in people}
        self.customers = [self._customer(made, sources) for made in people]
        pairs = list(zip(people, self.customers, strict=True))
        self.life = Life(staff)
        for made, customer in pairs:
            self.life.add(customer["id"], customer["owner_id"], made)
        records = [self._record(made, customer) for made, customer in pairs]
        self.new = [
            NewRows(Customer, self.customers),
            NewRows(CustomerName, _names(self.customers)),
            NewRows(CustomerTag, _tags(self.customers)),
            NewRows(SourceRecord, records),
        ]

    def write(self) -> None:
        with transaction.atomic():
            self.new[0].set_column(NUMBER, allocate_numbers(len(self.customers)))
            for rows in self.new:
                rows.insert()
            keys = [customer["id"] for customer in self.customers]
            record(Customer, keys, CREATED, using=connection.alias)
            self.life.insert()
            self._advance()

    def _advance(self) -> None:
        """Some were something else at first: their history has a second step."""
        ahead: dict[str, list[UUID]] = {}
        for made in self.people:
            if made.stage_before:
                ahead.setdefault(made.values["stage"], []).append(self.keys[made.number])
        for stage, keys in ahead.items():
            Customer.with_bin.filter(pk__in=keys).audited_set(stage=stage)

    def _customer(self, made: DemoCustomer, sources: dict[str, UUID]) -> State:
        values = dict(made.values)
        values["stage"] = made.stage_before or values["stage"]
        values["source_id"] = sources[made.source]
        if made.owner is not None and self.staff:
            values["owner_id"] = chosen(self.staff, made.owner).pk
        values["employer_id"] = self.keys.get(made.employer) if made.employer is not None else None
        return sealed_state(Customer, values, key=self.keys[made.number])

    def _record(self, made: DemoCustomer, customer: State) -> State:
        identifier = made.external_id
        source, when = customer["source_id"], made.values["created_at"]
        values = {
            "source_id": source,
            "customer_id": customer["id"],
            "external_id": identifier,
            "identity": identity_of_external_id(source, identifier),
            "first_seen": when,
            "last_seen": when,
        }
        return sealed_state(SourceRecord, values)


class Life:
    """Contact points, interactions and follow-ups of some customers."""

    def __init__(self, staff: Sequence[User]) -> None:
        self.staff = staff
        self.points: list[State] = []
        self.talks: list[State] = []
        self.promises: list[State] = []

    def add(self, customer: UUID, owner: UUID | None, made: DemoCustomer) -> None:
        for point in made.points:
            self.add_point(customer, point, made.values["created_at"])
        self.add_talks(customer, owner, made.talks)

    def add_point(self, customer: UUID, point: Point, when: datetime) -> None:
        values: dict[str, Any] = {
            "customer_id": customer,
            "kind": str(point.kind),
            "value": point.value,
            "use": str(point.use),
            "messenger": str(point.messenger),
            "verified_at": point.verified,
            "created_at": when,
            "updated_at": when,
        }
        self.points.append(sealed_state(ContactPoint, values))

    def add_talks(self, customer: UUID, owner: UUID | None, talks: Iterable[Talk]) -> None:
        """Whoever owns the customer is who talks with them."""
        for talk in talks:
            who = owner or chosen(self.staff, talk.who).pk
            when = {"created_at": talk.when, "updated_at": talk.when}
            values = when | {
                "customer_id": customer,
                "kind": talk.kind,
                "direction": talk.direction,
                "happened_at": talk.when,
                "minutes": talk.minutes,
                "text": talk.text,
                "staff_id": who,
            }
            said = sealed_state(Interaction, values)
            self.talks.append(said)
            if talk.promised:
                promise = when | {
                    "customer_id": customer,
                    "interaction_id": said["id"],
                    "what": talk.promised,
                    "due_at": talk.due,
                    "assigned_to_id": who,
                    "done_at": talk.due if talk.done else None,
                    "done_by_id": who if talk.done else None,
                }
                self.promises.append(sealed_state(FollowUp, promise))

    def insert(self) -> None:
        """Call inside the transaction."""
        for model, states in (
            (ContactPoint, self.points),
            (Interaction, self.talks),
            (FollowUp, self.promises),
        ):
            NewRows(model, states).insert()
            record(model, [state["id"] for state in states], CREATED, using=connection.alias)


def chosen(staff: Sequence[User], pick: int) -> User:
    """The member of staff a number picks."""
    return staff[pick % len(staff)]


def sealed_state(model: Any, values: dict[str, Any], *, key: UUID | None = None) -> State:
    """The state of a new row with these values, the protected ones sealed and indexed."""
    state = _blank(model) | values
    state["id"] = key or uuid7()
    row = str(state["id"])
    for index in blind_indexes(model):
        value = state[index.source]
        state[index.attname] = index.digests(value)[0] if value else None
    for field in protected_fields(model):
        value = state[field.attname]
        if value is not None:
            token = seal(field.dump_text(value), context=field.context, row=row)
            state[field.attname] = Sealed(token, field, state["id"])
    return state


@cache
def _blank(model: Any) -> State:
    return defaults(model)


def _names(customers: Sequence[State]) -> Iterator[State]:
    for customer in customers:
        names = (customer["given_name"], customer["family_name"], customer["organisation_name"])
        for part in parts_of(*names):
            yield {"id": new_key(), "customer_id": customer["id"], "part": part}


def _tags(customers: Sequence[State]) -> Iterator[State]:
    for customer in customers:
        for word in sorted(tag_words(customer["tags"])):
            yield {"id": new_key(), "customer_id": customer["id"], "word": word}
