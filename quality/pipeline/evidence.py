"""First pass over a file: what its columns prove about themselves, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class _Record(Protocol):
    @property
    def cells(self) -> tuple[str, ...]: ...


@dataclass
class ColumnEvidence:
    """Counts per column; feed it every batch of the file with `add` before cleaning."""

    day_first: dict[str, int] = field(default_factory=dict)
    month_first: dict[str, int] = field(default_factory=dict)

    def add(
        self, records: Sequence[_Record], header: tuple[str, ...], mapping: Mapping[str, str]
    ) -> None:
        """Count what these records prove."""

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
