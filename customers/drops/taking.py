"""Takes in the files of a drop place that are whole, one after another, the oldest first.

So of two files about one customer the newer has the last word. Each goes into the sealed store,
is compared once more with what was met, and then takes the way of any upload.
"""

import time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.drops import looking
from customers.drops.met import NotAFile, Place, PlaceProblem
from customers.imports import batches, mapping, run
from customers.imports.reading import open_file, open_sealed
from customers.imports.upload import (
    LARGEST_UPLOAD,
    MEGABYTE,
    SealedFile,
    SealedUpload,
    words_for,
)
from customers.models import DropLook, DroppedFile, ImportBatch, Source
from customers.models.drops import DropState
from customers.models.imports import BatchState, OnDuplicate
from jobs.models import Job, State
from jobs.services import JobHandle, run_job
from quality.reading import Table, UnreadableFile

CHUNK = 256 * 1024
LONGEST = 600.0  # seconds; what is left then waits for the next job
NOT_YET = 1.0  # seconds before an import that found the database locked is tried again
TRIED_AGAIN = 5
SLOWEST = 100 * 1024  # bytes per second, once a minute has passed
PATIENCE = 60.0
INTERRUPTED = gettext_lazy("It was interrupted; what is left comes in at the next look.")


class NotYetWhole(Exception):
    """The file changed while it was read: the next look meets it as a new one."""


def run_taking(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of the kind "customers.drop"."""
    source = Source.objects.get(pk=handle.params["source"])
    counts: dict[str, int] = {}
    problem = _look_twice(source, handle) if handle.params.get("look") else ""
    try:
        if not problem and _nothing_is_being_imported(source):
            _take_all(source, looking.place_of(source), handle, counts)
    except PlaceProblem as stopped:
        problem = str(stopped)
        DropLook.objects.filter(source=source).update(problem=problem[:500])
    return {"source": source.name, **counts, "problem": problem}


def _look_twice(source: Source, handle: JobHandle) -> str:
    """What somebody who asked for a look expects: whatever is there and whole comes in."""
    look = looking.look_into(source)
    if look is not None and not look.problem and look.new:
        handle.advance(
            cursor=handle.cursor, done=0, message=_("Waiting whether the new files still grow.")
        )
        end = time.monotonic() + looking.QUIET.total_seconds() + 1
        while time.monotonic() < end:
            time.sleep(0.5)
            handle.beat()
        look = looking.look_into(source)
    return look.problem if look else ""


def _nothing_is_being_imported(source: Source) -> bool:
    """An import that a killed job began goes on in its own; meanwhile nothing overtakes it."""
    begun = DroppedFile.objects.filter(source=source, state=DropState.IMPORTING)
    ended = [settle_import(file) for file in begun.select_related("batch__job")]
    return all(ended)


def _take_all(source: Source, place: Place, handle: JobHandle, counts: dict[str, int]) -> None:
    until = time.monotonic() + LONGEST
    whole = DroppedFile.objects.filter(source=source, state=DropState.WHOLE)
    keys = list(whole.order_by("modified_at", "name").values_list("pk", flat=True))
    for done, key in enumerate(keys):
        handle.progress(done, len(keys))
        file = DroppedFile.objects.select_related("source").get(pk=key)
        state = _take(file, place, handle)
        counts[state.value] = counts.get(state.value, 0) + 1
        if state is DropState.IMPORTING or time.monotonic() > until:
            return


def _take(file: DroppedFile, place: Place, handle: JobHandle) -> DropState:
    try:
        sealed = take_in(file, place, handle)
    except (NotYetWhole, FileNotFoundError):
        return _ended(file, DropState.GONE)
    except NotAFile as problem:
        return _ended(file, DropState.REFUSED, str(problem))
    if sealed is None:
        return _ended(file, DropState.REPEATED)
    return import_file(file, sealed, handle)


def take_in(file: DroppedFile, place: Place, handle: JobHandle) -> SealedFile | None:
    """A sealed copy of the file as it was met; None when it came in before.

    Raises NotYetWhole, NotAFile, FileNotFoundError, PlaceProblem; then nothing is left behind.
    """
    if file.size > LARGEST_UPLOAD:
        raise NotAFile(_too_large())
    sealed = _sealed_file()
    try:
        _copy(sealed, file, place, handle)
        now = place.look(file.source.drop_folder, file.name)
        if (now.size, now.modified) != (file.size, file.modified_at) or sealed.size != now.size:
            raise NotYetWhole
        sealed.finish()
    except BaseException:
        sealed.close()
        raise
    file.digest = sealed.digest
    if _came_before(file):
        sealed.path.unlink(missing_ok=True)
        return None
    return sealed


def _sealed_file() -> SealedFile:
    try:
        return SealedFile()
    except OSError as problem:
        raise NotAFile(words_for(problem)) from None


def _copy(sealed: SealedFile, file: DroppedFile, place: Place, handle: JobHandle) -> None:
    began = time.monotonic()
    with place.reading(file.source.drop_folder, file.name) as content:
        while chunk := content.read(CHUNK):
            if sealed.size + len(chunk) > file.size:
                raise NotYetWhole
            _write(sealed, chunk)
            handle.beat()
            passed = time.monotonic() - began
            if passed > PATIENCE and sealed.size < passed * SLOWEST:
                raise NotAFile(_("It came too slowly. Put it here again for another try."))


def _write(sealed: SealedFile, chunk: bytes) -> None:
    try:
        sealed.write(chunk)
    except OSError as problem:
        raise NotAFile(words_for(problem)) from None


def _came_before(file: DroppedFile) -> bool:
    """Whether the same bytes of this source are in, under whatever name, and were not undone."""
    same = ImportBatch.objects.filter(source=file.source, file_digest=file.digest)
    return same.filter(state=BatchState.DONE).exists()


def import_file(file: DroppedFile, sealed: SealedFile, handle: JobHandle) -> DropState:
    """Import a file that was taken in, here and now; returns what became of it.

    The batch, its job and the note that this file is being imported are one transaction, held
    against our claim: of two workers that think the look is theirs only one begins.
    """
    last = file.source.batches.filter(state=BatchState.DONE).order_by("-number").first()
    try:
        table = open_file(open_sealed(sealed.name), file.name, _as_last_time(last))
        columns = mapping.settle(table.columns, remembered=file.source.mapping)
    except (UnreadableFile, mapping.MappingProblem) as problem:
        sealed.path.unlink(missing_ok=True)
        return _ended(file, DropState.REFUSED, str(problem))
    except BaseException:
        sealed.path.unlink(missing_ok=True)
        raise
    job = _begin(file, sealed, handle, table, columns, last)
    _run(job, handle)
    file.refresh_from_db()
    settle_import(file)
    return DropState(file.state)


def settle_import(file: DroppedFile) -> bool:
    """Note how the import of a file ended; False while it goes on."""
    batch = file.batch
    if batch is None:
        _ended(file, DropState.GONE)
        return True
    batch.refresh_from_db()
    if batch.job is not None and not batch.job.is_finished:
        return False
    failed = batch.state == BatchState.FAILED
    _ended(file, DropState.REFUSED if failed else DropState.IMPORTED, batch.problem)
    return True


@transaction.atomic
def _begin(
    file: DroppedFile,
    sealed: SealedFile,
    handle: JobHandle,
    table: Table,
    columns: mapping.Columns,
    last: ImportBatch | None,
) -> Job:
    actor = handle.job.actor
    batch = batches.begin_upload(
        actor=actor, upload=SealedUpload(sealed, file.name), source_name=file.source.name
    )
    job = batches.start(
        actor=actor,
        batch=batch,
        source_name=file.source.name,
        columns=columns,
        header=table.columns,
        on_duplicate=last.on_duplicate if last else OnDuplicate.REVIEW.value,
        options=_as_last_time(last),
        door="task",
    )
    file.batch, file.state = batch, DropState.IMPORTING
    file.save()
    handle.advance(cursor=handle.cursor, done=handle.job.done)
    return job


def _as_last_time(last: ImportBatch | None) -> dict[str, Any]:
    """Country, order of dates, sheet and encoding as a person chose them for the last file."""
    chosen = last.options if last else {}
    return {
        "country": chosen.get("country", ""),
        "date_order": chosen.get("date_order", ""),
        "today": timezone.localdate().isoformat(),
        "sheet": chosen.get("sheet", ""),
        "encoding": chosen.get("encoding", ""),
    }


def _run(job: Job, handle: JobHandle) -> None:
    """In this worker, again as long as the database was merely locked; what still waits then is
    done by whoever is called for it."""
    with run.watching(lambda done, total: handle.beat()):
        for _attempt in range(TRIED_AGAIN):
            if run_job(job_id=job.pk).state != State.QUEUED:
                return
            connection.close()
            time.sleep(NOT_YET)


def _ended(file: DroppedFile, state: DropState, problem: str = "") -> DropState:
    file.state, file.problem, file.looked_at = state, problem[:500], timezone.now()
    file.save()
    return state


def _too_large() -> str:
    return _("It is larger than {limit} MB. Split it, and put its parts here.").format(
        limit=LARGEST_UPLOAD // MEGABYTE
    )
