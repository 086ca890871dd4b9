"""Takes a bulk change back, as far as what it left still stands; names what was changed since."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.context import acting
from audit.recording import history_model
from customers.bulk.deeds import ChangedSince, deed_of, put_value, value_of
from customers.bulk.run import FOLLOW_UPS, GONE, NAMED_AT_MOST
from customers.models import BulkChange, BulkRow, Customer, FollowUp
from customers.models.bulk import BulkState
from jobs.services import JobHandle
from jobs.sharing import SharedLock

BACK, KEPT = "back", "kept"
ROWS_AT_ONCE = 2_000


def run_undo(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "customers.bulk_undo"."""
    change = BulkChange.objects.get(pk=handle.params["change"])
    reason = _("undo of bulk change #%(number)d") % {"number": change.number}
    door = handle.params.get("door", "task")
    with acting(actor=handle.job.actor, door=door, reason=reason, request_id=handle.job.pk):
        result = _Undo(change, handle).run()
        BulkChange.objects.filter(pk=change.pk).update(
            state=BulkState.UNDONE, undo_result=result, undone_at=timezone.now()
        )
    return result


class _Undo:
    def __init__(self, change: BulkChange, handle: JobHandle) -> None:
        self.change = change
        self.handle = handle
        self.deed = deed_of(change)
        self.lock = SharedLock()
        self.size = 100
        cursor = handle.cursor or {}
        self.after: str | None = cursor.get("after")
        self.done: int = cursor.get("done", 0)
        self.counts: Counter[str] = Counter(cursor.get("counts", {}))
        self.kept: list[dict[str, str]] = list(cursor.get("kept", []))
        self.trusted = handle.params.get("door") == "command"
        self.total = BulkRow.objects.filter(change=change).count()

    def run(self) -> dict[str, Any]:
        for rows in self._portions():
            while rows:
                now, rows = rows[: self.size], rows[self.size :]
                self._portion(now)
        return {**self.counts, "named": self.kept}

    def _portions(self) -> Iterator[list[BulkRow]]:
        rows = BulkRow.objects.filter(change=self.change).order_by("object_key")
        while True:
            rest = rows if self.after is None else rows.filter(object_key__gt=self.after)
            if not (portion := list(rest[:ROWS_AT_ONCE])):
                return
            yield portion

    def _portion(self, rows: list[BulkRow]) -> None:
        self.lock.wait()
        with self.lock, transaction.atomic():
            of_customers = [row for row in rows if not row.is_follow_up]
            self._take_back(Customer.with_bin, of_customers, self.deed.field)
            follow_ups = [row for row in rows if row.is_follow_up]
            self._take_back(FollowUp.objects, follow_ups, "assigned_to")
            self.done += len(rows)
            self.after = str(rows[-1].object_key)
            cursor = {"after": self.after, "done": self.done, "kept": self.kept}
            cursor["counts"] = dict(self.counts)
            self.handle.advance(cursor=cursor, done=self.done, total=self.total)
        self.size = self.lock.fitting(self.size)

    def _take_back(self, manager: Any, rows: list[BulkRow], name: str) -> None:
        if not rows:
            return
        keys = [row.object_key for row in rows]
        manager.filter(pk__in=keys).lock()
        there = self._load(manager, keys, name)
        back, kept = [], []
        for row in rows:
            found = there.get(row.object_key)
            if found is None:
                self.counts[GONE] += 1
            elif self._may(found) and self._set_back(row, found, name):
                back.append(found)
            else:
                kept.append(found)
        manager.audited_update(back, [name])
        self.counts[FOLLOW_UPS if manager.model is FollowUp else BACK] += len(back)
        self._name(kept)

    def _load(self, manager: Any, keys: list[UUID], name: str) -> dict[UUID, Any]:
        rows = manager.filter(pk__in=keys)
        if manager.model is FollowUp:
            rows = rows.select_related("customer").only(name, "updated_at", "customer__number")
        else:
            rows = rows.select_related("owner").only(
                "number", "binned_at", "updated_at", name, "owner__team"
            )
        return {row.pk: row for row in rows}

    def _may(self, found: Any) -> bool:
        """The right to set back is the undo's own (`may_undo`): who gave a customer away may no
        longer read them, and takes it back all the same. Only the bin is out of reach."""
        return self.trusted or isinstance(found, FollowUp) or not found.in_bin

    def _set_back(self, row: BulkRow, found: Any, name: str) -> bool:
        present = value_of(found, name)
        if isinstance(found, FollowUp):
            if present not in (row.after[name], row.before[name]):
                return False
            put_value(found, name, row.before[name])
            return True
        try:
            put_value(found, name, self.deed.before(present, row.before, row.after))
        except ChangedSince:
            return False
        return True

    def _name(self, kept: list[Any]) -> None:
        """Who changed them since, by their newest history row: one query for all of them."""
        if not kept:
            return
        self.counts[KEPT] += len(kept)
        kept = kept[: max(0, NAMED_AT_MOST - len(self.kept))]
        who: dict[UUID, tuple[str, str]] = {}
        models: set[type[Model]] = {type(row) for row in kept}
        for model in models:
            keys = [row.pk for row in kept if type(row) is model]
            rows = history_model(model).objects.filter(id__in=keys).order_by("history_date")
            for key, actor, when in rows.values_list("id", "history_actor", "history_date"):
                who[key] = (actor, when.isoformat())
        for row in kept:
            customer = row.customer if isinstance(row, FollowUp) else row
            actor, when = who.get(row.pk, ("", ""))
            named = {"customer": str(customer.pk), "number": customer.number}
            self.kept.append(named | {"who": actor, "when": when})
