"""Two people at one object: what the other changed while a form was open.

The form carries the history row it was rendered from. When it comes back, that row is the base of
a three-way merge: the base, what is stored now, and what was posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.changes import (
    Row,
    Wording,
    as_uuid,
    differs,
    label_of,
    rows_of,
    told_fields,
)
from audit.context import current
from audit.disclosure import HIDDEN_FIELD, Level, level
from audit.recording import history_model

# An object that changed more often while its form was open is told with a gap in the middle.
MOST_STEPS = 500


@dataclass
class Meanwhile:
    """What happened to one object since its form was rendered.

    `rows` are its history rows, newest first, ending with the one the form was rendered from;
    `told` is the row the person was told of when a conflict was shown to them.
    """

    model: type[models.Model]
    key: Any
    rows: list[Row]
    told: Row | None = None

    @classmethod
    def since(
        cls, model: type[models.Model], key: Any, seen: str | None, told: str | None
    ) -> Meanwhile | None:
        """None when nothing happened, or when nobody can say since when."""
        seen_key, told_key = as_uuid(seen), as_uuid(told)
        if seen_key is None:
            return None
        all_rows = rows_of(model, key)
        base = all_rows.filter(history_id=seen_key).first()
        if base is None:
            return None
        rows = list(takewhile(lambda row: row["history_id"] != seen_key, all_rows[:MOST_STEPS]))
        told_row = next((row for row in rows if row["history_id"] == told_key), None)
        return cls(model, key, [*rows, base], told_row) if rows else None

    @classmethod
    def of_rows(
        cls,
        model: type[models.Model],
        asked: dict[Any, tuple[str | None, str | None]],
        parent_field: Any,
        parent: Any,
    ) -> dict[Any, Meanwhile]:
        """As `since()` for many rows of one parent, with what each was seen and told of; two
        queries. Rows to which nothing happened are left out, and so are rows of other parents."""
        seen = {key: as_uuid(versions[0]) for key, versions in asked.items()}
        history = history_model(model).objects.filter(**{f"{model._meta.pk.attname}__in": seen})
        newest = history.latest_of_each().filter(**{parent_field.attname: parent})
        changed = [
            key
            for key, version in newest.values_list(model._meta.pk.attname, "history_id")
            if version != seen[key]
        ]
        if not changed:
            return {}
        rows: dict[Any, list[Row]] = {key: [] for key in changed}
        found = history.filter(**{f"{model._meta.pk.attname}__in": changed})
        for row in found.order_by("-history_date", "-history_id").values():
            rows[row[model._meta.pk.attname]].append(row)
        made = {key: cls._from(model, key, rows[key], seen[key], asked[key][1]) for key in changed}
        return {key: meanwhile for key, meanwhile in made.items() if meanwhile is not None}

    @classmethod
    def _from(
        cls, model: type[models.Model], key: Any, rows: list[Row], seen: UUID | None, told: Any
    ) -> Meanwhile | None:
        place = next((n for n, row in enumerate(rows) if row["history_id"] == seen), None)
        if not place:
            return None
        told_key = as_uuid(told)
        told_row = next((row for row in rows[:place] if row["history_id"] == told_key), None)
        return cls(model, key, rows[: place + 1], told_row)

    @property
    def base(self) -> Row:
        return self.rows[-1]

    @property
    def newest(self) -> Row:
        return self.rows[0]

    def changed_fields(self) -> list[Any]:
        """The fields others changed, as they stand now."""
        return [
            model_field
            for model_field in told_fields(self.model)
            if differs(model_field, self.base, self.newest, self.key)
        ]

    def was_told(self, model_field: Any) -> bool:
        """Whether the person already knows the value that stands there now."""
        return self.told is not None and not differs(model_field, self.told, self.newest, self.key)

    def conflict(self, model_field: Any) -> str:
        return _(
            "%(who)s changed this from %(before)s to %(after)s at %(when)s while you were "
            "editing. Your value is still in the form; save again to use yours."
        ) % self._story(model_field)

    def kept(self, model_field: Any) -> str:
        return _(
            "%(who)s changed %(field)s from %(before)s to %(after)s at %(when)s while you were "
            "editing. That change was kept."
        ) % self._story(model_field)

    def _story(self, model_field: Any) -> dict[str, str]:
        step = next(
            newer
            for newer, older in zip(self.rows, self.rows[1:], strict=False)
            if differs(model_field, older, newer, self.key)
        )
        hidden = level(current().actor, self.model, model_field.name) is Level.HIDDEN
        return {
            "who": step["history_actor"],
            "field": label_of(model_field),
            "before": HIDDEN_FIELD if hidden else self._word(model_field, self.base),
            "after": HIDDEN_FIELD if hidden else self._word(model_field, self.newest),
            "when": time_of(step["history_date"]),
        }

    @cached_property
    def _wording(self) -> Wording:
        return Wording(told_fields(self.model), [self.base, self.newest], self.key)

    def _word(self, model_field: Any, row: Row) -> str:
        return self._wording.value(model_field, row[model_field.attname])


def newest_of_rows(model: type[models.Model], rows: models.QuerySet[Any]) -> dict[Any, UUID]:
    """For each of these stored rows the history row that tells what is stored now; one query."""
    key = model._meta.pk.attname
    history = history_model(model).objects.filter(**{f"{key}__in": rows.order_by().values("pk")})
    return dict(history.latest_of_each().values_list(key, "history_id"))


def time_of(moment: datetime) -> str:
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return date_format(local, "H:i")
    return date_format(local, "DATETIME_FORMAT")
