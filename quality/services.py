"""Cleaning a file into a file: D_clean = f(D_raw), with no database and no guess.

Two passes over the input: the first gathers what its columns prove about themselves (and finds
whatever cannot be read before anything is written), the second cleans batch by batch. Memory does
not grow with the file but for some 50 bytes per distinct row, which find duplicates (`seen`).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from csv import writer
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from quality.mapping import recognised_mapping, unmapped
from quality.outputs import BeingWritten, Outputs
from quality.pipeline import ColumnEvidence, Options, Plan, clean_batch
from quality.pipeline.fills import DERIVABLE, is_possible_default
from quality.reading import Limits, Record, Table, UnreadableRecord, open_table
from quality.report import Report
from quality.seen import FirstSeen

BATCH = 5_000
ROW_COLUMN = "_row"

Progress = Callable[[str, int], None]
"""Called with the stage ("reading" or "cleaning") and the records done so far."""


class CannotClean(Exception):
    """It was not done, and nothing was written; the message says what to do."""

    def __init__(self, code: str, template: "str | Promise", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return str(self.template) % self.params if self.params else str(self.template)


@dataclass(frozen=True)
class Cleaning:
    """What was done: figures as in the report, and where things are."""

    counts: dict[str, int]
    rules: dict[str, Any]
    mapping: dict[str, str]
    unmapped: list[str]
    notices: list[str]
    about: dict[str, Any] = field(repr=False)


def clean_file(
    *,
    source: Path,
    out: Path,
    report: Path | None = None,
    mapping: Callable[[Sequence[str]], dict[str, str]] = recognised_mapping,
    options: Options | None = None,
    limits: Limits | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    progress: Progress = lambda stage, done: None,
) -> Cleaning:
    """Clean `source` into `out`, with `out`.rejected.csv beside it and the report if asked for.

    `mapping` is given the columns of the file and answers with column -> field. The files appear
    together when all is done, or not at all. Raises `UnreadableFile`, `MappingError` or
    `CannotClean`; rows that cannot go through are in the rejected file with their reason.
    """
    options = options or Options()
    targets = _targets(source, out, report)
    table = open_table(
        _opener(source), source.name, limits=limits or Limits(), sheet=sheet, encoding=encoding
    )
    plan = _plan(table, mapping(_columns(table)), options, progress)
    collected = Report(plan.mapping, folder=report.parent if report else None)
    about = _about(source, table, plan)
    with _refusals(), closing(collected), Outputs(targets) as files:
        _clean(table, plan, collected, files[-1], files[0], progress)
        if report:
            collected.write(files[1], about)
    return Cleaning(
        counts=collected.tally.counts(),
        rules=collected.tally.rules(),
        mapping=dict(plan.mapping),
        unmapped=unmapped(plan.header, plan.mapping),
        notices=[str(notice) for notice in table.notices],
        about=about,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """What the file system refuses, in words that say what became of the result."""
    try:
        yield
    except BeingWritten as error:
        raise CannotClean(
            "being_written",
            _("Another run is writing %(path)s now. Wait for it, or choose another name."),
            path=error.path,
        ) from None
    except OSError as error:
        raise CannotClean(
            "cannot_write",
            _("The result could not be written (%(why)s), and nothing was kept."),
            why=error.strerror or error,
        ) from error


def batches(
    table: Table, size: int = BATCH
) -> Iterator[tuple[list[Record], list[UnreadableRecord]]]:
    """Consecutive records of a table: those that can be read, and those between them that not."""
    readable: list[Record] = []
    unreadable: list[UnreadableRecord] = []
    for record in _numbered(table):
        if isinstance(record, Record):
            readable.append(record)
        else:
            unreadable.append(record)
        if len(readable) + len(unreadable) >= size:
            yield readable, unreadable
            readable, unreadable = [], []
    if readable or unreadable:
        yield readable, unreadable


def _is_our_result(table: Table) -> bool:
    return table.columns[0] == ROW_COLUMN


def _columns(table: Table) -> tuple[str, ...]:
    """The columns of data: cleaning a result again keeps its row numbers, so it changes nothing."""
    return table.columns[1:] if _is_our_result(table) else table.columns


def _numbered(table: Table) -> Iterator[Record | UnreadableRecord]:
    """The records, those of a result of ours under the numbers they had in the first file."""
    if not _is_our_result(table):
        yield from table.records()
        return
    for record in table.records():
        if isinstance(record, Record):
            number, *cells = record.cells
            if not (number.isdecimal() and number.isascii() and len(number) < 16):
                raise _reserved_column()
            record = Record(int(number), tuple(cells), record.flags)
        yield record


def _reserved_column() -> CannotClean:
    return CannotClean(
        "reserved_column",
        _(
            "The file has a column called %(name)s, which is the name of the row number in "
            "the result. Rename that column and try again."
        ),
        name=ROW_COLUMN,
    )


def _plan(table: Table, mapping: dict[str, str], options: Options, progress: Progress) -> Plan:
    columns = _columns(table)
    if ROW_COLUMN in columns:
        raise _reserved_column()
    evidence = ColumnEvidence()
    done = 0
    for readable, unreadable in batches(table):
        evidence.add(readable, columns, mapping)
        done += len(readable) + len(unreadable)
        progress("reading", done)
    plan = Plan(columns, mapping, options, evidence)
    _refuse_fills(plan)
    return plan


def _refuse_fills(plan: Plan) -> None:
    """A column that cannot be filled as asked is said before anything is written."""
    for column, rule in plan.options.fill.items():
        if column not in plan.header:
            raise CannotClean(
                "unknown_fill_column",
                _("There is no column “%(name)s” to fill. The file has: %(columns)s."),
                name=column,
                columns=", ".join(f"“{name}”" for name in plan.header[:20]),
            )
        if rule.kind == "derive" and plan.mapping.get(column) not in DERIVABLE:
            raise CannotClean(
                "not_derivable",
                _(
                    "Nothing in a row proves “%(name)s”. Only columns that hold %(fields)s can be "
                    "derived; use default or forward if you know what is missing."
                ),
                name=column,
                fields=", ".join(sorted(DERIVABLE)),
            )
        if rule.kind == "default" and not is_possible_default(column, rule, plan):
            raise CannotClean(
                "impossible_default",
                _("“%(value)s” is no possible value of column “%(name)s”. Give another default."),
                value=rule.value,
                name=column,
            )


def _clean(
    table: Table, plan: Plan, report: Report, out: IO[str], rejected: IO[str], progress: Progress
) -> None:
    clean_rows = writer(out, lineterminator="\n")
    set_aside = writer(rejected, lineterminator="\n")
    clean_rows.writerow([ROW_COLUMN, *table.header[-len(plan.header) :]])
    set_aside.writerow([ROW_COLUMN, "_reason"])
    seen = FirstSeen()
    for readable, unreadable in batches(table):
        refused = list(unreadable)
        for record, row in zip(readable, clean_batch(readable, plan), strict=True):
            if row.set_aside:
                refused.append(UnreadableRecord(row.number, reason(row.set_aside), row.set_aside))
                continue
            report.row(row, record.flags)
            cells = list(row.cells.values())
            first = seen.first(_digest(cells), row.number)
            if first != row.number:
                report.duplicate(row.number, first)
            else:
                clean_rows.writerow([row.number, *cells])
                report.tally.written += 1
        for record_refused in sorted(refused, key=lambda one: one.number):
            report.rejected(record_refused)
            set_aside.writerow([record_refused.number, record_refused.reason])
        report.tally.rows += len(readable) + len(unreadable)
        progress("cleaning", report.tally.rows)


def reason(code: str) -> str:
    """Why cleaning set a row aside, in words."""
    return {
        "no_identity": _now(
            "The row has no name, no e-mail address, no phone number and no ID number."
        ),
        "too_many_cells": _now("The row has more cells than the header."),
    }.get(code, code)


def _digest(cells: Sequence[str]) -> bytes:
    # Lengths keep ("ab", "") apart from ("a", "b").
    text = "".join(f"{len(cell)}:{cell}" for cell in cells)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _about(source: Path, table: Table, plan: Plan) -> dict[str, Any]:
    options = plan.options
    return {
        "input": {
            "name": source.name,
            "format": table.format,
            "delimiter": table.delimiter,
            "encoding": table.encoding,
            "sheet": table.sheet,
            "notices": [str(notice) for notice in table.notices],
        },
        "options": {
            "country": options.country,
            "date_order": options.date_order,
            "fill": {column: rule.kind for column, rule in options.fill.items()},
        },
        "mapping": dict(plan.mapping),
        "unmapped": unmapped(plan.header, plan.mapping),
    }


def _opener(source: Path) -> Callable[[], BinaryIO]:
    def reopen() -> BinaryIO:
        try:
            return source.open("rb")
        except OSError as error:
            raise CannotClean(
                "cannot_read",
                _("%(path)s cannot be read: %(why)s."),
                path=source,
                why=error.strerror or error,
            ) from None

    return reopen


def _targets(source: Path, out: Path, report: Path | None) -> list[Path]:
    """The files to write: the rejected rows first, the clean ones last."""
    if not out.name:
        raise _no_folder(out)
    rejected = out.with_name(out.name + ".rejected.csv")
    targets = [rejected, *([report] if report else []), out]
    _refuse_clashes(source, targets)
    return targets


def _refuse_clashes(source: Path, targets: Sequence[Path]) -> None:
    """No file is read and written, or written twice, under whatever name."""
    if source.is_dir() or not source.exists():
        raise CannotClean("no_such_file", _("There is no file %(path)s."), path=source)
    real = [path.resolve() for path in targets]
    if source.resolve() in real or any(_same(source, path) for path in targets):
        raise CannotClean(
            "same_file",
            _("The result would overwrite %(path)s. Give OUT and --report another name."),
            path=source,
        )
    if len(set(real)) < len(real):
        raise CannotClean(
            "same_file", _("OUT, its rejected file and the report need three different names.")
        )
    for path in targets:
        if path.is_dir() or not path.parent.is_dir():
            raise _no_folder(path)
        if path.exists() and not path.is_file():
            raise CannotClean(
                "no_file",
                _("%(path)s is a device, not a file. Give OUT the name of a file."),
                path=path,
            )


def _no_folder(path: Path) -> CannotClean:
    return CannotClean(
        "no_folder",
        _("%(path)s cannot be written: give the name of a file in a folder that exists."),
        path=path,
    )


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)
