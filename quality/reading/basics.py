"""What every reader shares: the record, the limits, and the two ways to be unreadable."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

#: How much of an unreadable record is kept for people to look at, in characters.
KEPT_OF_A_RECORD = 4_000
KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may ask for. Characters for text, bytes for workbooks.

    A workbook is opened as a whole, so its limits are about memory; a text file of any length is
    read record by record.
    """

    field: int = 1 * MIB
    record: int = 4 * MIB
    columns: int = 1_000
    header_name: int = 200
    workbook_bytes: int = 128 * MIB
    workbook_inflated: int = 512 * MIB
    workbook_entries: int = 2_000
    workbook_ratio: int = 400
    workbook_text: int = 128 * MIB


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file; `number` counts from 1 without the header and blank lines.

    `cells` has one entry per column of the table. `flags` tells what the reader had to decide:
    "short_row" (cells missing at the end were taken as empty), "stray_quote" (a quotation mark
    that closes nothing was read as a character); in a workbook "formula_error" (#REF! and the like
    were taken as empty), "rounded_number" (a number with more digits than were kept); in JSON and
    Parquet "not_a_number" (NaN was taken as empty), "long_list" (it stands in one cell) and
    "binary_value", "out_of_range" (bytes that are no text and dates that no calendar has were taken
    as empty); in a card "photo_skipped".
    """

    number: int
    cells: tuple[str, ...]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that can only be set aside: `code` for machines, `reason` for people; `text` is
    the beginning of what stood in the file, '' where that is too long or no text."""

    number: int
    reason: str
    code: str = "unreadable"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as they stand in the file, not yet fitted to the width of the table."""

    cells: list[str]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of the file that no reading makes a row of; `code` says why, `text` is how it
    begins."""

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """What a reader of one format hands to the table: the first row and a way to the others.

    `rows(width)` starts from the beginning each time; 0 stands for the width of the header.
    """

    header: list[str]
    rows: Callable[[int], Iterator[Row | Broken]]
    format: str
    delimiter: str = ""
    encoding: str = ""
    evidence: "str | Promise" = ""
    sheet: str = ""


class UnreadableFile(Exception):
    """The file as a whole cannot be taken; the message says what to do about it.

    The text stays lazy so that it appears in the language of whoever reads it. Where an answer
    would make the file readable, `question` names the argument of `open_table` that takes it
    ("sheet" or "encoding") and `choices` the answers that are possible, as value and label.
    """

    def __init__(
        self,
        code: str,
        template: "str | Promise",
        *,
        question: str = "",
        choices: Sequence[tuple[str, str]] = (),
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.template = template
        self.question = question
        self.choices = tuple(choices)
        self.params = params

    def __str__(self) -> str:
        return str(self.template) % self.params if self.params else str(self.template)

    @property
    def message(self) -> str:
        return str(self)
