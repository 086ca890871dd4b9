"""XLSX as a stream of rows of text.

Read by our own small parser and not by a spreadsheet library, for three reasons that were tried.
calamine (fastexcel, polars) allocates the whole rectangle a sheet spans: a 2 KB file with one cell
in A1 and one in XFD1048576 asks for 550 GB and aborts the process. It reads every number as a
double, so a resident ID typed as a number changes its last digits silently. And it holds the whole
sheet, where an import needs one row at a time. Formulas are never evaluated: their cached value is
read. DOCTYPEs are refused, so no entity can expand.
"""

from collections.abc import Callable, Iterator
from posixpath import dirname, join, normpath
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.archive import Archive, damaged, too_large
from quality.reading.basics import Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.sheets import SharedStrings, SheetRows, attributes_of, formats_of

_COMPOUND = b"\xd0\xcf\x11\xe0"


def open_workbook(opener: Callable[[], BinaryIO], limits: Limits, sheet: str | None) -> Raw:
    """The rows of the named sheet, else of the first visible one that holds anything."""
    data = _whole(opener, limits)
    if data.startswith(_COMPOUND):
        raise _compound(data)
    archive = Archive(data, limits)
    _refuse_other_archives(archive)
    book = Workbook(archive, limits)
    name, part = book.choose(sheet)
    header = next((row.cells for row in book.rows(part, 0) if isinstance(row, Row)), [])

    def rows(width: int) -> Iterator[Row | Broken]:
        following = book.rows(part, width or len(header))
        next(following, None)
        return following

    return Raw(header=header, rows=rows, format="xlsx", sheet=name)


class Workbook:
    """The parts of one workbook; sheets are streamed anew for every pass."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        main = self._main_part()
        elements = attributes_of(archive, main)
        properties = [found for tag, found in elements if tag == "workbookPr"]
        self._from_1904 = any(p.get("date1904") in ("1", "true") for p in properties)
        relations = self._relations(main)
        self._sheets = [
            (found.get("name", ""), relations[found["id"]][1], found.get("state", "visible"))
            for tag, found in elements
            if tag == "sheet" and found.get("id") in relations
        ]
        by_kind = dict(relations.values())
        styles = by_kind.get("styles", "")
        self._formats = formats_of(archive, styles) if styles in archive else ["number"]
        strings = by_kind.get("sharedStrings", "")
        self._strings = SharedStrings(archive, strings if strings in archive else "", limits)

    def choose(self, wanted: str | None) -> tuple[str, str]:
        """Name and part of the sheet to read."""
        if wanted is not None:
            for name, part, _state in self._sheets:
                if name == wanted:
                    return name, part
            raise UnreadableFile(
                "no_such_sheet",
                _("The workbook has no sheet “%(sheet)s”. It has: %(names)s."),
                sheet=wanted,
                names=", ".join(f"“{name}”" for name, _part, _state in self._sheets),
            )
        for name, part, state in self._sheets:
            if state == "visible" and next(self.rows(part, 0), None) is not None:
                return name, part
        raise UnreadableFile(
            "empty", _("No visible sheet of the workbook holds any data. Choose another file.")
        )

    def rows(self, part: str, width: int) -> Iterator[Row | Broken]:
        """Rows of a sheet that hold anything; cells beyond `width` (0: any) count, not more."""
        reader = SheetRows(self._strings, self._formats, self._from_1904, self._limits, width)
        return reader.read(self._archive.pieces(part))

    def _main_part(self) -> str:
        for kind, part in self._relations("").values():
            if kind == "officeDocument" and part in self._archive:
                return part
        raise damaged()

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (kind, part) of a part of the package."""
        folder, _slash, file = part.rpartition("/")
        path = join(folder, "_rels", f"{file}.rels")
        if path not in self._archive:
            raise damaged()
        return {
            found["Id"]: (
                found.get("Type", "").rpartition("/")[2],
                normpath(join(dirname(part), found.get("Target", ""))).lstrip("/"),
            )
            for tag, found in attributes_of(self._archive, path)
            if tag == "Relationship" and "Id" in found
        }


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


def _refuse_other_archives(archive: Archive) -> None:
    names = archive.names()
    if "_rels/.rels" in archive and not any(name.endswith("workbook.bin") for name in names):
        if any(name.startswith(("word/", "ppt/")) for name in names):
            raise _wrong_archive()
        return
    raise _wrong_archive()


def _wrong_archive() -> UnreadableFile:
    return UnreadableFile(
        "not_a_workbook",
        _(
            "The file is an archive or a document, not an .xlsx workbook. Unpack it, or open it "
            "in the program that made it, and save the table as .xlsx or as “CSV UTF-8”."
        ),
    )
