"""JSON values out of a stream of text, one after another and never more than one in memory.

A library that reads events would hold a string of any length and turn a number of a million digits
into an integer first. Here each value is decoded by the module of the standard library out of a
buffer that is bounded, numbers stay the digits they are written in, and a value that is too long or
too deep is skipped unread, counting brackets.
"""

import json
import re
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import KEPT_OF_A_RECORD, Broken, Limits, UnreadableFile
from quality.reading.encodings import undecodable
from quality.reading.flattening import Flagged, Twice
from quality.reading.lines import text_stream

CHUNK = 64 * 1024
_SKIPPED_RECORDS = 4
_SKIPPED_DEPTH = 10_000
_BLANK = re.compile(r"[ \t\r\n\ufeff\x1a]*")
_OUTSIDE = re.compile(r'["{}\[\],]')
_NESTED = re.compile(r'["{}\[\]]')
_INSIDE = re.compile(r'["\\]')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and any(found[key] != value for key, value in pairs):
        return Twice(found)
    return found


DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=str,
    parse_float=str,
    parse_constant=lambda _name: Flagged("", "not_a_number"),
)


def damaged_json(place: int) -> UnreadableFile:
    return UnreadableFile(
        "damaged_json",
        _(
            "The file stops being JSON after entry %(place)d: a bracket, comma or quotation mark "
            "is missing or one too many. Export it again; as JSON lines, one object per line, only "
            "the broken line would be set aside."
        ),
        place=place,
    )


def truncated_json(place: int) -> UnreadableFile:
    return UnreadableFile(
        "truncated_json",
        _(
            "The file ends in the middle, after entry %(place)d. It was probably cut off while it "
            "was written or copied: get it again."
        ),
        place=place,
    )


def _endless(place: int) -> UnreadableFile:
    return UnreadableFile(
        "endless_entry",
        _(
            "What follows entry %(place)d is longer or nested more deeply than any customer's "
            "data. Export the customers as a list of objects, one for each, and try again."
        ),
        place=place,
    )


class JsonReader:
    """Walks through a JSON text. `entries` counts what was read, for messages."""

    def __init__(self, stream: BinaryIO, codec: str, limits: Limits) -> None:
        self._text = text_stream(stream, codec)
        self._codec = codec
        self._most = limits.record
        self._buffer = ""
        self._position = 0
        self._lines = 0
        self._ended = False
        self.entries = 0

    def close(self) -> None:
        """Lets the stream go, which belongs to whoever opened it."""
        self._text.detach()

    def peek(self) -> str:
        """The next character that is no blank; '' at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._more():
                return ""

    def opens_list_of_objects(self) -> bool:
        """Whether the list that begins here has an object first."""
        at = self._position + 1
        while True:
            match = _BLANK.match(self._buffer, at)
            place = match.end() if match else at
            if place < len(self._buffer):
                return self._buffer[place] == "{"
            kept = place - self._position
            if kept > self._most or not self._more():
                return False
            at = self._position + kept

    def take(self, wanted: str) -> None:
        """Step over one of these characters, which has to be there."""
        char = self.peek()
        if not char:
            raise truncated_json(self.entries)
        if char not in wanted:
            raise damaged_json(self.entries)
        self._position += 1

    def value(self) -> Any:
        """The next value; `Broken` for one that is longer or deeper than data can be."""
        self.peek()
        while True:
            try:
                found, end = DECODER.raw_decode(self._buffer, self._position)
            except RecursionError:
                self.skip()
                return Broken("too_deep")
            except json.JSONDecodeError as error:
                self._wait(error)
            else:
                # A number at the very end of the buffer may go on in the next piece.
                if end < len(self._buffer) or not self._more():
                    self._position = end
                    return found
            if len(self._buffer) - self._position > self._most:
                self.skip()
                return Broken("record_too_long")

    def _wait(self, error: json.JSONDecodeError) -> None:
        """Read on where the value is only not all there yet; else the file is broken."""
        cut_off = error.msg.startswith("Unterminated string")
        if not cut_off and error.pos < len(self._buffer) - 12:
            raise damaged_json(self.entries) from None
        if not self._more():
            complete = not cut_off and error.pos < len(self._buffer)
            raise (damaged_json if complete else truncated_json)(self.entries) from None

    def skip(self) -> None:
        """Step over the next value, holding no more than a piece of it.

        Brackets are counted one by one, so what is not data by any measure ends the reading.
        """
        self.peek()
        depth, inside, left = 0, False, self._most * _SKIPPED_RECORDS
        while True:
            pattern = _INSIDE if inside else (_NESTED if depth else _OUTSIDE)
            match = pattern.search(self._buffer, self._position)
            if match is None:
                left -= len(self._buffer) - self._position
                self._position = len(self._buffer)
                if left < 0:
                    raise _endless(self.entries)
                if not self._more():
                    raise truncated_json(self.entries)
                continue
            char, at = match[0], match.start()
            left -= at + 1 - self._position
            self._position = at + 1
            if char == "\\":
                self._step()
            elif char == '"':
                inside = not inside
                if not inside and not depth:
                    return
            elif char in "{[":
                depth += 1
                if depth > _SKIPPED_DEPTH:
                    raise _endless(self.entries)
            elif not depth:
                # A number or a word ends before the comma or bracket that follows it.
                self._position = at
                return
            elif char in "}]":
                depth -= 1
                if not depth:
                    return

    def _step(self) -> None:
        if self._position >= len(self._buffer) and not self._more():
            raise truncated_json(self.entries)
        self._position += 1

    def _more(self) -> bool:
        """Read another piece behind what is not used yet; False at the end."""
        if self._ended:
            return False
        left = len(self._buffer) - self._position
        try:
            piece = self._text.read(max(CHUNK, left))
        except UnicodeDecodeError as error:
            raise undecodable(self._codec, self._lines + 1) from error
        self._lines += piece.count("\n")
        self._buffer = self._buffer[self._position :] + piece
        self._position = 0
        self._ended = not piece
        return bool(piece)


def decode_line(line: str) -> Any:
    """One line of JSON lines; `Broken` where it is none."""
    try:
        found, end = DECODER.raw_decode(line, len(line) - len(line.lstrip(" \t\ufeff")))
    except RecursionError:
        return Broken("too_deep", line[:KEPT_OF_A_RECORD])
    except json.JSONDecodeError:
        return Broken("bad_json", line[:KEPT_OF_A_RECORD])
    rest = line[end:].strip(" \t\x1a")
    return Broken("bad_json", line[:KEPT_OF_A_RECORD]) if rest else found
