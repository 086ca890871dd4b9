"""Batches: begun, started, counted, ended."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.imports.mapping import Columns, remember
from customers.imports.upload import SealedUpload, digest_of_file, sealed_path
from customers.models import Source
from customers.models.imports import BatchState, ImportBatch, ImportRow, Outcome
from customers.models.numbers import add_numbered
from jobs.models import Job
from jobs.services import create_job
from staff.models import User

IMPORT = "import_customers"
UNDO = "undo_import"
# Rows that looked like a customer, or like another row of the file, and were not known to be one.
LOOKS_ALIKE = Q(Q(candidate_key__isnull=False) | Q(candidate_row__isnull=False), seen_before=None)


def find_source(name: str) -> Source | None:
    """A source by its name, whatever its case."""
    return Source.objects.filter(name__iexact=name.strip()).first()


class StartedAlready(ValueError):
    """Somebody pressed the button twice, or two people did."""


def begin_upload(*, actor: User, upload: SealedUpload, source_name: str) -> ImportBatch:
    """A batch for a file that was just taken in sealed."""
    return _create(
        id=upload.sealed.id,
        started_by=actor,
        source_name=source_name.strip(),
        file_name=(upload.name or "")[:255],
        file_size=upload.size or 0,
        file_digest=upload.sealed.digest,
        sealed_name=upload.sealed.name,
    )


def begin_file(*, actor: User, path: str) -> ImportBatch:
    """A batch for a file that lies on this machine and is read where it lies."""
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return _create(
        started_by=actor,
        file_name=Path(path).name[:255],
        file_size=Path(path).stat().st_size,
        file_digest=digest_of_file(digest),
    )


def _create(**values: Any) -> ImportBatch:
    """With the next number, whoever else takes one at the same moment."""
    try:
        batch: ImportBatch = add_numbered(ImportBatch, **values)
    except IntegrityError:
        raise StartedAlready(_("Too many imports begin at this moment. Try again.")) from None
    return batch


@transaction.atomic
def start(
    *,
    actor: User,
    batch: ImportBatch,
    source_name: str,
    columns: Columns,
    header: Iterable[str],
    on_duplicate: str,
    options: dict[str, Any],
    door: str,
    path: str = "",
) -> Job:
    """Settle how the file comes in and ask for the work. Raises StartedAlready."""
    known = find_source(source_name)
    # What undo brings back: the mapping remembered before, None when there was no source.
    before = known and {"mapping": known.mapping, "updated_at": known.updated_at.isoformat()}
    options = options | {"source_before": before}
    source = known or _new_source(source_name.strip())
    remember(source, columns)
    job = create_job(
        actor=actor, kind=IMPORT, params={"batch": str(batch.pk), "door": door, "path": path}
    )
    started = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.UPLOADED).update(
        state=BatchState.RUNNING,
        source=source,
        source_name=source.name,
        mapping=columns.mapping,
        unmapped=list(columns.unmapped),
        external_id_column=columns.external_id,
        header=list(header),
        on_duplicate=on_duplicate,
        options=options,
        started_at=timezone.now(),
        job=job,
    )
    if not started:
        raise StartedAlready(_("This import was started already."))
    batch.refresh_from_db()
    return job


def _new_source(name: str) -> Source:
    """A new source, or the one somebody else made at the same moment."""
    try:
        with transaction.atomic():
            return Source.objects.create(name=name)
    except IntegrityError:
        return Source.objects.get(name__iexact=name)


def count(batch: ImportBatch) -> tuple[dict[str, int], dict[str, int]]:
    """The counts of a batch, from its rows, and the emptied cells by reason."""
    rows = ImportRow.objects.filter(batch=batch)
    by_outcome = dict(
        rows.values_list("outcome")
        .annotate(number=Count("pk"))
        .order_by()
        .values_list("outcome", "number")
    )
    reasons: Counter[str] = Counter()
    for emptied in rows.filter(emptied__isnull=False).values_list("emptied", flat=True).iterator():
        reasons.update(rule for _column, rule in emptied or ())
    employers = rows.filter(employer_key__isnull=False).count()
    points = rows.aggregate(points=Sum("points"))["points"] or 0
    return as_counts(by_outcome, reasons, employers, points), dict(reasons)


def as_counts(
    by_outcome: dict[str, int], reasons: Counter[str], employers: int, points: int
) -> dict[str, int]:
    outcomes = {str(outcome): by_outcome.get(outcome, 0) for outcome in Outcome.values}
    return {
        "rows": sum(outcomes.values()),
        **outcomes,
        "cells_emptied": sum(reasons.values()),
        "employers_created": employers,
        "contact_points": points,
    }


def ended(job: Job) -> None:
    """What the batch says once its import is done, failed or cancelled."""
    batch = ImportBatch.objects.get(pk=job.params["batch"])
    counts, reasons = count(batch)
    done = job.state == "done"
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.DONE if done else BatchState.FAILED,
        counts=counts,
        emptied=reasons,
        cells=_cells(batch, job),
        problem="" if done else job.error or _("It was cancelled."),
        finished_at=timezone.now(),
    )
    if done:
        forget_file(batch)


def _cells(batch: ImportBatch, job: Job) -> dict[str, Any]:
    """The tally of cells as far as the import came, and how many rows looked like somebody."""
    looked_alike = ImportRow.objects.filter(LOOKS_ALIKE, batch=batch).count()
    return {**(job.cursor or {}).get("cells", {}), "duplicates": looked_alike}


def forget_file(batch: ImportBatch) -> None:
    """Delete the sealed upload: what is needed of it stands in rows now."""
    if batch.sealed_name:
        sealed_path(batch.sealed_name).unlink(missing_ok=True)
        ImportBatch.objects.filter(pk=batch.pk).update(sealed_name="")


def discard(batch: ImportBatch) -> bool:
    """Delete an upload that was not started. False when it was."""
    gone, _models = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.UPLOADED).delete()
    if gone and batch.sealed_name:
        sealed_path(batch.sealed_name).unlink(missing_ok=True)
    return bool(gone)


def files_of(jobs: Sequence[Job]) -> dict[UUID, str]:
    """Which file each of these jobs imports, or takes back."""
    wanted = {job.pk: UUID(job.params["batch"]) for job in jobs}
    found = ImportBatch.objects.in_bulk(list(wanted.values()))
    return {
        job: _("{file} from {source}").format(
            file=found[batch].file_name, source=found[batch].source_name
        )
        for job, batch in wanted.items()
        if batch in found
    }


def find_batch(text: str) -> ImportBatch | None:
    """A batch by its id or its number (7 or #7)."""
    plain = text.strip().removeprefix("#")
    wanted = Q(number=int(plain)) if plain.isdecimal() and len(plain) < 10 else None
    if wanted is None:
        try:
            wanted = Q(pk=UUID(plain))
        except ValueError:
            return None
    return ImportBatch.objects.filter(wanted).first()
