"""First pass over a file: what its columns prove about themselves, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quality.cleaning.codes import gender_letter
from quality.cleaning.dates import Order, looks_like_serial, order_proven_by, read_date
from quality.cleaning.text import plain

_ENOUGH_SERIALS = 5


class _Record(Protocol):
    @property
    def cells(self) -> tuple[str, ...]: ...


@dataclass
class ColumnEvidence:
    """Counts per column; feed it every batch of the file with `add` before cleaning.

    `day_first` and `month_first` count the dates that have only that reading (25/12, 12/25),
    `serials` the spreadsheet day numbers, `dates` the cells that are a date in some spelling;
    `letters` are the single letters a gender column uses.
    """

    day_first: dict[str, int] = field(default_factory=dict)
    month_first: dict[str, int] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    dates: dict[str, int] = field(default_factory=dict)
    letters: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(
        self, records: Sequence[_Record], header: tuple[str, ...], mapping: Mapping[str, str]
    ) -> None:
        """Count what these records prove."""
        for position, column in enumerate(header):
            name = mapping.get(column)
            if name not in {"birth_date", "last_confirmed_at", "gender"}:
                continue
            cells = [record.cells[position] for record in records if position < len(record.cells)]
            if name == "gender":
                self._add_letters(column, cells)
            else:
                self._add_dates(column, cells)

    @classmethod
    def gather(
        cls,
        batches: Iterable[Sequence[_Record]],
        header: tuple[str, ...],
        mapping: Mapping[str, str],
    ) -> ColumnEvidence:
        """The evidence of a whole file."""
        evidence = cls()
        for records in batches:
            evidence.add(records, header, mapping)
        return evidence

    def order(self, column: str) -> Order | None:
        """The order of day and month the column proves; evidence both ways proves none."""
        by_day, by_month = self.day_first.get(column, 0), self.month_first.get(column, 0)
        if by_day and not by_month:
            return "dmy"
        return "mdy" if by_month and not by_day else None

    def holds_serials(self, column: str) -> bool:
        """Whether the column is one of spreadsheet day numbers and of no other date."""
        return self.serials.get(column, 0) >= _ENOUGH_SERIALS and not self.dates.get(column, 0)

    def _add_letters(self, column: str, cells: list[str]) -> None:
        letters = {letter for cell in set(cells) if (letter := gender_letter(cell))}
        self.letters[column] = self.letters.get(column, frozenset()) | letters

    def _add_dates(self, column: str, cells: list[str]) -> None:
        counts: dict[str, dict[str, int]] = {
            "dmy": self.day_first,
            "mdy": self.month_first,
            "serial": self.serials,
            "date": self.dates,
        }
        for cell in cells:
            for found in _proofs(cell):
                counts[found][column] = counts[found].get(column, 0) + 1


def _proofs(cell: str) -> list[str]:
    if len(cell) == 10 and cell[4:5] == "-":  # ISO, by far the most frequent: proves no order
        return ["date"]
    if looks_like_serial(cell):
        return ["serial"]
    order = order_proven_by(cell)
    if order is not None:
        return [order, "date"]
    return ["date"] if read_date(plain(cell)).day_first is not None else []
