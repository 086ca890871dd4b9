"""ODS (OpenDocument spreadsheets) as a stream of rows of text.

One XML part holds all sheets, so every pass reads it up to the end of its sheet. Cells and rows say
how often they are repeated, and spreadsheet programs fill the whole grid that way: repetitions of
nothing cost nothing, and those of something are held to what a sheet can have and to a sum of cells
no list of customers has. Formulas are never evaluated: the value that was seen is read.
Source: OpenDocument 1.3, part 3, 9.1 (tables) and 19.385 (value types).
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from quality.reading.archive import Archive, damaged, too_large
from quality.reading.basics import Broken, Limits, Row, UnreadableFile
from quality.reading.markup import attributes_of, feed, local, new_parser
from quality.reading.numbers import cell_text, is_rounded
from quality.reading.sheets import MOST_COLUMNS, MOST_ROWS

OPEN_DOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_MOST_REPEATED_CELLS = 2_000_000
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


class OpenDocument:
    """The sheets of one ODS file; they are streamed anew for every pass."""

    format = "ods"

    def __init__(self, archive: Archive, limits: Limits) -> None:
        if _CONTENT not in archive:
            raise damaged()
        _refuse_encrypted(archive)
        self._archive = archive
        self._limits = limits
        self.sheets = _names(archive)

    def rows(self, sheet: int, width: int) -> Iterator[Row | Broken]:
        """Rows of a sheet that hold anything; cells beyond `width` (0: any) count, not more."""
        reader = _Rows(sheet, self._limits, width)
        return reader.read(self._archive.pieces(_CONTENT))


def _refuse_encrypted(archive: Archive) -> None:
    if _MANIFEST not in archive:
        return
    if any(tag == "encryption-data" for tag, _found in attributes_of(archive, _MANIFEST)):
        raise UnreadableFile(
            "encrypted",
            _("The workbook is protected by a password. Save it without one and try again."),
        )


def _names(archive: Archive) -> list[tuple[str, bool]]:
    """Name of every sheet and whether it can be seen, in the order of the tabs."""
    found: list[tuple[str, str]] = []
    hidden: set[str] = set()
    style = ""
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style, depth
        tag = local(name)
        if tag == "style":
            style = attributes.get("style:name", "")
        elif tag == "table-properties" and attributes.get("table:display") == "false":
            hidden.add(style)
        elif tag == "table":
            depth += 1
            if depth == 1:
                names = {local(key): value for key, value in attributes.items()}
                found.append((names.get("name", ""), names.get("style-name", "")))
            if len(found) > _MOST_SHEETS:
                raise too_large()

    def end(name: str) -> None:
        nonlocal depth
        if local(name) == "table":
            depth -= 1

    parser = new_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    for piece in archive.pieces(_CONTENT):
        feed(parser, piece, final=False)
    feed(parser, b"", final=True)
    return [(name, style not in hidden) for name, style in found]


_MOST_SHEETS = 1_000


class _Rows:
    """Rows of one sheet, parsed piece by piece; one pass, then spent."""

    def __init__(self, sheet: int, limits: Limits, width: int) -> None:
        self._sheet = sheet
        self._limits = limits
        self._width = width or MOST_COLUMNS
        self._number = -1
        self._depth = 0
        self._done = False
        self._ready: list[tuple[Row | Broken, int]] = []
        self._rows = 0
        self._repeated_cells = 0
        self._repeat_row = 1
        self._cells: dict[int, str] = {}
        self._flags: set[str] = set()
        self._too_long = False
        self._column = 0
        self._in_cell = False
        self._repeat_cell = 1
        self._value: dict[str, str] = {}
        self._parts: list[str] = []
        self._length = self._paragraphs = 0
        self._in_text = 0
        self._aside = 0

    def read(self, pieces: Iterator[bytes]) -> Iterator[Row | Broken]:
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            feed(parser, piece, final=False)
            yield from self._repeated()
            if self._done:
                return
        feed(parser, b"", final=True)
        yield from self._repeated()

    def _repeated(self) -> Iterator[Row | Broken]:
        for row, times in self._ready:
            for _time in range(times):
                yield row
        self._ready.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "table":
            self._depth += 1
            self._number += self._depth == 1
        elif self._number != self._sheet or self._done:
            return
        elif self._in_cell:
            self._start_inside(tag, attributes)
        elif tag == "table-row":
            self._repeat_row = _times(attributes, "number-rows-repeated")
            self._cells, self._flags = {}, set()
            self._column = 0
            self._too_long = False
        elif tag in ("table-cell", "covered-table-cell"):
            self._in_cell = True
            self._repeat_cell = _times(attributes, "number-columns-repeated")
            self._value = {local(key): value for key, value in attributes.items()}
            self._parts = []
            self._length = self._paragraphs = 0

    def _start_inside(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _ASIDE:
            self._aside += 1
        elif self._aside:
            return
        elif tag == "p":
            self._in_text += 1
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._add("\n")
        elif self._in_text and tag == "s":
            self._add(" " * min(_times(attributes, "c"), self._limits.field + 1))
        elif self._in_text and tag == "tab":
            self._add("\t")
        elif self._in_text and tag == "line-break":
            self._add("\n")

    def _characters(self, text: str) -> None:
        if self._in_text and not self._aside:
            self._add(text)

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._limits.field:
            self._too_long = True
        else:
            self._parts.append(text)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "table":
            self._done = self._done or (self._number == self._sheet and self._depth == 1)
            self._depth -= 1
        elif self._number != self._sheet or self._done:
            return
        elif tag in _ASIDE and self._aside:
            self._aside -= 1
        elif tag == "p" and self._in_text and not self._aside:
            self._in_text -= 1
        elif tag in ("table-cell", "covered-table-cell") and not self._aside:
            self._close_cell()
        elif tag == "table-row":
            self._close_row()

    def _close_cell(self) -> None:
        self._in_cell = False
        self._in_text = 0
        if text := self._text():
            last = min(self._column + self._repeat_cell, MOST_COLUMNS)
            # One entry beyond the table is enough to know that the row is too wide.
            for column in range(self._column, min(last, self._width + 1)):
                self._cells[column] = text
        self._column = min(self._column + self._repeat_cell, MOST_COLUMNS)

    def _text(self) -> str:
        kind = self._value.get("value-type", "")
        shown = "".join(self._parts)
        if kind in ("float", "percentage", "currency"):
            raw = self._value.get("value", "")
            if is_rounded(raw):
                self._flags.add("rounded_number")
            return cell_text(raw, "number", from_1904=False)
        if kind == "date":
            return self._value.get("date-value", "").removesuffix("T00:00:00").replace("T", " ")
        if kind == "time" and (match := _DURATION.fullmatch(self._value.get("time-value", ""))):
            return f"{match[1]:0>2}:{match[2]:0>2}:{match[3]:0>2}"
        if kind == "boolean":
            return self._value.get("boolean-value", "").upper()
        if shown in _ERRORS or shown.startswith("Err:"):
            self._flags.add("formula_error")
            return ""
        return shown if self._paragraphs else self._value.get("string-value", "")

    def _close_row(self) -> None:
        row: Row | Broken | None = None
        if self._too_long:
            row = Broken("cell_too_long")
        elif any(text.strip() for text in self._cells.values()):
            cells = [self._cells.get(index, "") for index in range(max(self._cells) + 1)]
            row = Row(cells, tuple(sorted(self._flags)))
        self._rows += self._repeat_row
        if row is None:
            return
        if self._repeat_row > 1:
            self._repeated_cells += self._repeat_row * max(1, len(self._cells))
        if self._rows > MOST_ROWS or self._repeated_cells > _MOST_REPEATED_CELLS:
            raise too_large()
        self._ready.append((row, self._repeat_row))


_ASIDE = frozenset({"annotation", "ruby-text", "shapes"})
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


def _times(attributes: dict[str, str], wanted: str) -> int:
    """How often something is repeated; a sheet has no more than its grid, whatever is said."""
    for key, value in attributes.items():
        if local(key) == wanted:
            if not (value.isascii() and value.isdecimal()):
                raise damaged()
            return max(1, int(value[:9]))
    return 1
