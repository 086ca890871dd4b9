"""JSON and JSON lines as a table: which list in the file holds the customers, and its columns.

Four shapes are read: a list of objects, one object per line, objects one after another, and an
object around exactly one list of objects (`{"total": 2, "customers": […]}`). Objects need not have
the same names: the table has the columns of all of them, found in a pass of its own.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import KEPT_OF_A_RECORD, Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.encodings import Encoding, undecodable
from quality.reading.flattening import cells_of, columns_of, rows_of, whole_characters
from quality.reading.json_values import JsonReader, damaged_json, decode_line
from quality.reading.lines import OverlongLine, text_lines, text_stream

_START = re.compile(r'\[\s*[\[{\]"]|\{\s*["}]|[\[{]\s*\Z')
_JUDGED_LINES = 20
_JUDGED_CHARACTERS = 256 * 1024

Entry = tuple[dict[str, str], set[str]] | Broken


def looks_like_json(start: str) -> bool:
    """Whether a text that begins like this is JSON; `[id],[name]` is the header of a table."""
    return _START.match(start) is not None


def open_json(opener: Callable[[], BinaryIO], limits: Limits, encoding: Encoding) -> Raw:
    """The entries of a JSON file, as `Raw`."""
    file = _File(opener, limits, encoding.codec)
    lines = file.is_lines()
    read = file.lines if lines else file.entries(file.wrapped_in())

    def entries() -> Iterator[Entry]:
        return (_entry(value, limits) for value in read())

    columns = columns_of(entries(), limits)
    if not columns:
        raise UnreadableFile(
            "no_rows",
            _("The JSON file holds no objects with names and values. Choose the file with data."),
        )

    def rows(_width: int) -> Iterator[Row | Broken]:
        return rows_of(entries(), columns)

    return Raw(
        header=columns,
        rows=rows,
        format="jsonl" if lines else "json",
        encoding=encoding.label,
        evidence=encoding.evidence,
    )


def _entry(value: Any, limits: Limits) -> Entry:
    if isinstance(value, Broken):
        return value
    if not isinstance(value, dict):
        return Broken("not_an_object")
    found = cells_of(value, limits)
    if isinstance(found, Broken):
        return found
    cells, flags = found
    return {whole_characters(key): whole_characters(cell) for key, cell in cells.items()}, flags


@dataclass(frozen=True)
class _File:
    opener: Callable[[], BinaryIO]
    limits: Limits
    codec: str

    def lines(self) -> Iterator[Any]:
        """The values of JSON lines; a line that is none is broken alone."""
        with self.opener() as stream:
            for line in text_lines(stream, limit=self.limits.record, codec=self.codec):
                if type(line) is OverlongLine:
                    yield Broken("record_too_long", line[:KEPT_OF_A_RECORD])
                elif line.strip(" \t\x1a\ufeff"):
                    yield decode_line(line)

    def is_lines(self) -> bool:
        """Whether each line is an object by itself; one line alone is read as a whole."""
        with self.opener() as stream:
            text = text_stream(stream, self.codec)
            try:
                start = text.read(_JUDGED_CHARACTERS)
            except UnicodeDecodeError as error:
                raise undecodable(self.codec, 1) from error
            finally:
                text.detach()
        whole = start if len(start) < _JUDGED_CHARACTERS else start.rpartition("\n")[0]
        lines = [line for line in whole.split("\n") if line.strip(" \t\x1a\ufeff")]
        judged = [decode_line(line) for line in lines[:_JUDGED_LINES]]
        objects = sum(isinstance(value, dict) for value in judged)
        return objects >= 2 and objects * 2 >= len(judged)

    def wrapped_in(self) -> str | None:
        """The name of the one list of objects in the object that is the whole file, or None."""
        with self.opener() as stream, closing(self._reader(stream)) as reader:
            if reader.peek() != "{":
                return None
            names = [name for name, is_list in _members(reader) if is_list]
            if not names or reader.peek():
                return None
        if len(names) > 1:
            raise UnreadableFile(
                "several_lists",
                _(
                    "The JSON file holds several lists: %(names)s. Keep the one with the "
                    "customers, as a list of objects or as JSON lines."
                ),
                names=", ".join(f"“{name[:60]}”" for name in names[:20]),
            )
        return names[0]

    def entries(self, wrapper: str | None) -> Callable[[], Iterator[Any]]:
        """Reads the list of this name, or the list or the objects that are the whole file."""

        def read() -> Iterator[Any]:
            with self.opener() as stream, closing(self._reader(stream)) as reader:
                if wrapper is not None:
                    for name, is_list in _members(reader, enter=wrapper):
                        if is_list and name == wrapper:
                            yield from _items(reader)
                elif reader.peek() == "[":
                    yield from _items(reader)
                    if reader.peek():
                        raise damaged_json(reader.entries)
                else:
                    while reader.peek():
                        yield _counted(reader)

        return read

    def _reader(self, stream: BinaryIO) -> JsonReader:
        return JsonReader(stream, self.codec, self.limits)


def _members(reader: JsonReader, enter: str | None = None) -> Iterator[tuple[str, bool]]:
    """Names of an object, and whether a list of objects stands under them.

    Each value is stepped over, but for the list under `enter`: that is left to the caller.
    """
    reader.take("{")
    while reader.peek() != "}":
        name = reader.value()
        if not isinstance(name, str):
            raise damaged_json(reader.entries)
        reader.take(":")
        is_list = reader.peek() == "[" and reader.opens_list_of_objects()
        if is_list and name == enter:
            yield name, True
        else:
            if is_list:
                # Decoding entry by entry is faster than counting brackets, and as bounded.
                deque(_items(reader), maxlen=0)
            else:
                reader.skip()
            yield name, is_list
        if reader.peek() != "}":
            reader.take(",")
            if reader.peek() == "}":
                raise damaged_json(reader.entries)
    reader.take("}")


def _items(reader: JsonReader) -> Iterator[Any]:
    reader.take("[")
    if reader.peek() == "]":
        reader.take("]")
        return
    while True:
        yield _counted(reader)
        closing_bracket = reader.peek() == "]"
        reader.take(",]")
        if closing_bracket:
            return


def _counted(reader: JsonReader) -> Any:
    value = reader.value()
    reader.entries += 1
    return value
