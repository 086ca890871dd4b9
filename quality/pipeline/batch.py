"""Cleans one batch of records, column by column."""

from __future__ import annotations

from collections.abc import Sequence

from quality.pipeline.rows import Change, CleanRow, Plan, Record


def clean_batch(records: Sequence[Record], plan: Plan) -> list[CleanRow]:
    """The cleaned rows, in the order of the records."""
    rows = []
    for record in records:
        padded = record.cells + ("",) * (len(plan.header) - len(record.cells))
        cells = {
            column: " ".join(text.split())
            for column, text in zip(plan.header, padded, strict=False)
        }
        values = {name: cells[column] or None for column, name in plan.mapping.items()}
        changes = tuple(
            Change(column, "white_space", before, cells[column])
            for column, before in zip(plan.header, padded, strict=False)
            if before != cells[column]
        )
        rows.append(CleanRow(record.number, cells, values, changes))
    return rows
