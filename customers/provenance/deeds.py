"""What stands behind a step of a customer's history: a row of a file, a bulk change, a person.

Imports and bulk changes sign their history rows with their own id as request, their undoing with
the id of its job; who puts an old version back leaves a `PutBack`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.changes import Row
from audit.context import Door
from audit.models import PutBack
from customers.bulk.services import UNDO as BULK_UNDO
from customers.imports.batches import UNDO as IMPORT_UNDO
from customers.models.bulk import BulkChange
from customers.models.imports import Decision, ImportBatch, ImportRow, Outcome
from jobs.models import Job

WRITTEN = (Outcome.CREATED, Outcome.UPDATED)
DECIDED = (Decision.CREATED, Decision.UPDATED)


class Way(models.TextChoices):
    """How a value came to stand where it stands."""

    PERSON = "person", _("entered by hand")
    IMPORT = "import", _("import")
    REVIEW = "review", _("import, decided in review")
    BULK = "bulk", _("bulk change")
    COMMAND = "command", _("command")
    SYSTEM = "system", _("by the system")
    PUT_BACK = "put_back", _("old version put back")
    IMPORT_UNDO = "import_undo", _("undo of an import")
    BULK_UNDO = "bulk_undo", _("undo of a bulk change")
    OUTSIDE = "outside", _("outside the application")


WAY_OF_DOOR = {
    Door.ADMIN: Way.PERSON,
    Door.COMMAND: Way.COMMAND,
    Door.TASK: Way.SYSTEM,
    Door.SYSTEM: Way.SYSTEM,
    Door.SHELL: Way.OUTSIDE,
}
# What such a deed writes is an older value, whose origin lies before it.
BRINGING_BACK = frozenset({Way.PUT_BACK, Way.IMPORT_UNDO, Way.BULK_UNDO})


@dataclass(frozen=True, slots=True)
class File:
    """The import behind a value. `row` is None where the row is not known any more, or named the
    customer only as somebody's employer."""

    batch: UUID
    number: int
    name: str
    source: str
    source_id: UUID | None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What made one history row."""

    way: Way
    file: File | None = None
    bulk: int | None = None
    # The history row whose values a PUT_BACK copied.
    version: UUID | None = None


@dataclass(slots=True)
class Deeds:
    """The deeds behind many history rows, looked up at once."""

    batches: dict[UUID, File] = field(default_factory=dict)
    bulk: dict[UUID, int] = field(default_factory=dict)
    undoing: dict[UUID, Way] = field(default_factory=dict)
    put_back: dict[UUID, UUID] = field(default_factory=dict)
    # History row to the row of the file that it was written for, and whether a person decided.
    rows: dict[UUID, tuple[int, bool]] = field(default_factory=dict)

    @classmethod
    def behind(cls, trails: dict[UUID, list[Row]]) -> "Deeds":
        """Five queries, for one customer and for a thousand; fewer where there is nothing."""
        requests = {row["history_request_id"] for trail in trails.values() for row in trail}
        if not requests:
            return cls()
        deeds = cls(batches=_batches(requests))
        others = requests - deeds.batches.keys()
        if deeds.batches:
            deeds.rows = _rows(trails, deeds.batches)
        if others:
            numbers = BulkChange.objects.filter(pk__in=others).values_list("pk", "number")
            deeds.bulk = dict(numbers)
            deeds.undoing = _undoing(others - deeds.bulk.keys())
            deeds.put_back = _put_back(trails, others)
        return deeds

    def of(self, row: Row) -> Deed:
        request, key = row["history_request_id"], row["history_id"]
        if (version := self.put_back.get(key)) is not None:
            return Deed(Way.PUT_BACK, version=version)
        if (file := self.batches.get(request)) is not None:
            number, decided = self.rows.get(key, (None, False))
            named = File(file.batch, file.number, file.name, file.source, file.source_id, number)
            return Deed(Way.REVIEW if decided else Way.IMPORT, named)
        if (bulk := self.bulk.get(request)) is not None:
            return Deed(Way.BULK, bulk=bulk)
        if (undoing := self.undoing.get(request)) is not None:
            return Deed(undoing)
        return Deed(WAY_OF_DOOR.get(row["history_door"], Way.OUTSIDE))


def _batches(requests: Collection[UUID]) -> dict[UUID, File]:
    found = ImportBatch.objects.filter(pk__in=requests)
    columns = found.values_list("pk", "number", "file_name", "source_name", "source_id")
    return {row[0]: File(*row) for row in columns}


def _undoing(requests: Collection[UUID]) -> dict[UUID, Way]:
    kinds = {IMPORT_UNDO: Way.IMPORT_UNDO, BULK_UNDO: Way.BULK_UNDO}
    jobs = Job.objects.filter(pk__in=requests, kind__in=kinds)
    return {key: kinds[kind] for key, kind in jobs.values_list("pk", "kind")}


def _put_back(trails: dict[UUID, list[Row]], requests: Collection[UUID]) -> dict[UUID, UUID]:
    made = [
        row["history_id"]
        for trail in trails.values()
        for row in trail[1:]
        if row["history_request_id"] in requests
    ]
    if not made:
        return {}
    copies = PutBack.objects.filter(history_id__in=made)
    return dict(copies.values_list("history_id", "version_id"))


def _rows(trails: dict[UUID, list[Row]], batches: Collection[UUID]) -> dict[UUID, tuple[int, bool]]:
    """Which row of its file each history row of an import was written for.

    A file may write one customer several times: rows in their order, then what people decided, in
    theirs. So does the history. Where the two do not fit together nothing is claimed.
    """
    written: dict[tuple[Any, UUID], list[tuple[Any, ...]]] = defaultdict(list)
    # By customer alone and in no order: asked for the batch as well, a database would rather read
    # the whole file's rows from their index.
    found = ImportRow.objects.filter(customer_key__in=trails.keys()).order_by()
    found = found.filter(models.Q(outcome__in=WRITTEN) | models.Q(decision__in=DECIDED))
    columns = found.values_list("customer_key", "batch_id", "number", "decided_at")
    for key, batch, number, decided in columns:
        if batch in batches:
            written[key, batch].append((number, decided))
    rows: dict[UUID, tuple[int, bool]] = {}
    for (key, batch), lines in written.items():
        made = [row["history_id"] for row in trails[key] if row["history_request_id"] == batch]
        lines.sort(key=lambda line: (line[1] is not None, line[1] or line[0]))
        rows.update(_paired(made, lines))
    return rows


def _paired(
    made: list[UUID], lines: list[tuple[Any, ...]]
) -> Iterable[tuple[UUID, tuple[int, bool]]]:
    if len(made) != len(lines):
        lines = lines * len(made) if len(lines) == 1 else []
    for key, (number, decided) in zip(made, lines, strict=False):
        yield key, (number, decided is not None)
