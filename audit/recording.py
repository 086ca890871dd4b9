"""Writes history rows, set-based, inside the transaction of the change they record.

One `INSERT … SELECT` copies the rows **as stored** from the live table to its history table: what
was not saved is not recorded, a sealed token is copied by the database itself and never opened,
and a thousand rows cost what one costs. A changed row equal to its last history row is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.context import current

CREATED, CHANGED, DELETED = "+", "~", "-"

# Two parameters for each row; SQLite's oldest limit is 999.
ROWS_PER_STATEMENT = 450

# A change of these alone is no change.
UNREMARKABLE = frozenset({"updated_at"})

_recorded: ContextVar[frozenset[tuple[type[models.Model], Any]]] = ContextVar(
    "recorded", default=frozenset()
)


@cache
def history_model(model: type[models.Model]) -> Any:
    """The model that holds the history rows of `model`. Asking the manager makes a class anew."""
    manager = getattr(model, model._meta.simple_history_manager_attribute)  # type: ignore[attr-defined]
    return manager.model


def record(
    model: type[models.Model],
    keys: Collection[Any],
    history_type: str,
    *,
    using: str,
    note: str = "",
) -> int:
    """Write one history row for each of these primary keys; returns how many were written.

    Of a change ("~") only rows that differ from their last history row are written, unless
    `note` tells what changed beside the row; it stands with the reason.
    Raises TransactionManagementError outside a transaction: a change and its record stand or
    fall together.
    """
    model = _concrete(model)
    connection = connections[using]
    connection.validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            f"The history of {model._meta.label} is written inside the transaction of the change."
        )
    common = _common_values(history_type)
    if note:
        common["history_change_reason"] = " · ".join(filter(None, [current().reason, note]))
    statement = _statement(model, using, only_if_different=history_type == CHANGED and not note)
    written = 0
    with connection.cursor() as cursor:
        for chunk in _chunks(keys, ROWS_PER_STATEMENT):
            cursor.execute(*statement.fill(chunk, common, connection))
            written += cursor.rowcount
    return written


@contextmanager
def recorded_already(model: type[models.Model], keys: Collection[Any]) -> Iterator[None]:
    """Inside, deleting these rows writes no second history row."""
    concrete = _concrete(model)
    token = _recorded.set(_recorded.get() | {(concrete, key) for key in keys})
    try:
        yield
    finally:
        _recorded.reset(token)


def is_recorded_already(instance: models.Model) -> bool:
    return (_concrete(type(instance)), instance.pk) in _recorded.get()


def _concrete(model: type[models.Model]) -> type[models.Model]:
    """The model a proxy stands for; history belongs to it."""
    return model._meta.concrete_model or model


def _common_values(history_type: str) -> dict[str, Any]:
    """The columns that say who, when, how and why: the same for all rows of one write."""
    now_acting = current()
    return {
        "history_date": timezone.now(),
        "history_type": history_type,
        "history_change_reason": now_acting.reason,
        "history_actor_id": now_acting.actor_id,
        "history_actor": now_acting.actor_name,
        "history_door": now_acting.door,
        "history_request_id": now_acting.request_id,
    }


@dataclass(frozen=True)
class _Statement:
    """The SQL for one model and kind of write; `{rows}` takes the pairs of row and history id."""

    sql: str
    key: models.Field[Any, Any]
    history: Any

    def fill(
        self, keys: Sequence[Any], common: dict[str, Any], connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        meta = self.history._meta
        history_key = meta.pk
        pairs: list[Any] = []
        for key in keys:
            pairs.append(self.key.get_db_prep_value(key, connection))
            pairs.append(history_key.get_db_prep_value(uuid7(), connection))
        shared = [
            meta.get_field(name).get_db_prep_save(value, connection)
            for name, value in common.items()
        ]
        rows = ", ".join(["(%s, %s)"] * len(keys))
        return self.sql.replace("{rows}", rows), pairs + shared


@cache
def _statement(model: type[models.Model], using: str, *, only_if_different: bool) -> _Statement:
    """Made of the names of tables and columns alone; every value is a parameter."""
    connection = connections[using]
    quote = connection.ops.quote_name
    history = history_model(model)
    meta = history._meta
    key: Any = model._meta.pk
    columns = [
        (quote(meta.get_field(field.name).column), quote(field.column), field.name)
        for field in history.tracked_fields
    ]
    common = [quote(meta.get_field(name).column) for name in _common_values(CHANGED)]
    into = ", ".join([kept for kept, _live, _name in columns] + ["history_id", *common])
    values = ", ".join(
        [f"live.{live}" for _kept, live, _name in columns]
        + ["wanted.history_id"]
        + ["%s"] * len(common)
    )
    # The CTE stands second: only after a leading INSERT does sqlite3 count the rows.
    sql = (
        f"INSERT INTO {quote(meta.db_table)} ({into}) "  # noqa: S608
        f"WITH wanted(row_id, history_id) AS (VALUES {{rows}}) SELECT {values} "
        f"FROM wanted JOIN {quote(model._meta.db_table)} live "
        f"ON live.{quote(key.column)} = wanted.row_id"
    )
    if only_if_different:
        sql += _only_if_different(
            columns,
            table=quote(meta.db_table),
            kept_key=quote(meta.get_field(key.name).column),
            live_key=quote(key.column),
            vendor=connection.vendor,
        )
    return _Statement(sql, key, history)


def _only_if_different(
    columns: Sequence[tuple[str, str, str]],
    *,
    table: str,
    kept_key: str,
    live_key: str,
    vendor: str,
) -> str:
    """Leaves out the rows that say what their object's newest history row says already."""
    newest = (
        f"FROM {table} newest WHERE newest.{kept_key} = live.{live_key} "
        f"ORDER BY newest.history_date DESC, newest.history_id DESC LIMIT 1"
    )
    if vendor == "sqlite":  # has no LATERAL
        operator = "IS NOT"
        join = f"LEFT JOIN {table} last ON last.history_id = (SELECT newest.history_id {newest})"
    else:
        operator = "IS DISTINCT FROM"
        join = f"LEFT JOIN LATERAL (SELECT newest.* {newest}) last ON TRUE"
    different = " OR ".join(
        f"last.{kept} {operator} live.{live}"
        for kept, live, name in columns
        if name not in UNREMARKABLE
    )
    return (
        f" {join} WHERE last.history_id IS NULL OR last.history_type = '{DELETED}' OR {different}"
    )


def _chunks(keys: Collection[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(keys)
    while chunk := list(islice(iterator, size)):
        yield chunk
