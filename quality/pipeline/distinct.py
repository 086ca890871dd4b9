"""Runs a cleaner once per distinct value of a column (and of what it needs beside it)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import polars as pl

Result = TypeVar("Result")

_SURROGATES = dict.fromkeys(range(55296, 57344), 65533)


def once_per_distinct(
    columns: Sequence[Sequence[str | None]], clean: Callable[..., Result]
) -> list[Result]:
    """`clean(*values)` for each row of the columns, called once for each distinct row.

    The rows' results are shared objects: treat them as immutable.
    """
    import polars as pl  # here: it takes a quarter of a second that refusals and pages need not pay

    names = [str(number) for number in range(len(columns))]
    frame = pl.DataFrame(
        [_series(name, column) for name, column in zip(names, columns, strict=True)]
    )
    distinct = frame.unique(maintain_order=True)
    results = [clean(*row) for row in distinct.iter_rows()]
    if len(results) == len(frame):
        return results
    places = frame.join(
        distinct.with_row_index("place"),
        on=names,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["place"]
    return [results[place] for place in places.to_list()]


def _series(name: str, values: Sequence[str | None]) -> pl.Series:
    import polars as pl

    try:
        return pl.Series(name, values, dtype=pl.String)
    except (UnicodeEncodeError, pl.exceptions.PolarsError, TypeError):
        # Half characters cannot be UTF-8; the cleaners would replace them in the same way.
        whole = [value.translate(_SURROGATES) if value else value for value in values]
        return pl.Series(name, whole, dtype=pl.String)
