"""Files that make trouble, made where they are needed: nothing big or binary is stored."""

import io
import zipfile
from collections.abc import Callable
from typing import BinaryIO
from xml.sax.saxutils import escape

from quality.reading import Record, Table, UnreadableRecord, open_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = (
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="000\\-0000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="20"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
)


def table(content: "bytes | str", **options) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return open_table(lambda: io.BytesIO(data), "file.csv", **options)


def read(content: "bytes | str", **options) -> list[Record | UnreadableRecord]:
    return list(table(content, **options).records())


def cells(content: "bytes | str", **options) -> list[tuple[str, ...] | str]:
    """Cells of each record, or the code of the reason why there are none."""
    return [
        record.cells if isinstance(record, Record) else record.code
        for record in read(content, **options)
    ]


class Endless(io.RawIOBase):
    """A file that is never in memory: `head`, then `filler` repeated up to a size, then `tail`."""

    def __init__(self, head: bytes, filler: bytes, size: int, tail: bytes = b"") -> None:
        self._parts = [head]
        self._filler = filler * (65_536 // len(filler))
        self._left = size
        self._tail = tail
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        if not self._parts:
            if self._left > 0:
                self._left -= len(self._filler)
                self._parts.append(self._filler)
            elif self._tail:
                self._parts.append(self._tail)
                self._tail = b""
            else:
                return b""
        piece = self._parts.pop()
        if 0 <= size < len(piece):
            self._parts.append(piece[size:])
            piece = piece[:size]
        self.given += len(piece)
        return piece


def opener(*args, **kwargs) -> Callable[[], BinaryIO]:
    return lambda: Endless(*args, **kwargs)


def text_cell(value: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def rows_of(*rows: tuple[str, ...]) -> str:
    return "".join(f"<row>{''.join(text_cell(value) for value in row)}</row>" for row in rows)


def workbook(
    *sheets: str,
    shared: str = "",
    properties: str = "",
    states: tuple[str, ...] = (),
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    """An .xlsx file whose sheets hold these rows (as XML)."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"'
        f' state="{states[n - 1] if states else "visible"}"/>'
        for n in numbers
    )
    parts = {
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}
            | {"rId90": ("styles", "styles.xml"), "rId91": ("sharedStrings", "/xl/strings.xml")}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
        "xl/strings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
    }
    for n, rows in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return archive(parts)


def archive(parts: "dict[str, str | bytes]") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def _relations(relations: dict[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in relations.items()
    )
    return f'<Relationships xmlns="{RELATIONS}">{listed}</Relationships>'


def opendocument(
    *sheets: str,
    hidden: "frozenset[int] | set[int]" = frozenset(),
    prolog: str = "",
    manifest: str = "<m/>",
) -> bytes:
    """An .ods file whose sheets hold these rows (as XML); `hidden` counts from 1."""
    names = {
        prefix: f"urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"
        for prefix in ("office", "table", "text", "style")
    }
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    tables = "".join(
        f'<table:table table:name="Sheet{number}" table:style-name="{number in hidden}">'
        f"{rows}</table:table>"
        for number, rows in enumerate(sheets, start=1)
    )
    styles = (
        '<office:automatic-styles><style:style style:name="True">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<office:document-content {spaces}>{styles}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
        }
    )
