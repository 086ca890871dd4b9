"""How much of a file could be used: one number, and every point it lacks with its reason.

The score of an import is the share of usable cells:

    score = 100 × usable cells ÷ (rows of the file × columns that are mapped)

A cell is usable when its row came in (or waits for review) and the cell holds something that is
right by the rules of the house. The other cells are missing (empty, or a placeholder that stands
for nothing), left out (each with its rule), in a row that was set aside, or in a record that
could not be read. These add up: the points lost, by reason or by column, and the score make 100.
The score is rounded down, so that only a file in which nothing is lost has 100.

Of a column, completeness is the share of rows in which it holds anything, and validity the share
of those cells that are usable.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from customers.imports import words
from customers.imports.rows import FileRow

MISSING = "missing"
SET_ASIDE = "row_set_aside"
UNREADABLE = "record_unreadable"


class Tally:
    """Counts the cells of the mapped columns, portion by portion; kept in the cursor of the job,
    so that a resumed import goes on counting where it stopped."""

    def __init__(self, columns: Iterable[str], known: dict[str, Any] | None = None) -> None:
        known = known or {}
        self.rows: int = known.get("rows", 0)
        self.unreadable: int = known.get("unreadable", 0)
        counted = known.get("columns", {})
        self.filled = Counter({name: counted.get(name, [0])[0] for name in columns})
        self.lost = {name: Counter(counted.get(name, [0, {}])[1]) for name in columns}

    def add(self, rows: Iterable[FileRow]) -> None:
        """Count these rows, each once."""
        readable = []
        for row in rows:
            self.rows += 1
            if row.said is None:
                self.unreadable += 1
            else:
                readable.append(row)
        taken = [row.said for row in readable if row.said and not row.set_aside]
        for name in self.lost:
            self.filled[name] += sum(1 for said in taken if said.get(name))
        for row in readable:
            if row.set_aside:
                self._add_set_aside(row)
            elif row.left_out:
                self._add_left_out(row)

    def _add_left_out(self, row: FileRow) -> None:
        for cell in row.left_out:
            if cell.column not in self.lost:
                continue
            self.lost[cell.column][cell.rule] += 1
            if not (row.said or {}).get(cell.column):
                self.filled[cell.column] += 1

    def _add_set_aside(self, row: FileRow) -> None:
        left_out = {cell.column for cell in row.left_out}
        for name in self.lost:
            if (row.said or {}).get(name) or name in left_out:
                self.filled[name] += 1
                self.lost[name][SET_ASIDE] += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "unreadable": self.unreadable,
            "columns": {name: [self.filled[name], dict(lost)] for name, lost in self.lost.items()},
        }


@dataclass(slots=True)
class ColumnScore:
    """One column. `filled` and `usable` count cells, `lost` the filled ones that were not usable,
    by reason."""

    name: str
    rows: int
    filled: int
    lost: list[tuple[str, int]]

    @property
    def usable(self) -> int:
        return self.filled - sum(many for _reason, many in self.lost)

    @property
    def completeness(self) -> int:
        return _percent(self.filled, self.rows)

    @property
    def validity(self) -> int | None:
        """None where there was nothing to be right or wrong."""
        return _percent(self.usable, self.filled) if self.filled else None


@dataclass(slots=True)
class Score:
    """What the page of an import shows of it. `reasons` are the points lost, the most first."""

    value: int
    columns: list[ColumnScore]
    reasons: list[tuple[str, float]] = field(default_factory=list)


def score_of(cells: dict[str, Any]) -> Score | None:
    """The score from what was tallied; None for an import that was tallied by nobody."""
    columns, rows = cells.get("columns") or {}, cells.get("rows", 0)
    whole = rows * len(columns)
    if not whole:
        return None
    unreadable, reasons = cells.get("unreadable", 0), Counter[str]()
    shown = []
    for name, (filled, lost) in columns.items():
        reasons.update(lost)
        reasons[MISSING] += rows - unreadable - filled
        reasons[UNREADABLE] += unreadable
        by_reason = [(words_of(rule), many) for rule, many in Counter(lost).most_common()]
        shown.append(ColumnScore(name, rows, filled, by_reason))
    usable = whole - sum(reasons.values())
    points = [
        (words_of(rule), round(100 * many / whole, 1)) for rule, many in reasons.most_common()
    ]
    return Score(_percent(usable, whole), shown, [pair for pair in points if pair[1] > 0])


def words_of(rule: str) -> str:
    known = {
        MISSING: _("empty, or a placeholder that stands for nothing"),
        SET_ASIDE: _("in a row that was set aside"),
        UNREADABLE: _("in a record that could not be read"),
    }
    return known.get(rule) or str(words.of_cell(rule))


def _percent(part: int, whole: int) -> int:
    """Whole percents, rounded down: 100 means all."""
    return 100 * part // whole if whole else 0
