"""What changed, in words: "city: Berlin → Bern", protected values masked.

Works on rows of a history table as read with `values()`, so that nothing is opened but the values
that differ, and one that does not open spoils nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.context import Door
from audit.disclosure import EMPTY, Level, is_protected, shown_value
from audit.recording import CREATED, DELETED, UNREMARKABLE, history_model
from encryption.errors import CannotOpen
from encryption.sealed import Sealed

Row = dict[str, Any]

UNTOLD = UNREMARKABLE | {"created_at"}
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Change:
    """One field of one step of a history, as it may be shown."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """One row of a history page."""

    kind: str
    when: Any
    who: str
    door: str
    reason: str
    changes: Sequence[Change]
    history_id: UUID


def told_fields(model: type[models.Model], names: Iterable[str] | None = None) -> list[Any]:
    """The fields a history tells of, in the order of the model; only those in `names` if given."""
    wanted = None if names is None else set(names)
    return [
        field
        for field in model._meta.concrete_fields
        if field.name in {kept.name for kept in history_model(model).tracked_fields}
        and not field.primary_key
        and field.name not in UNTOLD
        and (wanted is None or field.name in wanted)
    ]


def rows_of(model: type[models.Model], key: Any) -> Any:
    """The history rows of one object as dictionaries, newest first, protected values sealed."""
    history = history_model(model)
    return (
        history.objects.filter(**{model._meta.pk.attname: key})
        .order_by("-history_date", "-history_id")
        .values()
    )


def newest_version(model: type[models.Model], key: Any) -> UUID | None:
    """The history row that tells what is stored now."""
    row = rows_of(model, key).values("history_id").first()
    return row["history_id"] if row is not None else None


def differs(field: Any, older: Row, newer: Row, key: Any) -> bool:
    """Whether the value of this field is another one in these rows.

    Two tokens of the same value are no difference; two of which one does not open are.
    """
    before, after = older[field.attname], newer[field.attname]
    if before == after:
        return False
    if isinstance(before, Sealed) and isinstance(after, Sealed):
        try:
            return bool(before.open(row=key) != after.open(row=key))
        except CannotOpen:
            return True
    return not (before in (None, "") and after in (None, ""))


def rows_of_field(model: type[models.Model], key: Any, field: Any) -> list[UUID]:
    """The history rows in which this field got another value, newest first. Only this column is
    read, and a token opened only where it differs from the one before it."""
    rows = list(rows_of(model, key).values("history_id", "history_type", field.attname))
    return [
        row["history_id"]
        for row, older in zip(rows, [*rows[1:], None], strict=True)
        if row["history_type"] != DELETED and _is_news(field, older, row, key)
    ]


def _is_news(field: Any, older: Row | None, newer: Row, key: Any) -> bool:
    if older is None or older["history_type"] == DELETED:
        return newer[field.attname] not in (None, "")
    return differs(field, older, newer, key)


class Wording:
    """Values of some history rows of one object in words; looks up all names of related objects
    at once."""

    def __init__(self, fields: Sequence[Any], rows: Sequence[Row], key: Any) -> None:
        self.fields = fields
        self.key = key
        self._names = {field.attname: _names(field, rows) for field in fields if field.remote_field}

    def for_key(self, key: Any) -> Wording:
        """The same for another object: names that were looked up need not be again."""
        other = copy(self)
        other.key = key
        return other

    def value(self, field: Any, raw: Any) -> str:
        """As a reader may see it; histories are masked for everybody."""
        if is_protected(field):
            return str(shown_value(field, raw, row=self.key, allowed=Level.MASKED)) or EMPTY
        if raw in (None, ""):
            return EMPTY
        if field.attname in self._names:
            return self._names[field.attname].get(raw, _("(deleted)"))
        if words := getattr(field.model, "worded", {}).get(field.name):
            return str(words(raw))
        if field.flatchoices:
            return str(dict(field.flatchoices).get(raw, raw))
        if isinstance(raw, bool):
            return _("yes") if raw else _("no")
        if isinstance(field, models.DateTimeField):
            return date_format(timezone.localtime(raw), "DATETIME_FORMAT")
        if isinstance(field, models.BinaryField):
            return "…"
        text = str(localize(raw))
        return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"

    def changes(self, older: Row | None, newer: Row) -> list[Change]:
        """Field by field from `older` to `newer`; without `older` what there was at first."""
        if older is None:
            return [
                self._change(field, None, newer[field.attname])
                for field in self.fields
                if newer[field.attname] not in (None, "")
            ]
        return [
            self._change(field, older[field.attname], newer[field.attname])
            for field in self.fields
            if differs(field, older, newer, self.key)
        ]

    def _change(self, field: Any, before: Any, after: Any) -> Change:
        was, became = self.value(field, before), self.value(field, after)
        if was == became:  # they differ in what the mask hides
            became = _("%(value)s (another value)") % {"value": became}
        return Change(field.name, str(field.verbose_name), was, became)


def steps(rows: Sequence[Row], older: Row | None, wording: Wording) -> list[Step]:
    """The steps these rows (newest first) tell of; `older` is the row before the last of them."""
    told = []
    for row, before in zip(rows, [*rows[1:], older], strict=True):
        kind = row["history_type"]
        if kind == DELETED:
            changes: list[Change] = []
        elif kind == CREATED:
            changes = wording.changes(None, row)
        else:
            # A row without one before it was there before its history began.
            changes = wording.changes(before, row) if before is not None else []
        told.append(
            Step(
                kind=kind,
                when=row["history_date"],
                who=row["history_actor"],
                door=door_in_words(row["history_door"]),
                reason=row["history_change_reason"] or "",
                changes=changes,
                history_id=row["history_id"],
            )
        )
    return told


def door_in_words(door: str) -> str:
    return str(Door(door).label) if door in Door.values else door


def label_of(field: Any) -> str:
    return str(capfirst(field.verbose_name))


def as_uuid(text: str | None) -> UUID | None:
    """The UUID somebody sent, or None for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _names(field: Any, rows: Sequence[Row]) -> dict[Any, str]:
    """What the objects are called that these rows point at, in one query."""
    keys = {row[field.attname] for row in rows} - {None}
    if not keys:
        return {}
    target = field.target_field
    found = field.related_model._base_manager.filter(**{f"{target.attname}__in": keys})
    return {getattr(obj, target.attname): str(obj) for obj in found}
