"""CSV and TSV: sniffing what the text is, then reading it record by record."""

import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.encodings import refuse_what_is_not_text
from quality.reading.lines import OverlongLine, text_lines
from quality.reading.quoting import Assembler
from quality.reading.sniffing import sniff_delimiter

HEAD = 256 * 1024
SNIFFED_LINES = 200

_SEPARATOR_HINT = re.compile(r'"?sep=([,;\t|])"?')


def open_text(opener: Callable[[], BinaryIO], limits: Limits) -> Raw:
    """The rows of a text file, as `Raw`; refuses what is not UTF-8 text."""
    lines, hint = _first_lines(opener, limits)
    delimiter = hint or sniff_delimiter(lines)

    def rows(width: int) -> Iterator[Row | Broken]:
        with opener() as stream:
            assembler = _assembler(stream, delimiter, limits, bool(hint))
            assembler.header()
            yield from assembler.rows(width or len(header))

    with opener() as stream:
        header = _assembler(stream, delimiter, limits, bool(hint)).header() or []
    return Raw(
        header=header,
        rows=rows,
        format="tsv" if delimiter == "\t" else "csv",
        delimiter=delimiter,
        encoding="UTF-8",
    )


def _assembler(stream: BinaryIO, delimiter: str, limits: Limits, hinted: bool) -> Assembler:
    lines = text_lines(stream, limit=limits.record)
    if hinted:
        next(lines)
    return Assembler(lines, delimiter, limits)


def _first_lines(opener: Callable[[], BinaryIO], limits: Limits) -> tuple[list[str], str]:
    """Some lines to judge by, and the delimiter if the first line is Excel's `sep=;`."""
    with opener() as stream:
        head = _read(stream, HEAD)
        refuse_what_is_not_text(head)
        if not head.strip(b"\xef\xbb\xbf \t\r\n\x1a"):
            raise UnreadableFile("empty", _("The file is empty. Choose the file with the data."))
        while b"\n" not in head and b"\r" not in head:
            more = _read(stream, HEAD)
            if not more:
                break
            head += more
            if len(head) > limits.record:
                raise _header_too_long(limits)
    cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
    whole = head[: cut + 1] if cut >= 0 and len(head) >= HEAD else head
    lines: list[str] = []
    for line in text_lines(io.BytesIO(whole), limit=limits.record):
        if type(line) is OverlongLine:
            break
        if line.strip():
            lines.append(line)
        if len(lines) >= SNIFFED_LINES:
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


def _read(stream: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, even from a stream that gives them in small pieces."""
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
