"""What the columns page shows: each column with samples before and after, and what would change.

Whoever looks at it uploaded the file and sees their own values; nothing of it is kept or cached.
"""

import dataclasses
from collections import Counter
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers.imports import words
from customers.imports.mapping import EXTERNAL_ID, LEFT_OUT, Columns
from customers.imports.reading import read_some
from customers.models import Customer
from quality.headers import FIELDS, recognise
from quality.pipeline import Options, clean_batch
from quality.reading import Table

LOOKED_AT = 200
SAMPLES = 3
LONGEST_SAMPLE = 60
OWN_LABELS: dict[str, Any] = {
    "full_name": _("full name"),
    EXTERNAL_ID: _("identifier in the source"),
    "employer": _("employer (organisation)"),
    "owner": _("owner (member of staff)"),
    "further_email": _("further e-mail"),
    "further_phone": _("further phone"),
    "messenger": _("messenger"),
}


@dataclasses.dataclass(slots=True)
class Sample:
    before: str
    after: str
    reason: str = ""


@dataclasses.dataclass(slots=True)
class ColumnPreview:
    """One column of the file."""

    name: str
    place: int
    field: str
    recognised: bool
    samples: list[Sample] = dataclasses.field(default_factory=list)
    changed: int = 0
    emptied: int = 0
    filled: int = 0
    reasons: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def why(self) -> list[tuple[str, int]]:
        return [(str(words.of_change(rule)), many) for rule, many in self.reasons.most_common(4)]


def field_choices() -> list[tuple[str, str]]:
    """Fields of a customer by their names in the interface, "leave out" first."""
    choices = [(LEFT_OUT, str(_("— leave out —")))]
    for name in FIELDS:
        column: Any = None if name in OWN_LABELS else Customer._meta.get_field(name)
        label = OWN_LABELS[name] if column is None else column.verbose_name
        choices.append((name, capfirst(str(label))))
    return choices


def preview(table: Table, columns: Columns, options: Options) -> tuple[list[ColumnPreview], int]:
    """The columns with what cleaning does to the first rows, and how many rows were looked at."""
    plan, records = read_some(table, columns, options, LOOKED_AT)
    shown = [
        ColumnPreview(
            name=name,
            place=place,
            field=columns.mapping.get(name, LEFT_OUT),
            recognised=recognise(name) is not None,
        )
        for place, name in enumerate(table.columns)
    ]
    by_name = {column.name: column for column in shown}
    cleaned = {row.number: row for row in clean_batch(records, plan)}
    for row in cleaned.values():
        for change in row.changes:
            _count(by_name, change.column, change.rule, emptied=False)
        for cell in row.emptied:
            _count(by_name, cell.column, cell.rule, emptied=True)
        for flag in row.flags:
            if flag.original:
                _count(by_name, flag.column, flag.rule, emptied=True)
    for column in shown:
        _take_samples(column, records, cleaned)
    return shown, len(records)


def _count(columns: dict[str, ColumnPreview], name: str, rule: str, *, emptied: bool) -> None:
    column = columns.get(name)
    if column is None or not column.field:
        return
    column.reasons[rule] += 1
    if emptied:
        column.emptied += 1
    else:
        column.changed += 1


def _take_samples(column: ColumnPreview, records: Any, cleaned: dict[int, Any]) -> None:
    """Cells that change are the ones worth seeing, one for each reason first."""
    changed: dict[str, list[Sample]] = {}
    others: list[Sample] = []
    for record in records:
        before = record.cells[column.place]
        if not before.strip():
            continue
        column.filled += 1
        row = cleaned[record.number]
        rule = _rule(row, column.name) if column.field else ""
        after = "" if _is_emptied(row, column.name) else row.cells.get(column.name, before)
        after = after if column.field else before
        sample = Sample(_short(before), _short(after), str(words.of_change(rule)) if rule else "")
        if rule:
            changed.setdefault(rule, []).append(sample)
        elif len(others) < SAMPLES:
            others.append(sample)
    first = [samples[0] for samples in changed.values()]
    rest = [sample for samples in changed.values() for sample in samples[1:SAMPLES]]
    column.samples = [*first[:2], *others, *first[2:], *rest][:SAMPLES]


def _rule(row: Any, column: str) -> str:
    events = (*row.emptied, *(flag for flag in row.flags if flag.original), *row.changes)
    return next((event.rule for event in events if event.column == column), "")


def _is_emptied(row: Any, column: str) -> bool:
    return any(cell.column == column for cell in row.emptied) or any(
        flag.column == column and flag.original for flag in row.flags
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
