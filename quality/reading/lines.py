"""Physical lines of a text file, decoded strictly and never longer in memory than a limit."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import UnreadableFile
from quality.reading.encodings import likely_encoding

CHUNK = 64 * 1024


class _Source(io.RawIOBase):
    """Any object with `read(n)` (a file, an upload, a sealed file) as a raw stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class OverlongLine(str):
    """The beginning of a line that is longer than the limit; the rest was skipped unread."""

    __slots__ = ()


def text_lines(stream: BinaryIO, *, limit: int) -> Iterator[str]:
    r"""Lines of UTF-8 text without their ends; `\n`, `\r\n` and a lone `\r` all end a line.

    A line of more than `limit` characters comes as `OverlongLine`, in bounded memory.
    """
    text = io.TextIOWrapper(
        io.BufferedReader(_Source(stream), CHUNK), encoding="utf-8-sig", errors="strict"
    )
    number = 0
    try:
        while line := text.readline(limit + 1):
            number += 1
            if line.endswith("\n"):
                yield line[:-1]
            elif len(line) > limit:
                _skip_rest_of_line(text)
                yield OverlongLine(line[:100])
            else:
                yield line
    except UnicodeDecodeError as error:
        raise not_utf8(bytes(error.object), error.start, number + 1) from None
    finally:
        # Only our wrappers are let go; the stream belongs to whoever opened it.
        text.detach()


def _skip_rest_of_line(text: io.TextIOWrapper) -> None:
    while piece := text.readline(CHUNK):
        if piece.endswith("\n"):
            return


def not_utf8(data: bytes, position: int, line: int) -> UnreadableFile:
    """The refusal of a file in another encoding, naming what it looks like."""
    return UnreadableFile(
        "encoding",
        _(
            "The file is not UTF-8 text: near line %(line)d there are bytes that UTF-8 does not "
            "allow. It looks like %(encoding)s. Open it in the program that made it and save it "
            "again as “CSV UTF-8”."
        ),
        line=line,
        encoding=likely_encoding(data, position),
    )
