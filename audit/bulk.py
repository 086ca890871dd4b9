"""Writes many rows with one prepared statement.

Django's `bulk_create()` and `bulk_update()` build the SQL anew for every few dozen rows, the latter
as one CASE for each row and column; a prepared statement with a list of values is several times
faster and writes the same. No history is written here: that is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connections, models

from encryption.querysets import with_companions

ROWS_AT_ONCE = 1000


def insert_rows(
    model: type[models.Model], objs: Sequence[models.Model], *, using: str, batch_size: int | None
) -> None:
    """Insert the objects as they are. Their keys are set already (ours are UUIDs)."""
    connection = connections[using]
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.local_concrete_fields if not _is_generated(field)]
    for obj in objs:
        obj._prepare_related_fields_for_save(operation_name="audited_create")  # type: ignore[attr-defined]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    holes = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({holes})"  # noqa: S608
    _execute(connection, sql, _prepared(fields, objs, connection, add=True), batch_size)
    for obj in objs:
        obj._state.adding = False
        obj._state.db = using


def update_rows(
    model: type[models.Model],
    objs: Sequence[models.Model],
    names: Iterable[str],
    *,
    using: str,
    batch_size: int | None,
) -> None:
    """Write these fields of the objects, and the blind indexes that follow from them."""
    connection = connections[using]
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in with_companions(model, names)]
    for obj in objs:
        obj._prepare_related_fields_for_save(operation_name="audited_update")  # type: ignore[attr-defined]
    assignments = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    key: Any = model._meta.pk
    sql = (
        f"UPDATE {quote(model._meta.db_table)} SET {assignments} "  # noqa: S608
        f"WHERE {quote(key.column)} = %s"
    )
    _execute(connection, sql, _prepared([*fields, key], objs, connection, add=False), batch_size)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _is_generated(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def _prepared(
    fields: Sequence[Any], objs: Iterable[models.Model], connection: Any, *, add: bool
) -> Iterable[list[Any]]:
    for obj in objs:
        yield [
            field.get_db_prep_save(field.pre_save(obj, add), connection=connection)
            for field in fields
        ]


def _execute(connection: Any, sql: str, rows: Iterable[list[Any]], batch_size: int | None) -> None:
    remaining = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, batch_size or ROWS_AT_ONCE)):
            cursor.executemany(sql, batch)
