"""The import itself: reads, plans and writes, portion by portion, wherever it was stopped.

A batch of rows, its history and the place to go on from are written in one transaction, so a
worker killed anywhere leaves no row half done and none is done twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.context import acting
from customers.imports.batches import as_counts, count, find_source
from customers.imports.known import Known, load
from customers.imports.mapping import Columns, settle
from customers.imports.plan import Orders, Planner
from customers.imports.reading import (
    CustomerFile,
    open_file,
    open_plain,
    open_sealed,
    read_through,
)
from customers.imports.rows import FileRow
from customers.imports.score import Tally
from customers.imports.write import Stale, Writer
from customers.models.imports import ImportBatch, ImportRow, OnDuplicate
from jobs.errors import JobFailed, is_disk_full
from jobs.services import MAX_ATTEMPTS, JobHandle
from jobs.sharing import MOST, SharedLock, few_collections
from quality.pipeline import Options
from quality.reading import Table, UnreadableFile

PLANNED_AGAIN = 5

Progress = Callable[[int, int], None]
_watching: ContextVar[Progress | None] = ContextVar("watching", default=None)


@contextmanager
def watching(progress: Progress) -> Iterator[None]:
    """Within it an import in this process tells `progress(done, total)` how far it is."""
    token = _watching.set(progress)
    try:
        yield
    finally:
        _watching.reset(token)


def run_import(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "import_customers"."""
    batch = ImportBatch.objects.select_related("source").get(pk=handle.params["batch"])
    reason = _("import #{number} from {source}").format(
        number=batch.number, source=batch.source_name
    )
    door = handle.params.get("door", "task")
    with acting(actor=handle.job.actor, door=door, reason=reason, request_id=batch.pk):
        try:
            with few_collections():
                _Run(batch, handle).run()
        except UnreadableFile as problem:
            raise JobFailed(str(problem)) from None
        except OSError as problem:
            raise JobFailed(_cannot_read(batch, problem)) from None
        except OperationalError as problem:
            if handle.job.attempts >= MAX_ATTEMPTS:
                raise JobFailed(_full() if is_disk_full(problem) else _busy()) from None
            raise
    counts, _reasons = count(batch)
    return {"batch": str(batch.pk), **counts, "unmapped": batch.unmapped}


class _Run:
    def __init__(self, batch: ImportBatch, handle: JobHandle) -> None:
        if batch.source_id is None or batch.started_at is None:
            raise JobFailed(_("This import was taken back before it began."))
        self.batch = batch
        self.handle = handle
        self.orders = Orders(batch.pk, batch.source_id, batch.on_duplicate, batch.started_at)
        self.size = 200
        self.lock = SharedLock()
        # Grows with the number of different employers; forgotten as soon as anything was stale.
        self.employers: dict[str, UUID] = {}
        self.file = self._open()
        self.cells = Tally(batch.mapping, (handle.cursor or {}).get("cells"))

    def run(self) -> None:
        done = (self.handle.cursor or {}).get("record", 0)
        written = self._written_after(done)
        for portion in self.file.rows(after=done):
            while portion:
                now, portion = portion[: self.size], portion[self.size :]
                self.cells.add(now)
                if rows := [row for row in now if row.number not in written]:
                    self._write(rows)
        total = self.file.total
        self.handle.advance(cursor=self._cursor(total), done=total, total=total)

    def _cursor(self, record: int) -> dict[str, Any]:
        return {"record": record, "cells": self.cells.as_json()}

    def _open(self) -> CustomerFile:
        path = self.handle.params.get("path")
        opener = open_plain(path) if path else open_sealed(self.batch.sealed_name)
        table = open_file(opener, self.batch.file_name, self.batch.options)
        columns = Columns(
            self.batch.mapping, tuple(self.batch.unmapped), self.batch.external_id_column
        )
        return read_through(
            table,
            columns,
            self.orders.source,
            options_from(self.batch.options),
            progress=lambda done: self.handle.beat(),
        )

    def _written_after(self, done: int) -> set[int]:
        """Rows that were written ahead of the place to go on from, which comes last."""
        rows = ImportRow.objects.filter(batch=self.batch, number__gt=done)
        return set(rows.values_list("number", flat=True))

    def _write(self, rows: list[FileRow]) -> None:
        """Plan and write these rows; rows that have to see others written follow at once."""
        last = rows[-1].number
        while rows:
            rows = self._write_wave(rows, last)
        if watch := _watching.get():
            watch(last, self.file.total)

    def _write_wave(self, rows: list[FileRow], last: int) -> list[FileRow]:
        cause: BaseException | None = None
        for attempt in range(PLANNED_AGAIN):
            try:
                if attempt == PLANNED_AGAIN - 1:
                    # Others write all the time: plan where nobody can.
                    with transaction.atomic():
                        return self._plan_and_write(rows, last)
                return self._plan_and_write(rows, last)
            except Stale as stale:
                cause = stale.__cause__
                self.employers.clear()
        raise cause or JobFailed(_busy())

    def _plan_and_write(self, rows: list[FileRow], last: int) -> list[FileRow]:
        full = self.orders.on_duplicate == OnDuplicate.UPDATE
        known = load(rows, source=self.orders.source, full=full, employers=self.employers)
        planner = Planner(self.orders, known)
        writer = Writer(planner.plan(rows), self.orders)
        whole = not planner.later

        def finish() -> None:
            cursor = self._cursor(last) if whole else self.handle.cursor
            self.handle.advance(cursor=cursor, done=last, total=self.file.total)

        self.lock.wait()
        with self.lock:
            writer.write(finish)
        self.employers |= known.employers
        self.size = self.lock.fitting(self.size)
        return planner.later


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would do."""

    counts: dict[str, int]
    columns: Columns
    reasons: dict[str, int]


def try_import(
    table: Table,
    *,
    source_name: str,
    given: dict[str, str] | None,
    external_id: str,
    on_duplicate: str,
    options: dict[str, Any],
) -> DryRun:
    """The counts of an import that writes nothing.

    Remembers what it would have written, so memory grows with the file: about 2 kB for each row.
    """
    found = find_source(source_name)
    source: UUID = found.pk if found else uuid7()
    columns = settle(
        table.columns,
        given=given,
        remembered=found.mapping if found else None,
        external_id=external_id,
    )
    file = read_through(table, columns, source, options_from(options))
    orders = Orders(uuid7(), source, on_duplicate, timezone.now())
    remembered, tally = Known(), _Tally()
    for portion in file.rows():
        while portion:
            tally.add(_pretend(portion[:MOST], orders, remembered))
            portion = portion[MOST:]
    return DryRun(
        as_counts(dict(tally.outcomes), tally.reasons, tally.employers, tally.points),
        columns,
        dict(tally.reasons),
    )


class _Tally:
    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.employers = 0
        self.points = 0

    def add(self, steps: Sequence[Any]) -> None:
        for step in steps:
            self.outcomes[step.outcome] += 1
            self.reasons.update(cell.rule for cell in step.row.left_out)
            self.employers += step.new_employer is not None
            self.points += len(step.points)


def _pretend(rows: list[FileRow], orders: Orders, remembered: Known) -> list[Any]:
    steps: list[Any] = []
    full = orders.on_duplicate == OnDuplicate.UPDATE
    while rows:
        known = load(rows, source=orders.source, full=full, remembered=remembered)
        planner = Planner(orders, known, remembered)
        steps += planner.plan(rows)
        rows = planner.later
    return steps


def options_from(kept: dict[str, Any]) -> Options:
    """The cleaning options of a batch, as they were when it was started."""
    today = kept.get("today")
    return Options(
        country=kept.get("country") or None,
        date_order=kept.get("date_order") or None,
        today=date.fromisoformat(today) if today else timezone.localdate(),
    )


def _cannot_read(batch: ImportBatch, problem: OSError) -> str:
    return _(
        "The file {name} cannot be read any more ({reason}). What came in so far is kept. Put the "
        "file back and try again, or import it anew: rows that are in already change nothing."
    ).format(name=batch.file_name, reason=problem.strerror or type(problem).__name__)


def _full() -> str:
    return _(
        "The disk of the server is full. What came in so far is kept. Make room, then try again: "
        "the import goes on where it stopped."
    )


def _busy() -> str:
    return _(
        "The database is locked by another program. What came in so far is kept. Close the other "
        "program, then try again: the import goes on where it stopped."
    )
