"""Inserts many new rows, everything but the statement itself done before the lock is taken.

`bulk_create` prepares its parameters under the lock and sends a few dozen rows with each statement;
for an import that is more than half of the time that others wait. Only rows made by the import go
this way, and customers get their history in the same transaction (see `write`).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

from encryption.fields import BlindIndexField, ProtectedMixin

PLAIN = (models.CharField, models.TextField, models.IntegerField, BlindIndexField)
Getter = Callable[[dict[str, Any]], Any]


class NewRows:
    """New rows of one model, ready to be inserted. Protected values are sealed already."""

    def __init__(self, objs: Sequence[models.Model], model: type[models.Model]) -> None:
        self.sql, getters = _insert(model, connection.vendor)
        self.parameters = [
            [getter(state) for getter in getters] for state in (obj.__dict__ for obj in objs)
        ]

    def insert(self) -> None:
        if self.parameters:
            with connection.cursor() as cursor:
                cursor.executemany(self.sql, self.parameters)

    def set_column(self, place: int, values: Iterable[Any]) -> None:
        """Fill in what is only known under the lock."""
        for parameters, value in zip(self.parameters, values, strict=True):
            parameters[place] = value


@lru_cache(maxsize=32)
def _insert(model: type[models.Model], vendor: str) -> tuple[str, tuple[Getter, ...]]:
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names are ours
    return sql, tuple(_getter(field) for field in fields)


def place_of(model: type[models.Model], name: str) -> int:
    """The place of a field among the parameters of its model."""
    return [field.name for field in model._meta.local_concrete_fields].index(name)


def _getter(field: Any) -> Getter:
    name = field.attname
    if isinstance(field, ProtectedMixin):
        return lambda state: None if state[name] is None else state[name].token
    if isinstance(field, PLAIN) and not field.remote_field:
        return lambda state: state[name]
    target = field.target_field if field.remote_field else field
    if isinstance(target, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda state: None if state[name] is None else state[name].hex
    return lambda state: field.get_db_prep_save(state[name], connection)
