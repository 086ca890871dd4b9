"""What a header may be: names that are there, differ from each other and are not data."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from quality.headers import recognise
from quality.reading.basics import Limits, UnreadableFile

_ROWS_OF_A_TITLE = 10

_DATA = (
    re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"),
    re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"),
    re.compile(r"\+?[\d\s().-]*\d{3}[\d\s().-]*\d{4}"),
)


def name_columns(
    header: Sequence[str], sample: Sequence[Sequence[str]], limits: Limits
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names as they stand and names as keys, one each per column; refuses what is no header.

    A column without a name is named by its position. Nameless columns at the end that hold nothing
    in the first rows are not columns (spreadsheets leave them behind).
    """
    if len(header) > limits.columns:
        raise too_many_columns(limits)
    keys = [name.strip().strip("\ufeff") for name in header]
    while keys and not keys[-1] and not _has_data(sample, len(keys) - 1):
        keys.pop()
    if not any(keys):
        raise UnreadableFile(
            "no_header",
            _("The first row holds no column names. Add a row of names above the data."),
        )
    _refuse_names_below(keys, sample)
    _refuse_title(keys, sample)
    _refuse_long(keys, limits)
    _refuse_data(keys)
    _refuse_duplicates(keys)
    columns = _named_by_position(keys)
    shown = tuple(
        raw if key else column for raw, key, column in zip(header, keys, columns, strict=False)
    )
    return shown, tuple(columns)


def too_many_columns(limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        "too_many_columns",
        _(
            "The file has more than %(most)d columns. Remove the columns that say nothing about "
            "customers and try again."
        ),
        most=limits.columns,
    )


def _has_data(sample: Sequence[Sequence[str]], index: int) -> bool:
    return any(len(cells) > index and cells[index].strip() for cells in sample)


def _refuse_names_below(keys: Sequence[str], sample: Sequence[Sequence[str]]) -> None:
    """A title above the column names, which stand somewhere below it."""
    if any(recognise(key) for key in keys):
        return
    for cells in sample[:_ROWS_OF_A_TITLE]:
        filled = [cell for cell in cells if cell.strip()]
        names = re.split(r"[,;\t|]", filled[0]) if len(filled) == 1 else filled
        known = [name.strip(' "') for name in names if recognise(name.strip(' "'))]
        if len(known) >= max(2, len(names) / 2) and len(names) > sum(map(bool, keys)):
            raise UnreadableFile(
                "title_above_header",
                _(
                    "The column names do not stand in the first row but below it: %(names)s. "
                    "Remove the rows above them and try again."
                ),
                names=", ".join(f"“{name}”" for name in known[:5]),
            )


def _refuse_title(keys: Sequence[str], sample: Sequence[Sequence[str]]) -> None:
    """A title above the real header makes every row too wide: say so once, not for each."""
    wider = sum(any(cell.strip() for cell in cells[len(keys) :]) for cells in sample)
    if sample and wider > len(sample) / 2:
        raise UnreadableFile(
            "narrow_header",
            _(
                "Most rows have more cells than the first one (%(names)d). Put one name above "
                "every column, and remove titles above the column names."
            ),
            names=len(keys),
        )


def _refuse_long(keys: Sequence[str], limits: Limits) -> None:
    for position, key in enumerate(keys, start=1):
        if len(key) > limits.header_name:
            raise UnreadableFile(
                "long_header",
                _(
                    "The name of column %(position)d is longer than %(most)d characters: "
                    "“%(start)s…”. Check that the first row holds the column names."
                ),
                position=position,
                most=limits.header_name,
                start=key[:40],
            )


def _refuse_data(keys: Sequence[str]) -> None:
    for position, key in enumerate(keys, start=1):
        if any(pattern.fullmatch(key) for pattern in _DATA):
            # The cell is somebody's data, so the message does not repeat it.
            raise UnreadableFile(
                "no_header",
                _(
                    "The first row looks like data, not like column names (column %(position)d "
                    "holds an e-mail address, a number or a date). Add a row of names above it."
                ),
                position=position,
            )


def _refuse_duplicates(keys: Sequence[str]) -> None:
    named = [key for key in keys if key]
    twice = sorted({key for key in named if named.count(key) > 1})
    if twice:
        raise UnreadableFile(
            "duplicate_header",
            _(
                "These column names stand in the header more than once: %(names)s. Give every "
                "column its own name, or remove the columns you do not need."
            ),
            names=", ".join(f"“{name}”" for name in twice[:10]),
        )


def _named_by_position(keys: Sequence[str]) -> list[str]:
    taken = set(keys)
    columns = []
    for position, key in enumerate(keys, start=1):
        name = key or f"column {position}"
        while not key and name in taken:
            name += "*"
        columns.append(name)
    return columns
