"""Opening a file as a table: what kind of file it is, its header, its records."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from quality.reading.basics import (
    KEPT_OF_A_RECORD,
    Broken,
    Limits,
    Raw,
    Record,
    Row,
    UnreadableFile,
    UnreadableRecord,
)
from quality.reading.header import name_columns
from quality.reading.kinds import misnamed
from quality.reading.parquet import ENCRYPTED, PARQUET, open_parquet
from quality.reading.spreadsheets import Sheet, list_sheets, open_spreadsheet
from quality.reading.text import open_text

#: Opens the file from its beginning; called again for every pass over it.
Opener = Callable[[], BinaryIO]

DEFAULT_LIMITS = Limits()
SAMPLE = 100


@dataclass(frozen=True)
class Table:
    """A file that can be read as records of text, as often as wanted.

    `header` holds the names as they stand in the file, `columns` the same made usable as keys
    (trimmed, and named by position where the file gives no name); both have one entry per cell of
    a record. `format` is one of `FORMATS`; `delimiter` and `encoding` are empty for what is no
    text, `sheet` for what is no workbook. `notices` are sentences about what the reader had to
    find out by itself: the encoding and why, a file that is not what its name says.
    """

    name: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    format: str
    delimiter: str
    encoding: str
    sheet: str
    notices: tuple["str | Promise", ...]
    _rows: Callable[[], Iterator[Row | Broken]] = field(repr=False)

    def records(self, *, after: int = 0) -> Iterator[Record | UnreadableRecord]:
        """Records in file order, from the first or from the one after number `after`.

        Raises `UnreadableFile` where the bytes stop being UTF-8, even if that is far down: read
        the file through once before anything is written on its strength.
        """
        width = len(self.columns)
        # Other formats leave empty cells out; in a text file a missing delimiter means something.
        text = self.format in ("csv", "tsv")
        for number, row in enumerate(self._rows(), start=1):
            if number > after:
                yield _fitted(number, row, width, text)


def open_table(
    source: "Opener | BinaryIO",
    name: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Table:
    """The table in a file; raises `UnreadableFile` saying what to do when there is none.

    `source` opens the file anew at each call (or is one seekable binary stream, which stays open
    and serves one pass at a time).
    `name` is for messages only: what the file is, its content says. `sheet` is the name or number
    (from 1) of the sheet of a workbook, else its only one with data is taken; `encoding` is one of
    `ENCODINGS` for a text that does not prove its own. Where one of them has to be given, the
    refusal says so in its `question` and `choices`.
    """
    opener = _opener(source)
    raw = _raw(opener, limits, sheet, encoding)
    sample = [row.cells for row in islice(raw.rows(0), SAMPLE) if isinstance(row, Row)]
    header, columns = name_columns(raw.header, sample, limits)
    if not sample and next(raw.rows(0), None) is None:
        raise UnreadableFile(
            "no_rows",
            _("The file has a header but no rows below it. Choose the file that holds the data."),
        )
    width = len(columns)
    return Table(
        name=name,
        header=header,
        columns=columns,
        format=raw.format,
        delimiter=raw.delimiter,
        encoding=raw.encoding,
        sheet=raw.sheet,
        notices=tuple(notice for notice in (misnamed(name, raw.format), raw.evidence) if notice),
        _rows=lambda: raw.rows(width),
    )


def sheets_of(
    source: "Opener | BinaryIO", name: str, *, limits: Limits = DEFAULT_LIMITS
) -> list[Sheet]:
    """The sheets of a workbook (XLSX, ODS) in their order; none for any other file."""
    opener = _opener(source)
    return list_sheets(opener, limits) if _is_workbook(opener) else []


def _is_workbook(opener: Opener) -> bool:
    with opener() as stream:
        return stream.read(8).startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def _raw(opener: Opener, limits: Limits, sheet: str | None, encoding: str | None) -> Raw:
    if _is_workbook(opener):
        return open_spreadsheet(opener, limits, sheet)
    if sheet:
        raise UnreadableFile(
            "no_such_sheet",
            _("The file is no workbook, so it has no sheet “%(sheet)s”. Leave the sheet out."),
            sheet=sheet[:100],
        )
    with opener() as stream:
        magic = stream.read(4)
    if magic in (PARQUET, ENCRYPTED):
        return open_parquet(opener, limits)
    return open_text(opener, limits, encoding)


def _opener(source: "Opener | BinaryIO") -> Opener:
    if callable(source):
        return source
    stream = source

    def reopen() -> BinaryIO:
        stream.seek(0)
        return _Borrowed(stream)

    return reopen


class _Borrowed(io.BufferedIOBase, BinaryIO):
    """A stream lent by the caller: leaving `with` does not close it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _fitted(number: int, row: Row | Broken, width: int, text: bool) -> Record | UnreadableRecord:
    """A row with exactly the table's number of cells, or the reason why not."""
    if isinstance(row, Broken):
        return UnreadableRecord(number, _reason(row.code), row.code, row.text)
    cells = row.cells
    flags = row.flags
    if len(cells) < width:
        cells = cells + [""] * (width - len(cells))
        if text:
            flags = (*flags, "short_row")
    elif len(cells) > width:
        if any(cell.strip() for cell in cells[width:]):
            why = _too_wide(len(cells), width, text)
            kept = " | ".join(cells)[:KEPT_OF_A_RECORD]
            return UnreadableRecord(number, why, "too_many_cells", kept)
        cells = cells[:width]
    return Record(number, tuple(cells), flags)


def _too_wide(cells: int, columns: int, text: bool) -> str:
    if not text:
        return _now("The row has a value to the right of the last column that has a name.")
    return _now(
        "The row has %(cells)d cells, the header %(columns)d. Put values that contain the "
        "delimiter in quotation marks."
    ) % {"cells": cells, "columns": columns}


def _reason(code: str) -> str:
    return {
        "stray_quote": _now(
            "A quotation mark opens a cell that never closes. Double the marks inside the cell or "
            "remove the stray one."
        ),
        "record_too_long": _now("The row is longer than a row of customer data can be."),
        "cell_too_long": _now("A cell is longer than customer data can be."),
        "bad_json": _now("The line is no JSON object."),
        "not_an_object": _now("The entry is no JSON object with names and values."),
        "duplicate_key": _now("The entry gives two different values under one name."),
        "too_deep": _now("The entry is nested more deeply than customer data is."),
        "unterminated_card": _now("The card has no end (END:VCARD)."),
        "outside_card": _now("These lines stand outside of any card."),
        "undecodable": _now("The text cannot be decoded in the encoding it names."),
    }[code]
