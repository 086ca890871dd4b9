"""Writes an XLSX workbook as a stream: no temporary file, no table of strings, one row at a time.

Texts are typed as texts, so nothing is ever computed; those that begin like a formula also carry
the style by which Excel keeps them texts when somebody edits the cell. ECMA-376 part 1.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone

from customers.exports.safe import runs_in_a_spreadsheet

# Excel's limits.
ROWS_A_SHEET = 1_048_576
LONGEST_CELL = 32_767
CUT = "…"
COMPRESSION = 3
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML cannot hold, and the texts a reader would take for the escape of such a sign.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
PLAIN, BOLD, TIME, QUOTED = range(4)
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    "</styleSheet>"
)
SHEET_HEAD = (
    f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
    "</sheetViews><sheetData>"
)
SHEET_END = "</sheetData></worksheet>"


class Workbook:
    """`place` takes bytes and is never sought in; what is written is whole after `finish()`."""

    def __init__(self, place: Any, header: Sequence[str]) -> None:
        sink: Any = _Sink(place)
        self._zip = zipfile.ZipFile(
            sink, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=COMPRESSION
        )
        self._header = header
        self._letters = [_letters(place) for place in range(len(header))]
        self._sheets = 0
        self._row = 0
        self._part: Any = None
        self._begin_sheet()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        written: list[str] = []
        for row in rows:
            if self._row >= ROWS_A_SHEET:
                self._write(written)
                written = []
                self._end_sheet()
                self._begin_sheet()
            written.append(self._line(row))
        self._write(written)

    def finish(self) -> None:
        self._end_sheet()
        for name, text in self._parts():
            self._zip.writestr(name, text)
        self._zip.close()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._row = 0
        name = f"xl/worksheets/sheet{self._sheets}.xml"
        self._part = self._zip.open(name, "w", force_zip64=True)
        self._write([SHEET_HEAD, self._line(self._header, style=BOLD)])

    def _end_sheet(self) -> None:
        self._write([SHEET_END])
        self._part.close()

    def _write(self, texts: list[str]) -> None:
        if texts:
            self._part.write("".join(texts).encode())

    def _line(self, values: Sequence[Any], style: int = PLAIN) -> str:
        self._row += 1
        row = self._row
        cells = "".join(
            _cell(f"{letters}{row}", value, style)
            for letters, value in zip(self._letters, values, strict=True)
            if value is not None
        )
        return f'<row r="{row}">{cells}</row>'

    def _parts(self) -> Iterable[tuple[str, str]]:
        numbers = range(1, self._sheets + 1)
        kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        sheets = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
            f'ContentType="{kinds}.worksheet+xml"/>'
            for n in numbers
        )
        yield (
            "[Content_Types].xml",
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>'
            f"{sheets}</Types>",
        )
        yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
        named = "".join(
            f'<sheet name="Customers{"" if n == 1 else f" {n}"}" sheetId="{n}" r:id="rId{n}"/>'
            for n in numbers
        )
        yield (
            "xl/workbook.xml",
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            f"<sheets>{named}</sheets></workbook>",
        )
        parts = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        parts.append((f"rId{self._sheets + 1}", "styles", "styles.xml"))
        yield "xl/_rels/workbook.xml.rels", _relations(parts)
        yield "xl/styles.xml", STYLES


class _Sink:
    """A place as `zipfile` wants one that cannot be sought in."""

    def __init__(self, place: Any) -> None:
        self._place = place

    def write(self, data: bytes) -> int:
        self._place.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """What takes the bytes decides when they reach the disk."""


def _relations(parts: Sequence[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, kind, target in parts
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def _cell(place: str, value: Any, style: int) -> str:
    if isinstance(value, datetime):
        return f'<c r="{place}" s="{TIME}"><v>{_serial(value)}</v></c>'
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = str(value)
    if style == PLAIN and runs_in_a_spreadsheet(text):
        style = QUOTED
    return (
        f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_xml(text)}</t>'
        "</is></c>"
    )


def _xml(text: str) -> str:
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - len(CUT)] + CUT
    text = LOOKS_ESCAPED.sub("_x005F_", NOT_XML.sub("", text))
    return escape(text).replace("\r", "_x000D_")


def _serial(moment: datetime) -> str:
    """Days since 1899-12-30, in the time zone of this installation: a workbook knows none."""
    local = timezone.localtime(moment).replace(tzinfo=UTC)
    return f"{(local - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400:.6f}"


def _letters(place: int) -> str:
    """A, B, … Z, AA: the name of a column."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
