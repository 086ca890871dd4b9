"""XLSX as a stream of rows of text.

Read by our own small parser and not by a spreadsheet library, for three reasons that were tried.
calamine (fastexcel, polars) allocates the whole rectangle a sheet spans: a 2 KB file with one cell
in A1 and one in XFD1048576 asks for 550 GB and aborts the process. It reads every number as a
double, so a resident ID typed as a number changes its last digits silently. And it holds the whole
sheet, where an import needs one row at a time. Formulas are never evaluated: their cached value is
read. DOCTYPEs are refused, so no entity can expand.
"""

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from quality.reading.archive import Archive, damaged
from quality.reading.basics import Broken, Limits, Row
from quality.reading.markup import attributes_of
from quality.reading.sheets import SharedStrings, SheetRows, formats_of


class Workbook:
    """The parts of one XLSX workbook; sheets are streamed anew for every pass."""

    format = "xlsx"

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        main = self._main_part()
        elements = attributes_of(archive, main)
        properties = [found for tag, found in elements if tag == "workbookPr"]
        self._from_1904 = any(p.get("date1904") in ("1", "true") for p in properties)
        relations = self._relations(main)
        listed = [
            (found.get("name", ""), relations[found["id"]][1], found.get("state", "visible"))
            for tag, found in elements
            if tag == "sheet" and found.get("id") in relations
        ]
        self._parts = [part for _name, part, _state in listed]
        self.sheets = [(name, state == "visible") for name, _part, state in listed]
        by_kind = dict(relations.values())
        styles = by_kind.get("styles", "")
        self._formats = formats_of(archive, styles) if styles in archive else ["number"]
        strings = by_kind.get("sharedStrings", "")
        self._strings = SharedStrings(archive, strings if strings in archive else "", limits)

    def rows(self, sheet: int, width: int) -> Iterator[Row | Broken]:
        """Rows of a sheet that hold anything; cells beyond `width` (0: any) count, not more."""
        reader = SheetRows(self._strings, self._formats, self._from_1904, self._limits, width)
        return reader.read(self._archive.pieces(self._parts[sheet]))

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
