"""vCard 2.1, 3.0 and 4.0 (.vcf) as a table: one card is one row.

Lines are read as bytes and each value is decoded by itself, for a 2.1 card names its encoding per
property. A picture is passed over line by line and never held. Columns are named so that they are
recognised (`card_columns`); a second telephone is `phone_2`, and what kind it is `phone_2_type`.
Sources: vCard 2.1 (versit 1996), RFC 2426, RFC 6350, RFC 2045 (quoted-printable).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from quopri import decodestring
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.card_columns import cells_of_card
from quality.reading.encodings import Encoding
from quality.reading.flattening import columns_of, rows_of
from quality.reading.lines import OverlongLine, text_lines

#: Properties that hold a file and not a text.
_FILES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_NAME = re.compile(r"(?:[\w-]+\.)?([A-Za-z][\w-]*)(?=[;:])", re.ASCII)
_PARAMETER = re.compile(r';([\w-]+)(?:=("[^"]*"|[^;:,"]*)((?:,(?:"[^"]*"|[^;:,"]*))*))?', re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{1,200}")
_MOST_PROPERTIES = 1_000


@dataclass(slots=True)
class Property:
    """One property of a card: `values` are its parts between semicolons, unescaped."""

    name: str
    group: str
    types: tuple[str, ...]
    text: str
    values: list[str] = field(default_factory=list)


class _Undecodable(Exception):
    """A value that is not what its property says it is encoded in."""


def open_vcards(
    opener: Callable[[], BinaryIO], limits: Limits, settle: Callable[[], Encoding]
) -> Raw:
    """The cards of a file, as `Raw`; where its encoding is doubtful, only a card that needs it
    is a reason to ask."""
    settled: Encoding | UnreadableFile
    try:
        settled = settle()
    except UnreadableFile as doubt:
        settled = doubt
    file = _File(opener, limits, settled)
    columns = columns_of(file.entries(), limits)
    if not columns:
        raise UnreadableFile(
            "no_rows", _("No card in the file can be read. Export the cards again.")
        )

    def rows(_width: int) -> Iterator[Row | Broken]:
        return rows_of(file.entries(), columns)

    decided = settled if isinstance(settled, Encoding) else None
    return Raw(
        header=columns,
        rows=rows,
        format="vcard",
        encoding=decided.label if decided else "",
        evidence=decided.evidence if decided else "",
    )


@dataclass
class _File:
    opener: Callable[[], BinaryIO]
    limits: Limits
    settled: Encoding | UnreadableFile

    @property
    def encoding(self) -> Encoding:
        if isinstance(self.settled, UnreadableFile):
            raise self.settled
        return self.settled

    @cached_property
    def _wide(self) -> str:
        with self.opener() as stream:
            start = stream.read(4)
        if b"\x00" in start or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self.encoding.codec
        return ""

    def entries(self) -> Iterator[tuple[dict[str, str], set[str]] | Broken]:
        """The cells of each card, or why it has none."""
        with self.opener() as stream:
            for card in _cards(self._lines(stream), self.limits):
                yield card if isinstance(card, Broken) else self._cells(card)

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        """Physical lines, each character standing for one byte unless the file is UTF-16."""
        return text_lines(stream, limit=self.limits.record, codec=self._wide or "latin-1")

    def _cells(self, lines: list[str]) -> tuple[dict[str, str], set[str]] | Broken:
        flags: set[str] = set()
        properties: list[Property] = []
        try:
            for line in lines:
                if _name_of(line) in _FILES:
                    flags.add("photo_skipped")
                elif found := self._property(line):
                    properties.append(found)
        except _Undecodable:
            return Broken("undecodable")
        cells = cells_of_card(properties)
        if any(len(cell) > self.limits.field for cell in cells.values()):
            return Broken("cell_too_long")
        return cells, flags

    def _property(self, line: str) -> Property | None:
        match = _NAME.match(line)
        if match is None:
            return None
        at, types, settings = match.end(), [], {}
        while parameter := _PARAMETER.match(line, at):
            at = parameter.end()
            name, value, more = parameter.groups()
            listed = [value or "", *(more or "").split(",")] if value is not None else [name]
            key = name.upper() if value is not None else "TYPE"
            words = [word.strip('"') for part in listed for word in part.strip('"').split(",")]
            if key == "TYPE":
                types += [word.lower() for word in words if word]
            else:
                settings[key] = words[0]
                if key == "PREF":
                    types.append("pref")
        if line[at : at + 1] != ":":
            return None
        text = self._decoded(line[at + 1 :], types, settings)
        group = line[: match.start(1)].rstrip(".").lower()
        kinds = tuple(dict.fromkeys(word for word in types if word not in _CODINGS))
        return Property(match[1].upper(), group, kinds, unescaped(text), parts_of(text))

    def _decoded(self, raw: str, types: list[str], settings: dict[str, str]) -> str:
        quoted = settings.get("ENCODING", "").upper() == "QUOTED-PRINTABLE"
        if not quoted and "quoted-printable" not in types and raw.isascii():
            return raw
        if self._wide and not quoted:
            return raw
        data = raw.encode("latin-1" if not self._wide else "utf-8")
        data = decodestring(data) if quoted or "quoted-printable" in types else data
        if data.isascii():
            return data.decode("ascii")
        codec = settings.get("CHARSET", "") or self.encoding.codec
        try:
            return data.decode("cp1252" if codec.lower() == "iso-8859-1" else codec)
        except (UnicodeDecodeError, LookupError, ValueError):
            raise _Undecodable from None


_CODINGS = frozenset({"quoted-printable", "base64", "8bit", "7bit", "b"})


def _cards(lines: Iterator[str], limits: Limits) -> Iterator[list[str] | Broken]:
    """The unfolded lines of each card. What stands between cards is broken, once for a stretch."""
    card: list[str] | Broken | None = None
    stray = False
    inner = 0
    for line in _unfolded(lines, limits):
        word = "" if isinstance(line, Broken) else line.strip().upper()
        if word == "BEGIN:VCARD":
            if card and not isinstance(card, Broken) and _name_of(card[-1]) == "AGENT":
                inner += 1
                continue
            if card is not None:
                yield Broken("unterminated_card")
            card, stray = [], False
        elif word == "END:VCARD" and inner:
            inner -= 1
        elif word == "END:VCARD" and card is not None:
            yield card
            card = None
        elif inner or (not word and not isinstance(line, Broken)):
            continue
        elif card is None:
            if not stray:
                yield Broken("outside_card")
            stray = True
        elif isinstance(line, Broken):
            card = line
        elif not isinstance(card, Broken):
            card.append(line)
            if len(card) > _MOST_PROPERTIES:
                card = Broken("record_too_long")
    if card is not None:
        yield Broken("unterminated_card")


def _unfolded(lines: Iterator[str], limits: Limits) -> Iterator[str | Broken]:
    """Logical lines: those that begin with a blank, or follow a soft line break, are joined.

    Of a property that holds a file only the beginning is kept, however long it is.
    """
    parts: list[str] = []
    length, soft, is_file = 0, False, False
    for line in lines:
        overlong = type(line) is OverlongLine
        # Telephones write pictures without the blank that continues a line.
        folded = line[:1] in (" ", "\t") or bool(is_file and parts and _BASE64.fullmatch(line))
        if parts and (folded or soft):
            piece = line[1:] if folded and not soft else line
            if not is_file:
                length += limits.record + 1 if overlong else len(piece)
                if length <= limits.record:
                    parts.append(piece)
            soft = soft and not is_file and piece.endswith("=")
            continue
        if parts:
            yield _joined(parts, length, limits)
        is_file = _name_of(line) in _FILES
        parts = [line[:200] if is_file else line]
        length = limits.record + 1 if overlong and not is_file else len(parts[0])
        quoted = "QUOTED-PRINTABLE" in line[:200].upper()
        soft = quoted and line.endswith("=") and not is_file
    if parts:
        yield _joined(parts, length, limits)


def _joined(parts: list[str], length: int, limits: Limits) -> str | Broken:
    if length > limits.record:
        return Broken("cell_too_long")
    if len(parts) == 1:
        return parts[0]
    # A soft line break of quoted-printable is the "=" at the end of its line.
    return "".join(part[:-1] if _is_soft(part, parts) else part for part in parts)


def _is_soft(part: str, parts: list[str]) -> bool:
    return part.endswith("=") and part is not parts[-1] and "QUOTED-PRINTABLE" in parts[0].upper()


def _name_of(line: str) -> str:
    match = _NAME.match(line)
    return match[1].upper() if match else ""


def unescaped(text: str) -> str:
    r"""Text without the escapes `\n`, `\,`, `\;` and `\\`."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def parts_of(text: str) -> list[str]:
    """The parts of a structured value, which semicolons divide."""
    if "\\" not in text:
        return text.split(";")
    parts = re.split(r"(?<!\\)((?:\\\\)*);", text)
    joined = ["".join(parts[place : place + 2]) for place in range(0, len(parts), 2)]
    return [unescaped(part) for part in joined]
