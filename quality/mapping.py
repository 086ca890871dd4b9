"""The mapping of a file: which column fills which field of the customer.

A mapping file is JSON, `{"column of the file": "field"}`; null (or "") leaves a column out. All
that is wrong with it is said at once, each with the nearest name that would be right.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from quality.headers import FIELDS, REPEATED, recognise_columns

#: Fields of free text: several columns may fill one, joined with a space in file order.
TEXT_FIELDS = frozenset(
    {
        "given_name",
        "family_name",
        "full_name",
        "organisation_name",
        "street",
        "city",
        "region",
        "job_title",
        "tags",
        "employer",
        "notes",
    }
)
#: A row with none of these is nobody, so a mapping with none of them is none.
IDENTIFYING = frozenset(
    {
        "given_name",
        "family_name",
        "full_name",
        "organisation_name",
        "email",
        "further_email",
        "phone",
        "further_phone",
        "national_id",
    }
)


class MappingError(Exception):
    """The mapping cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: "Sequence[str | Promise]") -> None:
        super().__init__("mapping")
        self.problems = tuple(problems)
        self.code = "mapping"

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)


def parse_mapping(text: str | bytes, columns: Sequence[str]) -> dict[str, str]:
    """The mapping in a JSON file for these columns, in file order."""
    try:
        content = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        found = json.loads(content, object_pairs_hook=_without_duplicates)
    except UnicodeDecodeError:
        raise MappingError([_("The mapping file is not UTF-8 text.")]) from None
    except json.JSONDecodeError as error:
        problem = _now("The mapping file is not JSON (line %(line)d, column %(column)d).")
        raise MappingError([problem % {"line": error.lineno, "column": error.colno}]) from None
    except RecursionError:
        raise MappingError([_("The mapping file is not a list of columns and fields.")]) from None
    if not isinstance(found, dict):
        raise MappingError(
            [_('The mapping file must be one JSON object: {"column of the file": "field"}.')]
        )
    return check_mapping(found, columns)


def check_mapping(mapping: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    """The mapping in file order; raises `MappingError` with all its problems."""
    problems: list[str] = []
    by_name = {column.strip(): column for column in columns}
    chosen: dict[str, str] = {}
    for name, field in mapping.items():
        column = by_name.get(name.strip())
        if column is None:
            problems.append(_unknown_column(name, columns))
        elif field not in (None, "") and field not in FIELDS:
            problems.append(_unknown_field(name, field))
        elif column in chosen:
            problems.append(
                _now("Column “%(column)s” stands in the mapping twice.") % {"column": column}
            )
        elif field:
            chosen[column] = field
    ordered = {column: chosen[column] for column in columns if column in chosen}
    problems += _shared_fields(ordered)
    if not problems and not IDENTIFYING & set(ordered.values()):
        problems.append(nothing_mapped(columns))
    if problems:
        raise MappingError(problems)
    return ordered


def recognised_mapping(columns: Sequence[str]) -> dict[str, str]:
    """The mapping by the names of the columns alone."""
    mapping = recognise_columns(columns)
    if not IDENTIFYING & set(mapping.values()):
        raise MappingError([nothing_mapped(columns)])
    return mapping


def unmapped(columns: Iterable[str], mapping: Mapping[str, str]) -> list[str]:
    """Columns that no field takes, in file order."""
    return [column for column in columns if column not in mapping]


def nothing_mapped(columns: Sequence[str]) -> str:
    return _now(
        "No column holds a name, an e-mail address, a phone number or an ID number. Say which "
        'column is which with a mapping file: {"column": "field"}. Columns of the file: '
        "%(columns)s. Fields: %(fields)s."
    ) % {"columns": _listed(columns), "fields": ", ".join(FIELDS)}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MappingError(
                [_now("Column “%(column)s” stands in the mapping twice.") % {"column": key}]
            )
        found[key] = value
    return found


def _unknown_column(name: str, columns: Sequence[str]) -> str:
    near = get_close_matches(name, columns, n=1)
    if near:
        return _now("The file has no column “%(name)s”. Did you mean “%(near)s”?") % {
            "name": name[:100],
            "near": near[0],
        }
    return _now("The file has no column “%(name)s”. It has: %(columns)s.") % {
        "name": name[:100],
        "columns": _listed(columns),
    }


def _unknown_field(column: str, field: object) -> str:
    near = get_close_matches(field, FIELDS, n=1) if isinstance(field, str) else []
    if near:
        return _now(
            "Column “%(column)s”: there is no field “%(field)s”. Did you mean “%(near)s”?"
        ) % {"column": column, "field": str(field)[:100], "near": near[0]}
    return _now("Column “%(column)s”: there is no field “%(field)s”. Fields: %(fields)s.") % {
        "column": column,
        "field": str(field)[:100],
        "fields": ", ".join(FIELDS),
    }


def _shared_fields(mapping: Mapping[str, str]) -> list[str]:
    problems = []
    for field in dict.fromkeys(mapping.values()):
        columns = [column for column, chosen in mapping.items() if chosen == field]
        if len(columns) > 1 and field not in TEXT_FIELDS | REPEATED:
            problems.append(
                _now("Only one column can fill “%(field)s”, but %(columns)s are mapped to it.")
                % {"field": field, "columns": _listed(columns)}
            )
    return problems


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:20])
    return shown + (", …" if len(names) > 20 else "")
