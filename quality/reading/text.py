"""Text files: telling tables, JSON and cards apart; CSV and TSV read record by record."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.encodings import (
    Encoding,
    beginning,
    marked,
    settle_encoding,
    unmarked_wide,
)
from quality.reading.json_text import looks_like_json, open_json
from quality.reading.kinds import refuse_what_is_not_text
from quality.reading.lines import OverlongLine, text_lines
from quality.reading.quoting import Assembler
from quality.reading.sniffing import sniff_delimiter
from quality.reading.vcards import open_vcards

HEAD = 256 * 1024
SNIFFED_LINES = 200

_SEPARATOR_HINT = re.compile(r'"?sep=([,;\t|])"?')


def open_text(opener: Callable[[], BinaryIO], limits: Limits, chosen: str | None) -> Raw:
    """The rows of a text file, whatever is written in it; `chosen` is its encoding, if known."""
    with opener() as stream:
        head = read(stream, HEAD)
    refuse_what_is_not_text(head, wide=bool(marked(head) or unmarked_wide(head)))
    start = beginning(head)
    if not start:
        raise UnreadableFile("empty", _("The file is empty. Choose the file with the data."))
    if looks_like_json(start):
        return open_json(opener, limits, settle_encoding(opener, head, chosen))
    if start[:11].upper() == "BEGIN:VCARD":
        return open_vcards(opener, limits, lambda: settle_encoding(opener, head, chosen))
    _refuse_long_line(opener, limits)
    return _open_table(opener, limits, settle_encoding(opener, head, chosen))


def _open_table(opener: Callable[[], BinaryIO], limits: Limits, encoding: Encoding) -> Raw:
    """CSV and TSV."""
    lines, hint = _first_lines(opener, limits, encoding.codec)
    delimiter = hint or sniff_delimiter(lines)

    def assembler(stream: BinaryIO) -> Assembler:
        lines = text_lines(stream, limit=limits.record, codec=encoding.codec)
        if hint:
            next(lines)
        return Assembler(lines, delimiter, limits)

    def rows(width: int) -> Iterator[Row | Broken]:
        with opener() as stream:
            table = assembler(stream)
            table.header()
            yield from table.rows(width or len(header))

    with opener() as stream:
        header = assembler(stream).header() or []
    return Raw(
        header=header,
        rows=rows,
        format="tsv" if delimiter == "\t" else "csv",
        delimiter=delimiter,
        encoding=encoding.label,
        evidence=encoding.evidence,
    )


def _refuse_long_line(opener: Callable[[], BinaryIO], limits: Limits) -> None:
    """Where the first line never ends, the rest need not be read to know that it is no header."""
    with opener() as stream:
        seen = 0
        while piece := read(stream, HEAD):
            seen += len(piece)
            if b"\n" in piece or b"\r" in piece:
                return
            if seen > limits.record:
                raise _header_too_long(limits)


def _first_lines(
    opener: Callable[[], BinaryIO], limits: Limits, codec: str
) -> tuple[list[str], str]:
    """Some lines to judge by, and the delimiter if the first line is Excel's `sep=;`."""
    lines: list[str] = []
    seen = 0
    with opener() as stream:
        for line in text_lines(stream, limit=limits.record, codec=codec):
            if type(line) is OverlongLine:
                break
            seen += len(line)
            if line.strip():
                lines.append(line)
            if len(lines) >= SNIFFED_LINES or seen > HEAD:
                break
    if not lines:
        raise _header_too_long(limits)
    hint = _SEPARATOR_HINT.fullmatch(lines[0])
    return (lines[1:], hint[1]) if hint else (lines, "")


def _header_too_long(limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        "header_too_long",
        _(
            "The first line is longer than %(most)d bytes, so it cannot be a row of column names. "
            "Check that the file is a table with one line per customer."
        ),
        most=limits.record,
    )


def read(stream: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, even from a stream that gives them in small pieces."""
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
