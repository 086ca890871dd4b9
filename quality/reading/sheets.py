"""The XML parts of a workbook, parsed as they are inflated."""

import re
from collections.abc import Iterable, Iterator

from django.utils.functional import cached_property

from quality.reading.archive import Archive, damaged, too_large
from quality.reading.basics import Broken, Limits, Row
from quality.reading.markup import attributes_of, feed, local, new_parser, parse
from quality.reading.numbers import cell_text, format_kind, is_rounded

MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_REFERENCE = re.compile(r"([A-Z]{1,3})\d{1,7}")


def formats_of(archive: Archive, part: str) -> list[str]:
    """ "date", "time" or "number" for every cell style of the workbook."""
    codes: dict[str, str] = {}
    kinds: list[str] = []
    inside = False
    for tag, attributes in attributes_of(archive, part):
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            kinds.append(
                format_kind(int(number) if number.isdecimal() else 0, codes.get(number, ""))
            )
    return kinds or ["number"]


def unescaped(text: str) -> str:
    """Text without the `_x000D_` escapes of XLSX; half a surrogate pair stays as it is written."""
    if "_x" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        units = (int(code, 16) for code in re.findall("x(.{4})", match[0]))
        try:
            return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le")
        except UnicodeDecodeError:
            return match[0]

    return _ESCAPED.sub(replace, text)


class SharedStrings:
    """The texts that cells refer to by number, loaded at first use."""

    def __init__(self, archive: Archive, part: str, limits: Limits) -> None:
        self._archive = archive
        self._part = part
        self._limits = limits

    def __getitem__(self, index: int) -> str:
        if index < 0 or index >= len(self._texts):
            raise damaged()
        return self._texts[index]

    @cached_property
    def _texts(self) -> list[str]:
        if not self._part:
            return []
        collector = _Texts(self._limits)
        parser = new_parser()
        parser.StartElementHandler = collector.start
        parser.EndElementHandler = collector.end
        parser.CharacterDataHandler = collector.characters
        parse(parser, self._archive.pieces(self._part), collector.check)
        return collector.texts


class _Texts:
    """Gathers the texts of `<si>` elements, without the pronunciation (`<rPh>`) beside them."""

    def __init__(self, limits: Limits) -> None:
        self.texts: list[str] = []
        self._limits = limits
        self._parts: list[str] = []
        self._total = 0
        self._phonetic = 0
        self._collecting = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            self._parts.clear()
        elif tag == "rPh":
            self._phonetic += 1
        self._collecting = tag == "t" and not self._phonetic

    def end(self, name: str) -> None:
        tag = local(name)
        self._collecting = False
        if tag == "rPh":
            self._phonetic -= 1
        elif tag == "si":
            self.texts.append(unescaped("".join(self._parts)))

    def characters(self, text: str) -> None:
        if self._collecting:
            self._parts.append(text)
            self._total += len(text)

    def check(self) -> None:
        if self._total > self._limits.workbook_text:
            raise too_large()


class SheetRows:
    """Rows of one sheet, parsed piece by piece; one pass, then spent."""

    def __init__(
        self,
        strings: SharedStrings,
        formats: list[str],
        from_1904: bool,
        limits: Limits,
        width: int,
    ) -> None:
        self._strings = strings
        self._formats = formats
        self._from_1904 = from_1904
        self._limits = limits
        self._width = width or MOST_COLUMNS
        self._ready: list[Row | Broken] = []
        self._cells: dict[int, str] = {}
        self._flags: set[str] = set()
        self._rows = 0
        self._column = -1
        self._type = self._style = ""
        self._collecting = False
        self._phonetic = 0
        self._parts: list[str] = []
        self._length = 0
        self._too_long = False

    def read(self, pieces: Iterable[bytes]) -> Iterator[Row | Broken]:
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            feed(parser, piece, final=False)
            yield from self._ready
            self._ready.clear()
        feed(parser, b"", final=True)
        yield from self._ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name if name in _TAGS else local(name)
        if tag == "c":
            self._open_cell(attributes)
        elif tag in ("v", "t"):
            self._collecting = not self._phonetic
        elif tag == "row":
            self._rows += 1
            if self._rows > MOST_ROWS:
                raise too_large()
            self._cells = {}
            self._flags = set()
            self._column = -1
            self._too_long = False
        elif tag == "rPh":
            self._phonetic += 1

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = self._column + 1 if reference is None else _column_of(reference)
        if self._column >= MOST_COLUMNS:
            raise damaged()
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._parts.clear()
        self._length = 0

    def _characters(self, text: str) -> None:
        if not self._collecting:
            return
        self._length += len(text)
        if self._length > self._limits.field:
            self._too_long = True
        else:
            self._parts.append(text)

    def _end(self, name: str) -> None:
        tag = name if name in _TAGS else local(name)
        if tag in ("v", "t"):
            self._collecting = False
        elif tag == "c":
            if self._parts and (text := self._text("".join(self._parts))):
                # One entry beyond the table is enough to know that the row is too wide.
                self._cells[min(self._column, self._width)] = text
        elif tag == "row":
            self._close_row()
        elif tag == "rPh":
            self._phonetic -= 1

    def _text(self, raw: str) -> str:
        if self._type == "s":
            return self._strings[int(raw)] if raw.strip().isdecimal() else ""
        if self._type in ("inlineStr", "str"):
            return unescaped(raw)
        if self._type == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        if self._type == "e":
            self._flags.add("formula_error")
            return ""
        if self._type == "d":
            return raw.strip().removesuffix("T00:00:00").replace("T", " ")
        if is_rounded(raw):
            self._flags.add("rounded_number")
        return cell_text(raw, self._kind(), from_1904=self._from_1904)

    def _kind(self) -> str:
        if not self._style.isdecimal() or int(self._style) >= len(self._formats):
            return "number"
        return self._formats[int(self._style)]

    def _close_row(self) -> None:
        if self._too_long:
            self._ready.append(Broken("cell_too_long"))
        elif any(text.strip() for text in self._cells.values()):
            cells = [self._cells.get(index, "") for index in range(max(self._cells) + 1)]
            self._ready.append(Row(cells, tuple(sorted(self._flags))))


_TAGS = frozenset({"row", "c", "v", "t", "f", "is", "r", "rPh"})


def _column_of(reference: str) -> int:
    """Index of the column in a reference such as `AB12`."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise damaged()
    index = 0
    for letter in match[1]:
        index = index * 26 + ord(letter) - 64
    return index - 1
