"""Reads a file of customers as rows of the import, some thousand records at a time."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from customers.imports.mapping import EXTERNAL_ID, Columns
from customers.imports.owners import Owners
from customers.imports.rows import FileRow, rows_from, unreadable_row
from customers.imports.upload import sealed_path
from encryption.files import SealedReader
from quality.pipeline import ColumnEvidence, Options, Plan, clean_batch
from quality.reading import Opener, Record, Table, UnreadableRecord, open_table

AT_ONCE = 5_000


class _SealedFile(SealedReader):
    """A sealed file that closes what it reads from."""

    def close(self) -> None:
        super().close()
        self._file.close()


def open_sealed(name: str) -> Callable[[], BinaryIO]:
    """Opens a sealed upload, as often as it has to be read."""

    def opener() -> BinaryIO:
        return io.BufferedReader(_SealedFile(sealed_path(name).open("rb"), name))

    return opener


def open_plain(path: str) -> Callable[[], BinaryIO]:
    """Opens a file that lies on this machine."""
    return lambda: Path(path).open("rb")


def open_file(opener: Opener, name: str, options: Mapping[str, Any]) -> Table:
    """The table of a file, read as whoever started its import said. Raises UnreadableFile."""
    sheet, encoding = options.get("sheet") or None, options.get("encoding") or None
    return open_table(opener, name, sheet=sheet, encoding=encoding)


@dataclass
class CustomerFile:
    """A table of customers, its columns settled and its first pass done."""

    table: Table
    columns: Columns
    source: UUID
    plan: Plan
    total: int
    owners: Owners | None = None

    def rows(self, *, after: int = 0) -> Iterator[list[FileRow]]:
        """The rows in file order, in portions."""
        records = self.table.records(after=after)
        while portion := list(islice(records, AT_ONCE)):
            yield self._portion(portion)

    def _portion(self, portion: Sequence[Record | UnreadableRecord]) -> list[FileRow]:
        readable = _readable(portion)
        by_number = {record.number: record for record in readable}
        rows = rows_from(
            clean_batch(readable, self.plan),
            source=self.source,
            columns=self.columns.by_field,
            originals=lambda number: dict(
                zip(self.table.columns, by_number[number].cells, strict=True)
            ),
            identifiers=self._identifiers(readable),
            owners=self.owners,
        )
        rows += [
            unreadable_row(record.number, record.code, record.text)
            for record in portion
            if isinstance(record, UnreadableRecord)
        ]
        rows.sort(key=lambda row: row.number)
        return rows

    def _identifiers(self, records: Sequence[Record]) -> dict[int, str]:
        """External identifiers of a column that is mapped to another field as well."""
        column = self.columns.external_id
        if not column or self.columns.mapping.get(column) == EXTERNAL_ID:
            return {}
        place = self.table.columns.index(column)
        return {record.number: " ".join(record.cells[place].split()) for record in records}


def read_through(
    table: Table,
    columns: Columns,
    source: UUID,
    options: Options,
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> CustomerFile:
    """The first pass: counts the records, lets each column prove its own order of dates, and
    meets every byte that cannot be read before anything is written."""
    evidence, total = ColumnEvidence(), 0
    records = table.records()
    while portion := list(islice(records, AT_ONCE)):
        evidence.add(_readable(portion), table.columns, columns.mapping)
        total = portion[-1].number
        progress(total)
    plan = Plan(table.columns, columns.mapping, options, evidence)
    owners = Owners() if "owner" in columns.mapping.values() else None
    return CustomerFile(table, columns, source, plan, total, owners)


def read_some(
    table: Table, columns: Columns, options: Options, wanted: int
) -> tuple[Plan, list[Record]]:
    """The first records, and how they would be cleaned by their own evidence alone."""
    records = _readable(list(islice(table.records(), wanted)))
    evidence = ColumnEvidence()
    evidence.add(records, table.columns, columns.mapping)
    return Plan(table.columns, columns.mapping, options, evidence), records


def _readable(portion: Sequence[Record | UnreadableRecord]) -> list[Record]:
    return [record for record in portion if isinstance(record, Record)]
