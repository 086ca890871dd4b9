"""Takes an import back: what it created goes, what it changed is as it was before.

Rows are taken back from the last to the first, some hundred at a time, each portion in a
transaction with the place to go on from. Customers that somebody changed since are kept as they
are and named. What happened stays in the history.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.context import acting
from customers.imports.batches import UNDO
from customers.imports.taking_back import HISTORY, Kept, TakingBack, decide
from customers.imports.write import one_import_at_a_time
from customers.models import ContactPoint, Customer, Source, SourceRecord
from customers.models.imports import (
    BatchState,
    Decision,
    ImportBatch,
    ImportRow,
    Outcome,
    WaitingKey,
)
from encryption.sealed import sealed_values
from jobs.models import Job
from jobs.services import JobHandle, cancel_job, create_job
from jobs.sharing import SharedLock
from staff.models import User

AT_ONCE = 100
NAMED_AT_MOST = 1_000
UNTOUCHED = frozenset({"id", "number", "created_at"})
GOING_BACK = tuple(
    field.attname for field in HISTORY.tracked_fields if field.attname not in UNTOUCHED
)


class CannotUndo(ValueError):
    """This import cannot be taken back now; the message says why."""


def start_undo(*, actor: User, batch: ImportBatch, door: str) -> Job:
    """Ask for the work. Raises CannotUndo."""
    with transaction.atomic():
        _end_what_was_killed(batch)
        _refuse(batch)
        job = create_job(actor=actor, kind=UNDO, params={"batch": str(batch.pk), "door": door})
        ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.UNDOING, job=job)
    return job


def _end_what_was_killed(batch: ImportBatch) -> None:
    """A job whose worker died would only be gone on with; whoever undoes does not want that."""
    batch.refresh_from_db()
    if batch.job is not None and batch.job.is_silent():
        cancel_job(job_id=batch.job.pk)


def _refuse(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    if batch.state == BatchState.UNDONE:
        raise CannotUndo(
            _("Import #{number} was undone already, on {when}.").format(
                number=batch.number, when=f"{batch.undone_at:%Y-%m-%d %H:%M}"
            )
        )
    if batch.state == BatchState.UPLOADED:
        raise CannotUndo(
            _("Import #{number} was never started: there is nothing to undo.").format(
                number=batch.number
            )
        )
    busy = batch.job is not None and not batch.job.is_finished
    if batch.state == BatchState.RUNNING or busy:
        raise CannotUndo(
            _("Import #{number} is still at work. Wait until its job has ended.").format(
                number=batch.number
            )
        )


def run_undo(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "undo_import"."""
    batch = ImportBatch.objects.get(pk=handle.params["batch"])
    reason = _("undo of import #{number} from {source}").format(
        number=batch.number, source=batch.source_name
    )
    door = handle.params.get("door", "task")
    with acting(actor=handle.job.actor, door=door, reason=reason, request_id=handle.job.pk):
        report = _Report(handle.cursor)
        _Undo(batch, handle, report).run()
        with transaction.atomic():
            _take_back_source(batch)
            result = report.as_result(batch)
            ImportBatch.objects.filter(pk=batch.pk).update(
                state=BatchState.UNDONE, undo_result=result, undone_at=timezone.now()
            )
    return result


class _Undo:
    """Portion by portion, each decided and done in one short transaction."""

    def __init__(self, batch: ImportBatch, handle: JobHandle, report: "_Report") -> None:
        self.batch = batch
        self.handle = handle
        self.report = report
        self.total = _touched(batch)
        self.lock = SharedLock()

    def run(self) -> None:
        for rows in _portions(self.batch, self.report.below):
            self.lock.wait()
            with self.lock, transaction.atomic():
                one_import_at_a_time()
                customers = _customers(rows, but=_judged(self.batch, rows))
                # From here on nobody changes them: what is decided now still holds when done.
                Customer.with_bin.filter(pk__in=customers).lock()
                taking = decide(self.batch, customers, undo=self.handle.job.pk)
                self.report.add(taking)
                take_back(self.batch, taking, customers)
                _forget_rows(self.batch, rows)
                self.report.below = rows[-1].number
                self._advance()
        self._employers()

    def _employers(self) -> None:
        """Employers the import made go as well, unless somebody works there or changed them."""
        keys = _employers(self.batch)
        for start in range(0, len(keys), AT_ONCE):
            self.lock.wait()
            with self.lock, transaction.atomic():
                one_import_at_a_time()
                some = keys[start : start + AT_ONCE]
                Customer.with_bin.filter(pk__in=some).lock()
                taking = decide(self.batch, some, undo=self.handle.job.pk)
                # Whoever has a row of their own was judged with it.
                taking.revert.clear()
                taking.points = {key: taking.points.get(key, []) for key in taking.delete}
                take_back(self.batch, taking, some)
                self.report.employers += len(taking.delete)
                self._advance()

    def _advance(self) -> None:
        done = self.report.reversed + self.report.kept_count
        self.handle.advance(cursor=self.report.as_cursor(), done=done, total=self.total)


def try_undo(batch: ImportBatch) -> dict[str, Any]:
    """What an undo would do; writes nothing. Raises CannotUndo."""
    _refuse(batch)
    report, gone, nobody = _Report(None), set[UUID](), uuid7()
    for rows in _portions(batch, None):
        taking = decide(batch, _customers(rows, but=gone), undo=nobody, gone=gone)
        gone.update(taking.reversed, (kept.customer for kept in taking.keep))
        report.add(taking)
    employers = decide(batch, _employers(batch), undo=nobody, gone=gone)
    report.employers += len(employers.delete)
    return report.as_result(batch)


def ended(job: Job) -> None:
    """An undo that stopped half-way may be asked for again."""
    if job.state != "done":
        ImportBatch.objects.filter(pk=job.params["batch"]).update(
            problem=job.error or _("The undo was cancelled half-way. Undo again to finish it.")
        )


def take_back(batch: ImportBatch, taking: TakingBack, judged: Iterable[UUID]) -> None:
    """Do what was decided about the judged customers, set by set. Call inside a transaction."""
    _unlink(batch, set(judged) - taking.staying)
    if points := list(chain.from_iterable(taking.points.values())):
        ContactPoint.objects.filter(pk__in=points).delete()
    if taking.delete:
        Customer.with_bin.filter(pk__in=taking.delete).delete()
    if taking.revert:
        _revert(taking.revert)


def _unlink(batch: ImportBatch, customers: Iterable[UUID]) -> None:
    """Forget that this source knows these customers, where it learned so in this import: also of
    those about whom the file said nothing new."""
    made = {"source": batch.source_id, "first_seen": batch.started_at}
    SourceRecord.objects.filter(customer__in=list(customers), **made).delete()


def _revert(wanted: dict[UUID, UUID]) -> None:
    customers = Customer.with_bin.in_bulk(list(wanted))
    was = {row.id: row for row in HISTORY.objects.filter(history_id__in=wanted.values())}
    moments = {}
    with sealed_values():
        for key, customer in customers.items():
            for name in GOING_BACK:
                setattr(customer, name, getattr(was[key], name))
            moments[key] = was[key].updated_at
    changed = list(customers.values())
    Customer.with_bin.audited_update(changed, [*GOING_BACK])
    for customer in changed:
        customer.updated_at = moments[customer.pk]
    # The moment of the last change is no change of its own, and goes back with the others.
    models.QuerySet[Customer](Customer).bulk_update(changed, ["updated_at"])


def _portions(batch: ImportBatch, below: int | None) -> Iterator[list[ImportRow]]:
    """The rows of the batch from the last to the first: an employer is met after its people."""
    rows = ImportRow.objects.filter(batch=batch).order_by("-number").defer("payload", "emptied")
    while portion := list((rows if below is None else rows.filter(number__lt=below))[:AT_ONCE]):
        yield portion
        below = portion[-1].number


def _customers(rows: Iterable[ImportRow], but: Iterable[UUID] = ()) -> list[UUID]:
    keys = dict.fromkeys(row.customer_key for row in rows if row.customer_key)
    done = set(but)
    return [key for key in keys if key not in done]


def _judged(batch: ImportBatch, rows: list[ImportRow]) -> set[UUID]:
    """Of the customers of these rows, those that later rows of the file led to: judged once."""
    later = ImportRow.objects.filter(batch=batch, number__gt=rows[0].number)
    keys = [row.customer_key for row in rows if row.customer_key]
    met = later.filter(customer_key__in=keys).values_list("customer_key", flat=True)
    return {key for key in met if key}


def _touched(batch: ImportBatch) -> int:
    rows = ImportRow.objects.filter(batch=batch)
    outcomes = models.Q(outcome__in=(Outcome.CREATED, Outcome.UPDATED))
    decided = models.Q(decision__in=(Decision.CREATED, Decision.UPDATED))
    return rows.filter(outcomes | decided).values("customer_key").distinct().count()


def _forget_rows(batch: ImportBatch, rows: list[ImportRow]) -> None:
    """Rows that waited wait no more, and source records were last seen when they were before."""
    keys = [row.pk for row in rows]
    WaitingKey.objects.filter(row__in=keys).delete()
    ImportRow.objects.filter(pk__in=keys, outcome=Outcome.REVIEW, decision="").update(
        decision=Decision.WITHDRAWN, payload=None
    )
    seen: dict[Any, list[bytes]] = {}
    for row in rows:
        if row.seen_before is not None and row.identity is not None:
            seen.setdefault(row.seen_before, []).append(bytes(row.identity))
    for moment, identities in seen.items():
        marked = {"source": batch.source_id, "last_seen": batch.started_at}
        SourceRecord.objects.filter(identity__in=identities, **marked).update(last_seen=moment)
        # Another import met our mark there: undone after us, it gives back the date before ours.
        met = ImportRow.objects.filter(identity__in=identities, seen_before=batch.started_at)
        met.filter(batch__source=batch.source_id).update(seen_before=moment)


def _employers(batch: ImportBatch) -> list[UUID]:
    rows = ImportRow.objects.filter(batch=batch, employer_key__isnull=False)
    return [key for key in rows.values_list("employer_key", flat=True) if key]


def _take_back_source(batch: ImportBatch) -> None:
    """The source goes if this import made it and nothing else needs it; else its remembered
    mapping goes back, unless it changed since."""
    source = Source.objects.filter(pk=batch.source_id).first()
    if source is None:
        return
    before = batch.options.get("source_before")
    others = ImportBatch.objects.filter(source=source).exclude(pk=batch.pk)
    others = others.exclude(state=BatchState.UNDONE)
    used = source.records.exists() or Customer.with_bin.filter(source=source).exists()
    if before is None and "source_before" in batch.options and not used and not others.exists():
        ImportBatch.objects.filter(source=source).update(source=None)
        source.delete()
    elif before is not None and not others.filter(number__gt=batch.number).exists():
        source.mapping = before["mapping"]
        source.save(update_fields=["mapping"])
        moment = datetime.fromisoformat(before["updated_at"])
        models.QuerySet(Source).filter(pk=source.pk).update(updated_at=moment)


class _Report:
    """What was done so far; it stands in the job's cursor, so that a resumed undo counts on."""

    def __init__(self, cursor: dict[str, Any] | None) -> None:
        known = cursor or {}
        self.below: int | None = known.get("below")
        self.reversed: int = known.get("reversed", 0)
        self.kept: list[dict[str, Any]] = known.get("kept", [])
        self.kept_count: int = known.get("kept_count", 0)
        self.failed: list[dict[str, Any]] = known.get("failed", [])
        self.employers: int = known.get("employers", 0)

    def add(self, taking: TakingBack) -> None:
        self.reversed += len(taking.reversed)
        self.kept_count += len(taking.keep)
        named = [kept.customer for kept in taking.keep] + list(taking.blocked)
        numbers = dict(Customer.with_bin.filter(pk__in=named).values_list("pk", "number"))
        room = NAMED_AT_MOST - len(self.kept)
        self.kept += [_as_json(kept, numbers) for kept in taking.keep[: max(0, room)]]
        self.failed += [
            {"customer": str(key), "number": numbers.get(key, ""), "why": why}
            for key, why in taking.blocked.items()
        ]

    def as_cursor(self) -> dict[str, Any]:
        return {
            "below": self.below,
            "reversed": self.reversed,
            "kept": self.kept,
            "kept_count": self.kept_count,
            "failed": self.failed,
            "employers": self.employers,
        }

    def as_result(self, batch: ImportBatch) -> dict[str, Any]:
        return {
            "batch": str(batch.pk),
            "reversed": self.reversed,
            "kept": self.kept,
            "kept_count": self.kept_count,
            "failed": self.failed,
            "employers_removed": self.employers,
        }


def _as_json(kept: Kept, numbers: dict[UUID, str]) -> dict[str, Any]:
    return {
        "customer": str(kept.customer),
        "number": numbers.get(kept.customer, ""),
        "who": kept.who,
        "when": kept.when.isoformat(),
    }
