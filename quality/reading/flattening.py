"""Nested values as the cells of one row: names joined with dots, lists numbered.

`{"address": {"city": "Rome"}, "emails": ["a", "b"]}` becomes `address.city`, `emails` and
`emails_2`. Lists of what is one text to us (tags, notes) join in one cell, and a list longer than
columns make sense for stands in one cell as well, so that nothing is lost.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from quality.headers import JOINED, recognise
from quality.reading.basics import Broken, Limits, Row
from quality.reading.header import too_many_columns

MOST_DEEP = 16
MOST_NUMBERED = 20
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


class Flagged(str):
    """The text of a value the reader had to decide something about: its row gets the flag."""

    flag: str

    def __new__(cls, text: str, flag: str) -> "Flagged":
        made = super().__new__(cls, text)
        made.flag = flag
        return made


class Twice(dict[str, Any]):
    """An object that gave two different values under one name."""


class _Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def cells_of(
    entry: Mapping[str, Any], limits: Limits, text: Callable[[Any], str] = str
) -> tuple[dict[str, str], set[str]] | Broken:
    """The cells of one entry by column, and flags; `text` writes what is no string."""
    flattener = _Flattener(text)
    try:
        flattener.add_all("", entry, 0)
    except _Refused as refused:
        return Broken(refused.code)
    if any(len(cell) > limits.field for cell in flattener.cells.values()):
        return Broken("cell_too_long")
    return flattener.cells, flattener.flags


class _Flattener:
    def __init__(self, text: Callable[[Any], str]) -> None:
        self.cells: dict[str, str] = {}
        self.flags: set[str] = set()
        self._text = text

    def add_all(self, prefix: str, entry: Mapping[str, Any], depth: int) -> None:
        if type(entry) is Twice:
            raise _Refused("duplicate_key")
        for key, value in entry.items():
            self.add(f"{prefix}.{key}" if prefix else key, value, depth)

    def add(self, name: str, value: Any, depth: int) -> None:
        if depth > MOST_DEEP:
            raise _Refused("too_deep")
        if type(value) is str:
            self._set(name, value)
        elif isinstance(value, Mapping):
            self.add_all(name, value, depth + 1)
        elif isinstance(value, list):
            self._add_list(name, value, depth + 1)
        else:
            self._set(name, self._scalar(value))

    def _add_list(self, name: str, values: list[Any], depth: int) -> None:
        plain = not any(isinstance(value, Mapping | list) for value in values)
        if plain and (len(values) > MOST_NUMBERED or _is_joined(name)):
            texts = [self._scalar(value) for value in values]
            self._set(name, ", ".join(text for text in texts if text))
        elif len(values) > MOST_NUMBERED:
            # As many columns as orders somebody placed would drown the table.
            self.flags.add("long_list")
            self._set(name, json.dumps(values, ensure_ascii=False, default=str))
        elif not values:
            self._set(name, "")
        for number, value in enumerate(() if name in self.cells else values, start=1):
            self.add(name if number == 1 else f"{name}_{number}", value, depth)

    def _scalar(self, value: Any) -> str:
        if value is None:
            return ""
        if value is True or value is False:
            return "true" if value else "false"
        text = value if isinstance(value, str) else self._text(value)
        if isinstance(text, Flagged):
            self.flags.add(text.flag)
        return str(text)

    def _set(self, name: str, text: str) -> None:
        if self.cells.setdefault(name, text) != text:
            raise _Refused("duplicate_key")


@lru_cache(maxsize=4_096)
def _is_joined(name: str) -> bool:
    return recognise(name.rpartition(".")[2]) in JOINED


def whole_characters(text: str) -> str:
    r"""Half a surrogate pair, which no encoding can write, as the escape it stood in the file."""
    if not _HALF_A_PAIR.search(text):
        return text
    return _HALF_A_PAIR.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def columns_of(
    entries: Iterable[tuple[dict[str, str], set[str]] | Broken], limits: Limits
) -> list[str]:
    """Every column any entry has, in the order they are first met.

    An address that is null in one entry and an object in others is no column of its own.
    """
    found: dict[str, bool] = {}
    for entry in entries:
        if isinstance(entry, Broken):
            continue
        for name, text in entry[0].items():
            if not found.get(name):
                found[name] = bool(text)
        if len(found) > limits.columns:
            raise too_many_columns(limits)
    groups = {name[:place] for name in found for place in _dots(name)}
    return [name for name, filled in found.items() if filled or name not in groups]


def _dots(name: str) -> list[int]:
    return [place for place, char in enumerate(name) if char == "."]


def rows_of(
    entries: Iterable[tuple[dict[str, str], set[str]] | Broken], columns: list[str]
) -> Iterator[Row | Broken]:
    """The entries as rows of these columns."""
    for entry in entries:
        if isinstance(entry, Broken):
            yield entry
        else:
            cells, flags = entry
            yield Row([cells.get(name, "") for name in columns], tuple(sorted(flags)))
