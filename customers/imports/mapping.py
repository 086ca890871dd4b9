"""Which column of a file is which field of a customer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from customers.models import Source
from quality.headers import FIELDS, FURTHER, JOINED, REPEATED, recognise_columns

LEFT_OUT = ""
SEVERAL = JOINED | REPEATED
EXTERNAL_ID = "external_id"


class MappingProblem(ValueError):
    """The mapping cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by field, in file order; `unmapped` are those that are left out."""

    mapping: dict[str, str]
    unmapped: tuple[str, ...]
    external_id: str = ""

    @property
    def by_field(self) -> dict[str, str]:
        """The column of each field, the first of those that are joined."""
        found: dict[str, str] = {}
        for column, field in self.mapping.items():
            found.setdefault(field, column)
        return found


def read_mapping(path: str) -> dict[str, str]:
    """The mapping file: JSON, `{column of the file: field name}`."""
    try:
        given = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise MappingProblem(
            _("The mapping file {path} cannot be read: {reason}.").format(
                path=path, reason=problem.strerror
            )
        ) from None
    except ValueError:
        raise MappingProblem(
            _("The mapping file {path} is not JSON. Write {{column: field}} in it.").format(
                path=path
            )
        ) from None
    if not isinstance(given, dict) or not all(
        isinstance(field, str) or field is None for field in given.values()
    ):
        raise MappingProblem(
            _(
                "The mapping file has to be one JSON object that names a field for each column: "
                '{"E-Mail": "email"}.'
            )
        )
    return {column: field or LEFT_OUT for column, field in given.items()}


def settle(
    columns: Sequence[str],
    *,
    given: Mapping[str, str] | None = None,
    remembered: Mapping[str, Any] | None = None,
    external_id: str = "",
) -> Columns:
    """The mapping to use: the one given, else what is remembered, else what is recognised.

    Raises MappingProblem when it names what is not there.
    """
    if given is None:
        wanted, external_id = _proposed(columns, remembered or {}, external_id)
    else:
        wanted = dict(given)
        _refuse_unknown(wanted, columns)
    if external_id and external_id not in columns:
        raise MappingProblem(_no_such_column(external_id, columns))
    mapping = {column: wanted[column] for column in columns if wanted.get(column)}
    if external_id:
        mapping = {
            column: field
            for column, field in mapping.items()
            if field != EXTERNAL_ID or column == external_id
        }
        mapping.setdefault(external_id, EXTERNAL_ID)
    _refuse_doubled(mapping)
    if not set(mapping.values()) - {EXTERNAL_ID}:
        raise MappingProblem(
            _(
                "No column of the file is known as a field of a customer. "
                "Say which is which with a mapping. The columns are: {columns}."
            ).format(columns=_listed(columns))
        )
    by_id = external_id or next((c for c, f in mapping.items() if f == EXTERNAL_ID), "")
    ordered = {column: mapping[column] for column in columns if column in mapping}
    unmapped = tuple(column for column in columns if column not in ordered)
    return Columns(ordered, unmapped, by_id)


def remember(source: Source, columns: Columns) -> None:
    """Keep the mapping with the source. Writes only when it is new."""
    known = dict(source.mapping.get("columns", {}))
    known |= columns.mapping | dict.fromkeys(columns.unmapped, LEFT_OUT)
    fresh = {"columns": known, "external_id": columns.external_id}
    if source.mapping != fresh:
        source.mapping = fresh
        source.save(update_fields=["mapping"])


def _proposed(
    columns: Sequence[str], remembered: Mapping[str, Any], external_id: str
) -> tuple[dict[str, str], str]:
    known = remembered.get("columns", {})
    # A column called exactly like a field is that field: our own template is written so.
    wanted = {column: column for column in columns if column in FIELDS}
    wanted |= {column: known[column] for column in columns if column in known}
    taken = set(wanted.values())
    for column, field in recognise_columns(columns).items():
        if column in wanted:
            continue
        if field in taken:
            field = FURTHER.get(field, field)
        if field in SEVERAL or field not in taken:
            wanted[column] = field
    if not external_id and remembered.get("external_id") in columns:
        external_id = remembered["external_id"]
    return wanted, external_id


def _refuse_unknown(wanted: Mapping[str, str], columns: Sequence[str]) -> None:
    for column, field in wanted.items():
        if column not in columns:
            raise MappingProblem(_no_such_column(column, columns))
        if field and field not in FIELDS:
            close = get_close_matches(field, FIELDS, n=1)
            hint = _("Did you mean “{field}”?").format(field=close[0]) if close else ""
            raise MappingProblem(
                _(
                    "“{column}” is mapped to “{field}”, which is no field of a customer that can "
                    "be imported. {hint} The fields are: {fields}."
                ).format(column=column, field=field, hint=hint, fields=_listed(FIELDS))
            )


def _refuse_doubled(mapping: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for column, field in mapping.items():
        if field in seen and field not in SEVERAL:
            raise MappingProblem(
                _(
                    "“{first}” and “{second}” are both mapped to “{field}”, which has room for "
                    "one. Leave one of them out."
                ).format(first=seen[field], second=column, field=field)
            )
        seen[field] = column


def _no_such_column(column: str, columns: Sequence[str]) -> str:
    return _("The file has no column “{column}”. Its columns are: {columns}.").format(
        column=column, columns=_listed(columns)
    )


def _listed(names: Sequence[str], most: int = 40) -> str:
    text = ", ".join(names[:most])
    return f"{text}, …" if len(names) > most else text
