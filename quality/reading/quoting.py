"""Records out of physical lines, when quotation marks cannot be trusted.

A stray quotation mark (`5" pipe` at the start of a cell) makes the csv module swallow everything up
to the next one, often the rest of the file, without an error. Here a quoted cell may run over
several lines only when it closes as RFC 4180 says, within the limit, and when the lines it would
take in do not look like records themselves. Otherwise the mark is an ordinary character, if that
gives the line its right number of cells; if not, that one record is unreadable and the next begins
on the next line. The work is linear: a look ahead ends at the next mark that closes nothing.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import KEPT_OF_A_RECORD, MIB, Broken, Limits, Row, UnreadableFile
from quality.reading.lines import OverlongLine

# The module's own limit is process-wide and smaller than ours; ours are checked per file.
csv.field_size_limit(max(csv.field_size_limit(), 16 * MIB))

#: Lines in a row behind a mark that never closes, after which nothing of the file is to be trusted.
MOST_DOUBTFUL = 10_000
_BLANK = " \u00a0\u3000\x0c\x1a\ufeff"


class Assembler:
    """Turns physical lines into rows; blank lines are no rows."""

    def __init__(self, lines: Iterator[str], delimiter: str, limits: Limits) -> None:
        self._lines = lines
        self._pending: deque[str] = deque()
        self._delimiter = delimiter
        self._limits = limits
        # After a quote that never closed, what follows may be the rest of its cell: until a line
        # of full width comes, a short one is no record to be filled up with empty cells.
        self._doubtful = False

    def header(self) -> list[str] | None:
        """The first row, read leniently; None when there is none."""
        line = self._take()
        while line is not None and not line.strip(_BLANK):
            line = self._take()
        if line is None:
            return None
        if '"' in line and (cells := self._strict(line)[0]):
            return cells
        return _literal(line, self._delimiter, self._limits.columns + 1)

    def rows(self, width: int) -> Iterator[Row | Broken]:
        """All further rows, judged by the number of columns of the table."""
        doubtful = 0
        for number, row in enumerate(self._all_rows(width), start=1):
            doubtful = doubtful + 1 if self._doubtful else 0
            if doubtful > MOST_DOUBTFUL:
                raise _never_closed(number - MOST_DOUBTFUL)
            yield row

    def _all_rows(self, width: int) -> Iterator[Row | Broken]:
        delimiter, field_limit = self._delimiter, self._limits.field
        while (line := self._take()) is not None:
            if not line or (line[0] in _BLANK and not line.strip(_BLANK)):
                continue
            if type(line) is OverlongLine:
                self._doubtful = False
                yield Broken("record_too_long", line[:KEPT_OF_A_RECORD])
                continue
            if '"' in line:
                row = self._quoted(line, width)
            else:
                row = Row(line.split(delimiter))
            yield self._judged(row, line, width, field_limit)

    def _judged(self, row: Row | Broken, line: str, width: int, field_limit: int) -> Row | Broken:
        if isinstance(row, Broken):
            return row
        if len(row.cells) >= width:
            self._doubtful = False
        elif self._doubtful or (row.flags or line.count('"') % 2):
            return Broken("stray_quote", line[:KEPT_OF_A_RECORD])
        may_be_long = len(line) > field_limit or '"' in line
        if may_be_long and any(len(cell) > field_limit for cell in row.cells):
            return Broken("cell_too_long", line[:KEPT_OF_A_RECORD])
        return row

    def _take(self) -> str | None:
        return self._pending.popleft() if self._pending else next(self._lines, None)

    def _quoted(self, line: str, width: int) -> Row | Broken:
        cells, lines = self._strict(line, width)
        # Other readings know one line only; a record over several stands as it is.
        if cells is not None and (len(cells) == width or lines > 1):
            return Row(cells)
        for reading in (_inner_quotes, _literal, _after_spaces):
            other = reading(line, self._delimiter, width + 1)
            if other is not None and len(other) == width:
                return Row(other, ("stray_quote",))
        if cells is not None:
            return Row(cells)
        self._doubtful = True
        return Broken("stray_quote", line[:KEPT_OF_A_RECORD])

    def _strict(self, line: str, width: int = 0) -> tuple[list[str] | None, int]:
        """The record that starts on `line` by RFC 4180, and how many lines it takes.

        None (and no further line consumed) when it does not close, or when it would swallow lines
        that are records of their own.
        """
        taken: list[str] = []
        reader = csv.reader(self._ahead(line, taken), delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            self._pending.extendleft(reversed(taken))
            return None, 1
        if taken and self._swallows(line, taken, cells, width):
            self._pending.extendleft(reversed(taken))
            return None, 1
        return cells, 1 + len(taken)

    def _ahead(self, line: str, taken: list[str]) -> Iterator[str]:
        yield line + "\n"
        size = len(line)
        while size <= self._limits.record and (following := self._take()) is not None:
            taken.append(following)
            if type(following) is OverlongLine:
                return
            size += len(following) + 1
            yield following + "\n"

    def _swallows(self, line: str, taken: list[str], cells: list[str], width: int) -> bool:
        """Whether a cell over several lines looks like a stray quote that ate records.

        It does when the first line, read literally, and nearly all others have the full width by
        themselves, and that is no accident: at least four delimiters in the right places.
        """
        if width < 2:
            return False
        if len(_literal(line, self._delimiter, width + 1)) != width:
            return False
        if len(cells) != width:
            return True
        others = [other for other in taken if other.strip(_BLANK)]
        whole = sum(len(_literal(other, self._delimiter, width + 1)) == width for other in others)
        return whole >= 0.8 * len(others) and whole * (width - 1) >= 4


def _never_closed(record: int) -> UnreadableFile:
    return UnreadableFile(
        "unclosed_quote",
        _(
            "A quotation mark in record %(record)d opens a cell that never closes, and more than "
            "%(most)d lines behind it are no records. Close it or remove it, and try again."
        ),
        record=record,
        most=MOST_DOUBTFUL,
    )


def _literal(line: str, delimiter: str, most: int) -> list[str]:
    """Cells of one line; a quotation mark that opens no well-formed cell is a character."""
    quoted = _QUOTED[delimiter]
    cells: list[str] = []
    position = 0
    while position <= len(line) and len(cells) < most:
        if match := quoted.match(line, position):
            cells.append(match[0][1:-1].replace('""', '"'))
            end = match.end()
        else:
            end = line.find(delimiter, position)
            end = len(line) if end < 0 else end
            cells.append(line[position:end])
        position = end + 1
    return cells


def _inner_quotes(line: str, delimiter: str, most: int) -> list[str] | None:
    """Cells of one line in which quotes inside a quoted cell were not doubled."""
    cells: list[str] = []
    position = 0
    while position <= len(line) and len(cells) < most:
        if line.startswith('"', position):
            end = line.find('"' + delimiter, position + 1)
            if end < 0:
                if not line.endswith('"') or len(line) - 1 <= position:
                    return None
                end = len(line) - 1
            cells.append(line[position + 1 : end].replace('""', '"'))
            position = end + 2
        else:
            end = line.find(delimiter, position)
            end = len(line) if end < 0 else end
            cells.append(line[position:end])
            position = end + 1
    return cells


def _after_spaces(line: str, delimiter: str, most: int) -> list[str] | None:
    """Cells of one line written with a space between delimiter and quotation mark."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None


_QUOTED = {
    delimiter: re.compile(rf'"[^"]*(?:""[^"]*)*"(?={re.escape(delimiter)}|\Z)')
    for delimiter in ",;\t|"
}
