"""Spreadsheets, XLSX and ODS: which of their sheets is the list of customers, and its rows.

A sheet is never guessed: with one sheet that holds data that one is read, with several the file is
refused with their names, and whoever sent it says which.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from django.utils.translation import gettext_lazy as _

from quality.reading.archive import Archive, too_large
from quality.reading.basics import Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.opendocument import OPEN_DOCUMENT, OpenDocument
from quality.reading.workbook import Workbook

_COMPOUND = b"\xd0\xcf\x11\xe0"
_COUNTED_ROWS = 20_000
"""Rows counted for `sheets_of` in all sheets together: a page waits for the answer."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook. `rows` counts the rows that hold anything, the header among them;
    None where counting would have taken long."""

    name: str
    rows: int | None
    visible: bool = True


class Book(Protocol):
    """What a workbook of either format offers; sheets are counted from 0."""

    format: str
    sheets: list[tuple[str, bool]]

    def rows(self, sheet: int, width: int) -> Iterator[Row | Broken]: ...


def open_spreadsheet(opener: Callable[[], BinaryIO], limits: Limits, sheet: str | None) -> Raw:
    """The rows of the sheet of that name or number, else of the only visible one with data."""
    book = _book(opener, limits)
    chosen = _named(book, sheet) if sheet else _only_one(book)
    header = next((row.cells for row in book.rows(chosen, 0) if isinstance(row, Row)), [])

    def rows(width: int) -> Iterator[Row | Broken]:
        following = book.rows(chosen, width or len(header))
        next(following, None)
        return following

    return Raw(header=header, rows=rows, format=book.format, sheet=book.sheets[chosen][0])


def list_sheets(opener: Callable[[], BinaryIO], limits: Limits) -> list[Sheet]:
    book = _book(opener, limits)
    left = _COUNTED_ROWS
    found = []
    for number, (name, visible) in enumerate(book.sheets):
        count = 0
        for _row in book.rows(number, 1):
            count += 1
            if count > left:
                break
        left = max(0, left - count)
        found.append(Sheet(name, count if left else None, visible))
    return found


def _book(opener: Callable[[], BinaryIO], limits: Limits) -> Book:
    data = _whole(opener, limits)
    if data.startswith(_COMPOUND):
        raise _compound(data)
    archive = Archive(data, limits)
    names = archive.names()
    if archive.small_text("mimetype").startswith(OPEN_DOCUMENT):
        return OpenDocument(archive, limits)
    if "_rels/.rels" not in archive or any(name.endswith("workbook.bin") for name in names):
        raise _wrong_archive()
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise _wrong_archive()
    return Workbook(archive, limits)


def _named(book: Book, wanted: str) -> int:
    names = [name for name, _visible in book.sheets]
    if wanted in names:
        return names.index(wanted)
    folded = [name.strip().casefold() for name in names]
    if folded.count(wanted.strip().casefold()) == 1:
        return folded.index(wanted.strip().casefold())
    if wanted.isdecimal() and wanted.isascii() and 1 <= int(wanted[:9]) <= len(names):
        return int(wanted) - 1
    raise UnreadableFile(
        "no_such_sheet",
        _("The workbook has no sheet “%(sheet)s”. It has: %(names)s."),
        question="sheet",
        choices=[(name, name) for name in names],
        sheet=wanted[:100],
        names=_listed(names),
    )


def _only_one(book: Book) -> int:
    filled = [
        number
        for number, (_name, visible) in enumerate(book.sheets)
        if visible and next(book.rows(number, 0), None) is not None
    ]
    if not filled:
        raise UnreadableFile(
            "empty", _("No visible sheet of the workbook holds any data. Choose another file.")
        )
    if len(filled) > 1:
        names = [book.sheets[number][0] for number in filled]
        raise UnreadableFile(
            "several_sheets",
            _(
                "The workbook has several sheets with data: %(names)s. Say which one holds the "
                "customers (--sheet in a command)."
            ),
            question="sheet",
            choices=[(name, name) for name in names],
            names=_listed(names),
        )
    return filled[0]


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:20])
    return shown + (", …" if len(names) > 20 else "")


def _whole(opener: Callable[[], BinaryIO], limits: Limits) -> bytes:
    pieces, size = [], 0
    with opener() as stream:
        while piece := stream.read(1024 * 1024):
            size += len(piece)
            if size > limits.workbook_bytes:
                raise too_large()
            pieces.append(piece)
    return b"".join(pieces)


def _compound(data: bytes) -> UnreadableFile:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return UnreadableFile(
            "encrypted",
            _("The workbook is protected by a password. Save it without one and try again."),
        )
    return UnreadableFile(
        "legacy_workbook",
        _(
            "The file is in an old Office format (such as .xls). Open it in a spreadsheet program "
            "and save it as .xlsx or as “CSV UTF-8”."
        ),
    )


def _wrong_archive() -> UnreadableFile:
    return UnreadableFile(
        "not_a_workbook",
        _(
            "The file is an archive or a document, not a workbook. Unpack it, or open it in the "
            "program that made it, and save the table as .xlsx, .ods or “CSV UTF-8”."
        ),
    )
