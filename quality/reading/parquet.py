"""Parquet as a stream of rows of text, batch by batch.

What its footer and its pages claim is checked first (`parquet_pages`); texts of a dictionary are
looked up, not copied into every row; and nested columns are flattened as those of JSON are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import MIB, Broken, Limits, Raw, Row, UnreadableFile
from quality.reading.flattening import Flagged, cells_of, columns_of, rows_of
from quality.reading.numbers import cell_text, is_rounded
from quality.reading.parquet_pages import BadPage, Group, groups_of, pages_of

PARQUET = b"PAR1"
ENCRYPTED = b"PARE"
_BATCH = 1_000
_FOOTER = 4 * MIB
_PAGE = 64 * MIB
_PAGES = 256 * MIB
_BATCH_BYTES = 64 * MIB
_VALUES_PER_ROW = 1_000
_FEW_ROWS = 1_000_000
_NO_DATE = "<value out of range"


def damaged_parquet() -> UnreadableFile:
    return UnreadableFile(
        "damaged_parquet",
        _(
            "The Parquet file is damaged or was cut off, and cannot be read. Get it again from "
            "where it comes from."
        ),
    )


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        "parquet_too_large",
        _(
            "The Parquet file unpacks to more than a list of customers needs, so it was not "
            "opened. If it is a real list, write it with smaller pages, or as “CSV UTF-8”."
        ),
    )


def _encrypted() -> UnreadableFile:
    return UnreadableFile(
        "encrypted",
        _("The Parquet file is encrypted. Write it without encryption and try again."),
    )


def open_parquet(opener: Callable[[], BinaryIO], limits: Limits) -> Raw:
    """The rows of a Parquet file, as `Raw`."""
    with opener() as stream, _refusals():
        batch, looked_up = _check(stream)
        file = _file(stream, [])
        names = [field.name for field in file.schema_arrow]
        nested = any(_is_nested(field.type) for field in file.schema_arrow)

    def batches() -> Iterator[Any]:
        with opener() as stream:
            yield from _file(stream, looked_up).iter_batches(batch_size=batch, use_threads=False)

    def rows(_width: int) -> Iterator[Row | Broken]:
        with _refusals():
            for found in batches():
                yield from _rows(found, limits)

    return _nested(batches, limits) if nested else Raw(header=names, rows=rows, format="parquet")


def _nested(batches: Callable[[], Iterator[Any]], limits: Limits) -> Raw:
    """Columns within columns: which there are in the end, only all rows together tell."""

    def entries() -> Iterator[tuple[dict[str, str], set[str]] | Broken]:
        with _refusals():
            for batch in batches():
                for entry in batch.to_pylist(maps_as_pydicts="strict"):
                    yield cells_of(entry, limits, _text)

    columns = columns_of(entries(), limits)
    return Raw(header=columns, rows=lambda _width: rows_of(entries(), columns), format="parquet")


def _file(stream: BinaryIO, looked_up: list[str]) -> Any:
    """The opened file; the texts of these columns are left in their dictionaries."""
    # Loaded only where it is needed: it takes longer to load than most files to read.
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(
        stream, pre_buffer=False, buffer_size=MIB, read_dictionary=looked_up
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever the decoder finds wrong, in one sentence; real errors of reading go through."""
    import pyarrow

    try:
        yield
    except (BadPage, UnicodeDecodeError, ArithmeticError, LookupError):
        raise damaged_parquet() from None
    except (pyarrow.ArrowException, ValueError, NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        if "encrypt" in str(error).lower() or "decrypt" in str(error).lower():
            raise _encrypted() from None
        raise damaged_parquet() from None


def _footer(stream: BinaryIO) -> tuple[bytes, int]:
    """The footer and the size of the file, if it ends as a Parquet file does."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 8))
    end = stream.read(8)
    if end[4:] == ENCRYPTED:
        raise _encrypted()
    length = int.from_bytes(end[:4], "little")
    if len(end) < 8 or end[4:] != PARQUET or length > size - 12:
        raise damaged_parquet()
    if length > _FOOTER:
        raise _too_large()
    stream.seek(size - 8 - length)
    return stream.read(length), size


def _check(stream: BinaryIO) -> tuple[int, list[str]]:
    """Hold the file to what it may be: the number of rows that can be read at once, and the
    columns whose texts stand in a dictionary."""
    footer, size = _footer(stream)
    groups = groups_of(footer)
    if sum(group.rows for group in groups) > max(_FEW_ROWS, 4 * size):
        raise _too_large()
    largest = max((_check_group(group, stream, size) for group in groups), default=1)
    stream.seek(0)
    # A text that others in its page begin with is copied for each of them.
    batch = max(1, min(_BATCH, _BATCH_BYTES // max(1, largest)))
    chunks = [chunk for group in groups for chunk in group.chunks]
    copied = {chunk.name for chunk in chunks if chunk.copies_beginnings or chunk.nested}
    return batch, sorted({chunk.name for chunk in chunks if chunk.has_dictionary} - copied)


def _check_group(group: Group, stream: BinaryIO, size: int) -> int:
    pages = largest = 0
    for chunk in group.chunks:
        if chunk.start + chunk.length > size:
            raise damaged_parquet()
        found = pages_of(stream, chunk.start, chunk.length)
        if found.largest > _PAGE or found.values > max(group.rows, 10_000) * _VALUES_PER_ROW:
            raise _too_large()
        if not chunk.nested and found.values != group.rows:
            raise damaged_parquet()
        pages += found.largest
        if chunk.copies_beginnings:
            largest = max(largest, found.largest)
    if pages > _PAGES:
        raise _too_large()
    return largest


def _is_nested(kind: Any) -> bool:
    return bool(kind.num_fields) and not str(kind).startswith("dictionary")


def _rows(batch: Any, limits: Limits) -> Iterator[Row | Broken]:
    for values in zip(*map(_texts, batch.columns), strict=True):
        if any(len(value) > limits.field for value in values):
            yield Broken("cell_too_long")
            continue
        flags = {value.flag for value in values if isinstance(value, Flagged)}
        yield Row(list(values), tuple(sorted(flags)))


def _texts(column: Any) -> list[str]:
    import pyarrow.compute

    if str(column.type).startswith("dictionary"):
        # Only what these rows use, once: a text of a megabyte is not made a thousand times.
        used = pyarrow.compute.unique(column.indices).drop_null()
        found = column.dictionary.take(used).to_pylist()
        texts = dict(zip(used.to_pylist(), map(_text, found), strict=True))
        return ["" if index is None else texts[index] for index in column.indices.to_pylist()]
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError, ArithmeticError, LookupError):
        # Nanoseconds, unknown time zones, years after 9999: as Arrow itself writes them.
        values = column.cast(pyarrow.string(), safe=False).to_pylist()
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    """A value as people write it: ISO dates, plain digits, no 1.0 and no 1E+5."""
    if type(value) is str:
        return Flagged("", "out_of_range") if value.startswith(_NO_DATE) else value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else Flagged("", "not_a_number")
    if isinstance(value, datetime):
        midnight = value.tzinfo is None and value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return Flagged("", "binary_value")
    return str(value)


def _number(value: float) -> str:
    raw = repr(value)
    if value != value or value in (float("inf"), float("-inf")):
        return Flagged("", "not_a_number")
    text = cell_text(raw, "number", from_1904=False)
    return Flagged(text, "rounded_number") if is_rounded(raw) else text
