"""What did not get in, as CSV: rows that were set aside, and cells that were emptied.

The files hold personal data in clear, which is their purpose: somebody corrects them and imports
them again. So they are streamed, never stored, and go only to who may import.
"""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from customers.imports import words
from customers.models.imports import ImportBatch, ImportRow, Outcome
from encryption.errors import CannotOpen
from quality.headers import FIELDS

BOM = "\ufeff"
FORMULA = ("=", "@", "\t", "\r")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def set_aside_csv(batch: ImportBatch) -> Iterator[str]:
    """`_row`, `_reason`, the columns of the file as they stood in it; last, how a record begins
    that could not even be told into columns."""
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield BOM + write(["_row", "_reason", *map(_harmless, batch.header), "_record"])
    for row in ImportRow.objects.filter(batch=batch, outcome=Outcome.SET_ASIDE).iterator(500):
        kept = kept_of(row)
        cells = kept.get("cells", {})
        yield write(
            [
                row.number,
                words.of_row(row.reasons),
                *(_harmless(cells.get(column, "")) for column in batch.header),
                _harmless(kept.get("raw", "")),
            ]
        )


def emptied_csv(batch: ImportBatch) -> Iterator[str]:
    """One line for each cell that was emptied: where, why, and what stood in it."""
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield BOM + write(["_row", "_column", "_reason", "_original"])
    for row in ImportRow.objects.filter(batch=batch, emptied__isnull=False).iterator(500):
        kept = kept_of(row).get("left_out")
        if kept is None:
            gone = _("no longer kept")
            kept = [[column, rule, gone] for column, rule in row.emptied or ()]
        for column, rule, original in kept:
            yield write([row.number, _harmless(column), words.of_cell(rule), _harmless(original)])


def template_csv() -> str:
    """A file to fill in: every field that can be imported, by the name it is recognised by."""
    names = [name for name in FIELDS if name != "full_name"]
    return BOM + csv.writer(_Echo(), lineterminator="\r\n").writerow(names)


def kept_of(row: ImportRow) -> dict[str, Any]:
    try:
        return dict(json.loads(row.payload)) if row.payload else {}
    except CannotOpen:
        return {}


def _harmless(text: str) -> str:
    """A spreadsheet runs what begins like a formula; an apostrophe makes it text.

    A leading + or - before digits stays: telephone numbers begin so.
    """
    if text.startswith(FORMULA) or (text[:1] in ("+", "-") and not text[1:2].isdigit()):
        return f"'{text}"
    return text
