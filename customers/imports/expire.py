"""Forgets what was kept of a file: set-aside rows, emptied cells and uploads nobody started.

Rows that wait for review stay until somebody decides.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customers.imports.batches import forget_file
from customers.imports.upload import sealed_path
from customers.models.imports import KEPT_DAYS, BatchState, ImportBatch, ImportRow, Outcome

AT_ONCE = 1_000
NEVER_STARTED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Expired:
    rows: int
    files: int


def expire_import_rows() -> Expired:
    """Empty what is older than `KEPT_DAYS`; how many rows and files went."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    waits = Q(outcome=Outcome.REVIEW, decision="")
    old = ImportRow.objects.filter(batch__finished_at__lt=before, payload__isnull=False)
    rows = 0
    while keys := list(old.exclude(waits).values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows += ImportRow.objects.filter(pk__in=keys).update(payload=None)
    return Expired(rows, _forget_files())


def is_over(batch: ImportBatch) -> bool:
    """Whether what was kept of this import's file is due to be forgotten."""
    return batch.expires_at is not None and batch.expires_at < timezone.now()


def _forget_files() -> int:
    """Sealed uploads that were never started, that failed long ago, or that no batch knows."""
    now = timezone.now()
    forgotten = 0
    stale = Q(state=BatchState.UPLOADED, created_at__lt=now - NEVER_STARTED) | Q(
        state=BatchState.FAILED, finished_at__lt=now - timedelta(days=KEPT_DAYS)
    )
    for batch in ImportBatch.objects.filter(stale).exclude(sealed_name=""):
        forget_file(batch)
        forgotten += 1
    known = set(ImportBatch.objects.exclude(sealed_name="").values_list("sealed_name", flat=True))
    for path in sealed_path("x").parent.glob("*.sealed"):
        if path.name not in known and _age(path) > NEVER_STARTED:
            path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def _age(path: Path) -> timedelta:
    return timedelta(seconds=timezone.now().timestamp() - path.stat().st_mtime)
