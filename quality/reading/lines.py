"""Physical lines of a text file, decoded strictly and never longer in memory than a limit."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from quality.reading.encodings import undecodable

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


def text_stream(stream: BinaryIO, codec: str) -> io.TextIOWrapper:
    """The decoded text of a stream; to be detached, for the stream belongs to its opener."""
    return io.TextIOWrapper(
        io.BufferedReader(_Source(stream), CHUNK), encoding=codec, errors="strict"
    )


def text_lines(stream: BinaryIO, *, limit: int, codec: str = "utf-8-sig") -> Iterator[str]:
    r"""Lines of a text without their ends; `\n`, `\r\n` and a lone `\r` all end a line.

    A line of more than `limit` characters comes as `OverlongLine`, in bounded memory.
    """
    text = text_stream(stream, codec)
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
        raise undecodable(codec, number + 1) from error
    finally:
        # Only our wrappers are let go; the stream belongs to whoever opened it.
        text.detach()


def _skip_rest_of_line(text: io.TextIOWrapper) -> None:
    while piece := text.readline(CHUNK):
        if piece.endswith("\n"):
            return
