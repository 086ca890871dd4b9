"""The deed itself: portion by portion, each decided and done in one short transaction.

The rows of a portion are locked before they are read, so what somebody else changes meanwhile is
seen or waits. A portion, its history, what to undo it by and the place to go on from are written
together: a worker killed anywhere leaves nothing half done, and nothing is done twice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.context import acting
from customers.bulk.deeds import Deed, NoRoom, deed_of, may_change, put_value, value_of
from customers.bulk.hand_over import waiting_of
from customers.bulk.services import reason_of
from customers.models import BulkChange, BulkRow, Customer, FollowUp
from customers.models.bulk import BulkAction, BulkState
from customers.selection import Selection
from jobs.services import JobHandle
from jobs.sharing import SharedLock

KEYS_AT_ONCE = 5_000
NAMED_AT_MOST = 500
CUSTOMERS, FOLLOW_UPS = "customers", "follow_ups"

CHANGED, ALREADY, NOT_YOURS, GONE, NO_ROOM = "changed", "already", "not_yours", "gone", "no_room"


def run_bulk(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "customers.bulk"."""
    change = BulkChange.objects.get(pk=handle.params["change"])
    BulkChange.objects.filter(pk=change.pk, state=BulkState.FAILED).update(
        state=BulkState.RUNNING, finished_at=None
    )
    door = handle.params.get("door", "task")
    with acting(actor=handle.job.actor, door=door, reason=reason_of(change), request_id=change.pk):
        return _Run(change, handle).run()


@dataclass
class Tally:
    """What came of it so far; it stands in the job's cursor, so that a resumed job counts on."""

    counts: Counter[str] = field(default_factory=Counter)
    left: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def from_json(cls, kept: dict[str, Any] | None) -> "Tally":
        kept = dict(kept or {})
        left = kept.pop("left", [])
        return cls(Counter(kept), list(left))

    def as_json(self) -> dict[str, Any]:
        return {**self.counts, "left": self.left}

    def leave(self, why: str, customer: Customer) -> None:
        self.counts[why] += 1
        if len(self.left) < NAMED_AT_MOST:
            left = {"customer": str(customer.pk), "number": customer.number, "why": why}
            self.left.append(left)


class _Run:
    def __init__(self, change: BulkChange, handle: JobHandle) -> None:
        self.change = change
        self.handle = handle
        self.deed: Deed = deed_of(change)
        self.selection = Selection.from_json(change.selection)
        self.lock = SharedLock()
        self.size = 100
        cursor = handle.cursor or {}
        self.phase: str = cursor.get("phase", CUSTOMERS)
        self.after: str | None = cursor.get("after")
        self.done: int = cursor.get("done", 0)
        self.tally = Tally.from_json(cursor.get("tally"))
        # A command is run by whoever holds the machine; the person it acts for may hold no role.
        self.trusted = handle.params.get("door") == "command"

    def run(self) -> dict[str, Any]:
        hands_over = self.change.action == BulkAction.HAND_OVER
        total = self.handle.job.total
        if total is None:
            total = self._meant().count() + (self._promised().count() if hands_over else 0)
        self.total = total
        if self.handle.cursor is None and self.selection.keys is not None:
            there = self.selection.customers().count()
            self.tally.counts[GONE] = len(self.selection.keys) - there
        if self.phase == CUSTOMERS:
            self._each(self._meant(), self._change_customers)
            self.phase, self.after = FOLLOW_UPS, None
        if hands_over:
            self._each(self._promised(), self._change_follow_ups)
        return self.tally.as_json()

    def _meant(self) -> Any:
        """The customers meant, by whatever the selection says of them at this moment."""
        if self.change.action == BulkAction.HAND_OVER:
            return waiting_of(self.deed.options["from"], self.selection)[0]
        return self.selection.customers(self.handle.job.actor)

    def _promised(self) -> Any:
        """Open follow-ups of whoever leaves, with the customers meant."""
        return waiting_of(self.deed.options["from"], self.selection)[1]

    def _each(self, rows: Any, change: Any) -> None:
        for portion in self._portions(rows):
            while portion:
                now, portion = portion[: self.size], portion[self.size :]
                self._portion(rows, now, change)

    def _portions(self, rows: Any) -> Iterator[list[UUID]]:
        """Keys in their own order, which no change to the rows can disturb."""
        while True:
            rest = rows if self.after is None else rows.filter(pk__gt=self.after)
            keys = list(rest.order_by("pk").values_list("pk", flat=True)[:KEYS_AT_ONCE])
            if not keys:
                return
            yield keys

    def _portion(self, rows: Any, keys: list[UUID], change: Any) -> None:
        self.lock.wait()
        with self.lock, transaction.atomic():
            getattr(rows.model, "with_bin", rows.model.objects).filter(pk__in=keys).lock()
            change(rows.filter(pk__in=keys).order_by("pk"), len(keys))
            self.done += len(keys)
            self.after = str(keys[-1])
            cursor = {"phase": self.phase, "after": self.after, "done": self.done}
            cursor["tally"] = self.tally.as_json()
            self.handle.advance(cursor=cursor, done=self.done, total=self.total)
        self.size = self.lock.fitting(self.size)

    def _change_customers(self, rows: Any, meant: int) -> None:
        fields = ("number", "binned_at", "updated_at", self.deed.field, "owner__team")
        customers = list(rows.select_related("owner").only(*fields))
        self.tally.counts[GONE] += meant - len(customers)
        changed: list[tuple[Any, str | None, str | None]] = []
        for customer in customers:
            self._decide(customer, changed)
        self._write(Customer.with_bin, changed, self.deed.field)
        self.tally.counts[CHANGED] += len(changed)

    def _decide(self, customer: Customer, changed: list[Any]) -> None:
        if not (self.trusted or may_change(self.handle.job.actor, customer, self.change.action)):
            self.tally.leave(NOT_YOURS, customer)
            return
        present = self.deed.value(customer)
        try:
            wanted = self.deed.after(customer, self.tally.counts[CHANGED] + len(changed))
        except NoRoom:
            self.tally.leave(NO_ROOM, customer)
            return
        if wanted == present:
            self.tally.counts[ALREADY] += 1
        else:
            changed.append((customer, present, wanted))

    def _change_follow_ups(self, rows: Any, meant: int) -> None:
        """Each goes to whoever looks after its customer now, if they take over; else in turn."""
        fields = ("customer__owner", "assigned_to", "updated_at")
        changed: list[tuple[Any, str | None, str | None]] = []
        for follow_up in rows.select_related("customer").only(*fields):
            owner = value_of(follow_up.customer, "owner")
            nth = self.tally.counts[FOLLOW_UPS] + len(changed)
            taker = owner if owner in self.deed.options["to"] else self.deed.successor(nth)
            changed.append((follow_up, value_of(follow_up, "assigned_to"), taker))
        self._write(FollowUp.objects, changed, "assigned_to", is_follow_up=True)
        self.tally.counts[FOLLOW_UPS] += len(changed)

    def _write(
        self, manager: Any, changed: list[Any], name: str, *, is_follow_up: bool = False
    ) -> None:
        for row, _present, wanted in changed:
            put_value(row, name, wanted)
        manager.audited_update([row for row, _present, _wanted in changed], [name])
        BulkRow.objects.bulk_create(
            BulkRow(
                change=self.change,
                object_key=row.pk,
                is_follow_up=is_follow_up,
                before={name: present},
                after={name: wanted},
            )
            for row, present, wanted in changed
        )
