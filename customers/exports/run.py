"""Writes an export: customer by customer into the sealed file, then, and only then, gives it out.

A worker killed in the middle leaves a sealed file that nobody is offered; the next attempt begins
anew and deletes it. A stream cannot go on where it stopped, and what it would go on with may have
changed.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.context import acting
from customers.exports import files
from customers.exports.columns import chosen_columns
from customers.exports.formats import Place, open_format
from customers.exports.rows import UNOPENABLE, Keys, RowReader
from customers.exports.services import may_export
from customers.models.exports import KEPT_HOURS, Export, ExportState
from customers.selection import Selection
from jobs.errors import JobFailed
from jobs.services import JobHandle
from jobs.sharing import few_collections
from staff.models import User

# Seconds between looks whether the person may still export.
ASK_AGAIN = 10.0
Progress = Callable[[int, int], None]


class Written:
    """What came of it: `rows` went out, `gone` were deleted or binned meanwhile."""

    def __init__(self, rows: int, gone: int, disclosed: dict[str, dict[str, int]]) -> None:
        self.rows = rows
        self.gone = gone
        self.disclosed = disclosed

    @property
    def unopenable(self) -> int:
        return sum(counts.get(UNOPENABLE, 0) for counts in self.disclosed.values())


def write_export(
    export: Export, place: Place, *, reader: User, progress: Progress | None = None
) -> Written:
    """Write the customers of an export to `place`, as `reader` may see them."""
    columns = chosen_columns(export.columns)
    keys = Keys(Selection.from_json(export.selection), reader)
    rows = RowReader(columns, reader)
    bom = bool(export.options.get("bom", True))
    file = open_format(export.format, place, columns, bom=bom)
    read = written = 0
    with few_collections():
        for portion in keys.portions():
            lines = rows.read(portion)
            file.add(lines)
            read += len(portion)
            written += len(lines)
            if progress:
                progress(read, len(keys))
    file.finish()
    return Written(written, read - written, rows.disclosed.as_json())


def run_export(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "customers.export"."""
    export = Export.objects.get(pk=handle.params["export"])
    reader = export.started_by
    _still_allowed(reader)
    files.forget(export.pk)
    Export.objects.filter(pk=export.pk).exclude(state=ExportState.EXPIRED).update(
        state=ExportState.RUNNING, finished_at=None, sealed_name=""
    )
    asked = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal asked
        handle.progress(done, total)
        if time.monotonic() - asked > ASK_AGAIN:
            _still_allowed(reader)
            asked = time.monotonic()

    with acting(actor=reader, door="task", reason=export.reason, request_id=export.pk):
        file = files.SealedExport(export.pk)
        try:
            written = write_export(export, file, reader=reader, progress=progress)
            file.finish()
            _give_out(handle, export, file, written)
        except OSError as problem:
            file.discard()
            raise JobFailed(_cannot_write(problem)) from None
        except BaseException:
            file.discard()
            raise
    return {
        "export": str(export.pk),
        "rows": written.rows,
        "gone": written.gone,
        "unopenable": written.unopenable,
    }


def _give_out(
    handle: JobHandle, export: Export, file: files.SealedExport, written: Written
) -> None:
    """The record and the file's name are written together, while the job is still ours and the
    person still may: otherwise there is no export."""
    now = timezone.now()
    with transaction.atomic():
        _still_allowed(export.started_by)
        finish_record(export, written, size=file.size)
        Export.objects.filter(pk=export.pk).update(
            sealed_name=file.name, expires_at=now + timedelta(hours=KEPT_HOURS)
        )
        total = written.rows + written.gone
        handle.advance(cursor=None, done=total, total=total)


def finish_record(export: Export, written: Written, *, size: int) -> None:
    """How many customers went out, and how much of each protected column."""
    Export.objects.filter(pk=export.pk).update(
        state=ExportState.DONE,
        rows=written.rows,
        size=size,
        disclosed=written.disclosed,
        finished_at=timezone.now(),
    )


def _still_allowed(reader: User) -> None:
    """As it is now, not as it was when somebody asked."""
    if not may_export(User.objects.get(pk=reader.pk)):
        raise JobFailed(
            _("Who asked for this export may not export customers any more. No file was made.")
        )


def _cannot_write(problem: OSError) -> str:
    return _(
        "The server could not write the file ({reason}). Nothing left the house. Tell an "
        "administrator, then try again."
    ).format(reason=problem.strerror or type(problem).__name__)
