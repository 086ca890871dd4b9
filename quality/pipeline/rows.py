"""What goes into the cleaning of a file and what comes out of it, row by row."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnlyMapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from quality.pipeline.evidence import ColumnEvidence

Mapping = dict[str, str]
"""Column of the file -> field of the customer, in file order."""


class Record(Protocol):
    """One record of the file; `number` counts from 1 and skips blank lines."""

    @property
    def number(self) -> int: ...

    @property
    def cells(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class FillRule:
    """What `--fill COLUMN=…` asks for: derive, default (with its value) or forward."""

    kind: Literal["derive", "default", "forward"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who cleans the file said; nothing here is guessed from the file."""

    country: str | None = None
    date_order: Literal["dmy", "mdy"] | None = None
    fill: ReadOnlyMapping[str, FillRule] = field(default_factory=dict)
    today: date = field(default_factory=lambda: date.today())  # noqa: DTZ011 - a calendar day


@dataclass(frozen=True)
class Plan:
    """Everything `clean_batch` needs to know beside the records.

    `carried` remembers the last value of each column filled forward: batches of one file must
    be cleaned in order when a column is filled that way.
    """

    header: tuple[str, ...]
    mapping: Mapping
    options: Options = field(default_factory=Options)
    evidence: ColumnEvidence = field(default_factory=ColumnEvidence)
    carried: dict[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that was corrected; `rule` names the correction that mattered most."""

    column: str
    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Emptied:
    """A cell that could not be true; its original is for the report (masked) or sealed."""

    column: str
    rule: str
    original: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A cell that was kept but needs a look.

    `original` is set when the cell is kept in the file yet nothing of it is in
    `CleanRow.values` (an ambiguous date, say): an import keeps it aside.
    """

    column: str
    rule: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class Further:
    """One value of a field that any number of columns may fill (`quality.headers.REPEATED`)."""

    column: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class CleanRow:
    """One cleaned record.

    `cells`: the cleaned cells by column, '' when empty, in header order. `values`: by customer
    field, canonical, None when there is nothing to store. `set_aside`: why the row must not go
    through (`no_identity`, `too_many_cells`), or None.
    """

    number: int
    cells: dict[str, str]
    values: dict[str, str | None]
    changes: tuple[Change, ...] = ()
    emptied: tuple[Emptied, ...] = ()
    flags: tuple[Flag, ...] = ()
    set_aside: str | None = None
    further: tuple[Further, ...] = ()
