"""CSV, XLSX and Parquet, written portion by portion into any place that takes bytes.

Nothing is kept but the portion in hand, and no temporary file is made: what is written is sealed as
it is written.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from customers.exports.columns import MOMENT, NUMBER, Column
from customers.exports.rows import Value
from customers.exports.safe import harmless
from customers.exports.workbook import Workbook

BOM = "\ufeff"


class Place(Protocol):
    """Where bytes go; it may be neither sought nor read."""

    def write(self, data: bytes) -> int: ...


class Format(Protocol):
    """One file being written."""

    def add(self, rows: Iterable[Sequence[Value]]) -> None: ...

    def finish(self) -> None: ...


class CsvFile:
    """UTF-8, comma, CRLF; times in UTC as ISO 8601. Formulas are made text (`safe`)."""

    def __init__(self, place: Place, columns: Sequence[Column], *, bom: bool) -> None:
        self._place = place
        head = (BOM if bom else "") + self._lines([[column.name for column in columns]])
        place.write(head.encode())

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        lines = ([_csv_cell(value) for value in row] for row in rows)
        self._place.write(self._lines(lines).encode())

    def finish(self) -> None:
        """Nothing comes after the last row."""

    @staticmethod
    def _lines(rows: Iterable[Sequence[str]]) -> str:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows(rows)
        return buffer.getvalue()


class XlsxFile:
    """One workbook, a further sheet for every million rows."""

    def __init__(self, place: Place, columns: Sequence[Column]) -> None:
        self._book = Workbook(place, [column.name for column in columns])

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        self._book.add(rows)

    def finish(self) -> None:
        self._book.finish()


class ParquetFile:
    """Typed columns, compressed, one group of rows for each `ROWS_A_GROUP`."""

    ROWS_A_GROUP = 10_000

    def __init__(self, place: Place, columns: Sequence[Column]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {MOMENT: pa.timestamp("us", tz="UTC"), NUMBER: pa.int32()}
        self._schema = pa.schema(
            [(column.name, kinds.get(column.kind, pa.string())) for column in columns]
        )
        self._writer: Any = pq.ParquetWriter(_Stream(place), self._schema, compression="zstd")
        self._rows: list[Sequence[Value]] = []

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        self._rows += rows
        if len(self._rows) >= self.ROWS_A_GROUP:
            self._write_group()

    def finish(self) -> None:
        if self._rows:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        import pyarrow as pa

        arrays = [
            pa.array(values, type=field.type)
            for values, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []


class _Stream(io.RawIOBase):
    """What libraries take for a file that can only be written on."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: Any) -> int:
        data = bytes(data)
        self._place.write(data)
        self._written += len(data)
        return len(data)


def open_format(name: str, place: Place, columns: Sequence[Column], *, bom: bool = True) -> Format:
    """A file of this format; `bom` is for CSV, where Excel knows UTF-8 by it."""
    if name == "csv":
        return CsvFile(place, columns, bom=bom)
    if name == "xlsx":
        return XlsxFile(place, columns)
    if name == "parquet":
        return ParquetFile(place, columns)
    raise ValueError(f"{name!r} is none of csv, xlsx and parquet")


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
