"""How right the cleaning is: a messy file against its truth, cell by cell.

    python benchmarks/cleaning_quality.py MESSY.csv TRUTH.csv [--json]

Prints three figures and lists every wrong cell. "Correct" is a cell that already says what the
truth says (compared without case, spaces and spelling of the same date, number or country);
"repairable" are rows whose only defects are matters of form; "wrong" is a cell that was changed
to something the truth does not say. Exit code 1 when a figure is below its bar.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from quality.cleaning.countries import country_of
from quality.cleaning.emails import normal_form
from quality.cleaning.folding import fold_name
from quality.cleaning.phones import parse_phone
from quality.pipeline import CleanRow, ColumnEvidence, Options, Plan, clean_batch

MAPPING = {
    "first_name": "given_name",
    "last_name": "family_name",
    "email": "email",
    "phone": "phone",
    "company": "employer",
    "street": "street",
    "city": "city",
    "country": "country",
    "birth_date": "birth_date",
    "national_id": "national_id",
    "note": "notes",
}
JUDGED = ("first_name", "last_name", "email", "phone", "birth_date", "country")
OF_FORM = {"space", "case", "phone_format", "date_format", "fullwidth", "country_alias"}
BATCH = 2_000


@dataclass(frozen=True)
class Line:
    """One record of the messy file."""

    number: int
    cells: tuple[str, ...]


@dataclass
class Figures:
    """Counts of cells, and the cells that went wrong."""

    correct: int = 0
    correct_kept: int = 0
    repairable: int = 0
    repaired: int = 0
    wrong: list[dict[str, str]] = field(default_factory=list)
    not_right: list[dict[str, str]] = field(default_factory=list)
    broken: list[dict[str, str]] = field(default_factory=list)


def read(path: str) -> tuple[tuple[str, ...], list[Line]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file) if row]
    return rows[0], [Line(number, row) for number, row in enumerate(rows[1:], start=1)]


def clean(header: tuple[str, ...], lines: list[Line]) -> tuple[list[CleanRow], float]:
    """The cleaned rows and the CPU seconds they took, evidence included.

    Timed is the second run: the first loads tables that a process needs once, whatever the file.
    """
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    for _run in range(2):
        start = time.process_time()
        plan = Plan(header, MAPPING, Options(), ColumnEvidence.gather(batches, header, MAPPING))
        rows = [row for batch in batches for row in clean_batch(batch, plan)]
    return rows, time.process_time() - start


def same_meaning(column: str, cell: str, truth: str) -> bool:
    """Whether a cell of the messy file says what the truth says."""
    if column == "email":
        return normal_form(cell) == truth
    if column == "phone":
        return parse_phone(cell) == truth
    if column == "country":
        return country_of(cell) == truth
    if column == "birth_date":
        return cell.strip() == truth
    return fold_name(cell) == fold_name(truth)


def compare(rows: list[CleanRow], lines: list[Line], truths: list[dict[str, str]]) -> Figures:
    figures = Figures()
    for row, line, truth in zip(rows, lines, truths, strict=True):
        before = dict(zip(row.cells, line.cells, strict=True))
        defects = {word for word in truth["defects"].split(";") if word}
        for column in JUDGED:
            judge(figures, row, before[column], column, truth["clean_" + column], defects)
        for column in row.cells.keys() - set(JUDGED):
            judge_untold(figures, row, before[column], column)
    return figures


def judge(
    figures: Figures, row: CleanRow, before: str, column: str, truth: str, defects: set[str]
) -> None:
    after = row.cells[column]
    told = {"_row": str(row.number), "column": column, "before": before, "after": after}
    told |= {"truth": truth, "defects": ";".join(sorted(defects))}
    if same_meaning(column, before, truth):
        figures.correct += 1
        figures.correct_kept += fold_name(after) == fold_name(truth)
        if fold_name(after) != fold_name(truth):
            figures.broken.append(told)
    if defects and defects <= OF_FORM:
        figures.repairable += 1
        figures.repaired += after == truth
        if after != truth:
            figures.not_right.append(told)
    if after and after != truth and not same_cell(column, before, after):
        figures.wrong.append(told)


def same_cell(column: str, before: str, after: str) -> bool:
    """Whether the cell was only written differently (another person's phone stays theirs)."""
    return fold_name(before) == fold_name(after) or same_meaning(column, before, after)


def judge_untold(figures: Figures, row: CleanRow, before: str, column: str) -> None:
    """Columns without a truth: their meaning must not have changed."""
    after = row.cells[column]
    figures.correct += 1
    if fold_name(after) == fold_name(before) or any(
        change.column == column and change.rule == "placeholder" for change in row.changes
    ):
        figures.correct_kept += 1
    else:
        figures.broken.append(
            {"_row": str(row.number), "column": column, "before": before, "after": after}
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messy")
    parser.add_argument("truth")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    header, lines = read(asked.messy)
    with open(asked.truth, encoding="utf-8-sig", newline="") as file:
        truths = list(csv.DictReader(file))
    rows, seconds = clean(header, lines)
    figures = compare(rows, lines, truths)
    kept = figures.correct_kept / figures.correct
    repaired = figures.repaired / max(figures.repairable, 1)
    for title, cells in (
        ("wrong", figures.wrong),
        ("broken", figures.broken),
        ("not right", figures.not_right),
    ):
        for cell in cells:
            print(title, json.dumps(cell, ensure_ascii=False), file=sys.stderr)
    result = {
        "rows": len(rows),
        "rows_per_cpu_second": round(len(rows) / seconds),
        "correct_cells_unchanged_in_meaning": round(kept, 6),
        "cells_right_in_rows_with_defects_of_form": round(repaired, 6),
        "cells_changed_to_a_wrong_value": len(figures.wrong),
    }
    if asked.json:
        print(json.dumps(result))
    else:
        print(*(f"{name.replace('_', ' ')}: {value}" for name, value in result.items()), sep="\n")
    return 0 if kept >= 0.999 and repaired >= 0.95 and not figures.wrong else 1


if __name__ == "__main__":
    sys.exit(main())
