"""Rows of a history table with the row before each, for one page: two queries, however many."""

from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from audit.changes import Change, Row, Wording, told_fields
from audit.recording import CREATED, DELETED, history_model
from customers.timeline.entries import Looking


@dataclass(frozen=True)
class Chapter:
    """One step of one object's history, and what it was before."""

    row: Row
    older: Row | None
    key: UUID
    changes: list[Change]

    @property
    def created(self) -> bool:
        return bool(self.row["history_type"] == CREATED)

    @property
    def deleted(self) -> bool:
        return bool(self.row["history_type"] == DELETED)

    def became(self, column: str) -> Any:
        """The value of this column now, if this step changed it; else None."""
        before = self.older[column] if self.older else None
        return self.row[column] if self.row[column] != before else None

    def changed(self, column: str) -> bool:
        return self.older is not None and self.row[column] != self.older[column]


def chapters(
    model: type[models.Model], looking: Looking, found_by: Q, *, but: set[str]
) -> list[Chapter]:
    """The history of these objects as this page wants it, in words without the fields `but`."""
    history = history_model(model)
    previous = (
        history.objects.filter(id=OuterRef("id"))
        .filter(
            Q(history_date__lt=OuterRef("history_date"))
            | Q(history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id"))
        )
        .order_by("-history_date", "-history_id")
        .values("history_id")[:1]
    )
    wanted = history.objects.filter(found_by).annotate(previous_id=Subquery(previous))
    rows = list(looking.narrow(wanted, "history_date", "history_id").values())
    older_keys = {row["previous_id"] for row in rows} - {None}
    older = {}
    if older_keys:
        found = history.objects.filter(history_id__in=older_keys).order_by().values()
        older = {row["history_id"]: row for row in found}
    fields = [field for field in told_fields(model) if field.name not in but]
    wording = Wording(fields, [*rows, *older.values()], None)
    return [_chapter(row, older.get(row["previous_id"]), wording) for row in rows]


def _chapter(row: Row, older: Row | None, wording: Wording) -> Chapter:
    of_one = copy(wording)  # the names are looked up once; only the key of the row differs
    of_one.key = row["id"]
    if row["history_type"] == DELETED:
        changes: list[Change] = []
    elif row["history_type"] == CREATED:
        changes = of_one.changes(None, row)
    else:
        # A row without one before it was there before its history began.
        changes = of_one.changes(older, row) if older is not None else []
    return Chapter(row, older, row["id"], changes)
