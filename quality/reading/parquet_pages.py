"""The footer and the pages of a Parquet file, read before anything is decoded.

A decoder allocates what a page says it inflates to, and as many values as a page says it holds. A
file of some hundred bytes may say gigabytes, and its footer nothing of it. So the footer and each
page header are read here first, and held to what a table of customers can be. The accessors of
pyarrow are no way to them: some end the process when a footer contradicts itself.
Source: parquet.thrift (FileMetaData, PageHeader) and the compact protocol of Apache Thrift.
"""

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

HEADER_BYTES = 64 * 1024
_I8, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(3, 13)
_INFLATED, _PACKED = 2, 3
_DATA_PAGES = (5, 8)
_DELTA_BYTE_ARRAY = 7
_DICTIONARIES = frozenset({2, 8})
_MOST_NESTED = 16


class BadPage(Exception):
    """The footer or a page is not what the format allows."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One column of one group of rows: where its pages are."""

    name: str
    start: int
    length: int
    nested: bool
    has_dictionary: bool
    copies_beginnings: bool


@dataclass(frozen=True, slots=True)
class Group:
    rows: int
    chunks: list[Chunk]


def groups_of(footer: bytes) -> list[Group]:
    """The groups of rows a footer lists; raises `BadPage`."""
    about = _struct(io.BytesIO(footer), 0)
    groups = [_group(found) for found in _typed(about.get(4, []), list)]
    if sum(group.rows for group in groups) != about.get(3):
        raise BadPage
    return groups


def _group(found: Any) -> Group:
    fields = _typed(found, dict)
    rows = _typed(fields.get(3), int)
    if rows < 0:
        raise BadPage
    # A group without rows has no pages, and its columns stand nowhere.
    columns = _typed(fields.get(1), list) if rows else []
    return Group(rows, [_chunk(column) for column in columns])


def _chunk(found: Any) -> Chunk:
    about = _typed(_typed(found, dict).get(3), dict)
    start, length = _typed(about.get(9), int), _typed(about.get(7), int)
    # A dictionary stands before the pages that refer to it.
    if 0 < _typed(about.get(11, 0), int) < start:
        start = about[11]
    if start < 4 or length < 0:
        raise BadPage
    path = _typed(about.get(3), list)
    encodings = _typed(about.get(2), list)
    return Chunk(
        name=b".".join(_typed(part, bytes) for part in path).decode(),
        start=start,
        length=length,
        nested=len(path) > 1,
        has_dictionary=bool(_DICTIONARIES.intersection(encodings)),
        copies_beginnings=_DELTA_BYTE_ARRAY in encodings,
    )


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise BadPage
    return value


@dataclass(slots=True)
class Pages:
    """What the pages of one column chunk say of themselves."""

    largest: int = 0
    values: int = 0


def pages_of(stream: BinaryIO, start: int, length: int) -> Pages:
    """Walk through the pages that begin at `start`; raises `BadPage`."""
    found = Pages()
    at, end = start, start + length
    while at < end:
        stream.seek(at)
        header = io.BytesIO(stream.read(min(HEADER_BYTES, end - at)))
        fields = _struct(header, 0)
        inflated, packed = fields.get(_INFLATED), fields.get(_PACKED)
        if (
            not isinstance(inflated, int)
            or not isinstance(packed, int)
            or min(inflated, packed) < 0
        ):
            raise BadPage
        found.largest = max(found.largest, inflated)
        for number in _DATA_PAGES:
            if isinstance(page := fields.get(number), dict):
                count = page.get(1)
                if not isinstance(count, int) or count < 0:
                    raise BadPage
                found.values += count
        at += header.tell() + packed
    if at != end:
        raise BadPage
    return found


def _struct(data: io.BytesIO, depth: int) -> dict[int, Any]:
    if depth > _MOST_NESTED:
        raise BadPage
    fields: dict[int, Any] = {}
    number = 0
    while head := _byte(data):
        delta, kind = head >> 4, head & 0x0F
        number = number + delta if delta else _zigzag(data)
        # A truth value has no bytes of its own: its kind says it.
        fields[number] = kind == 1 if kind in (1, 2) else _value(data, kind, depth)
    return fields


def _value(data: io.BytesIO, kind: int, depth: int) -> Any:
    if kind in (1, 2, _I8):
        return _byte(data)
    if kind in (_I16, _I32, _I64):
        return _zigzag(data)
    if kind == _DOUBLE:
        return _bytes(data, 8)
    if kind == _BINARY:
        return _bytes(data, _varint(data))
    if kind in (_LIST, _SET):
        return _list(data, depth)
    if kind == _STRUCT:
        return _struct(data, depth + 1)
    raise BadPage


def _list(data: io.BytesIO, depth: int) -> list[Any]:
    head = _byte(data)
    size = head >> 4
    if size == 15:
        size = _varint(data)
    # Each item takes a byte at least.
    if depth > _MOST_NESTED or size > data.getbuffer().nbytes - data.tell():
        raise BadPage
    return [_value(data, head & 0x0F, depth + 1) for _item in range(size)]


def _byte(data: io.BytesIO) -> int:
    return _bytes(data, 1)[0]


def _bytes(data: io.BytesIO, size: int) -> bytes:
    if len(found := data.read(size)) < size:
        raise BadPage
    return found


def _varint(data: io.BytesIO) -> int:
    value = shift = 0
    while True:
        byte = _byte(data)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value
        if shift > 63:
            raise BadPage


def _zigzag(data: io.BytesIO) -> int:
    value = _varint(data)
    return (value >> 1) ^ -(value & 1)
