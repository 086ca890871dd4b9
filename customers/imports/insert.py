"""Inserts many new rows, everything but the statement itself done before the lock is taken.

`bulk_create` prepares its parameters under the lock and sends a few dozen rows with each statement;
for an import that is more than half of the time that others wait. Only rows made by the import go
this way, and customers get their history in the same transaction (see `write`).
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import uuid_utils
from django.db import connection, models
from django.db.models.base import ModelState
from uuid_utils.compat import uuid7

from encryption.fields import BlindIndexField, ProtectedMixin

PLAIN = (models.CharField, models.TextField, models.IntegerField, BlindIndexField)
State = dict[str, Any]
Getter = Callable[[State], Any]


class NewRows:
    """New rows of one model, ready to be inserted: what the `__dict__` of an instance holds, its
    protected values sealed."""

    def __init__(self, model: type[models.Model], states: Iterable[State]) -> None:
        self.sql, getters = _insert(model, connection.vendor)
        self.parameters = [[getter(state) for getter in getters] for state in states]

    def insert(self) -> None:
        if self.parameters:
            with connection.cursor() as cursor:
                cursor.executemany(self.sql, self.parameters)

    def set_column(self, place: int, values: Iterable[Any]) -> None:
        """Fill in what is only known under the lock."""
        for parameters, value in zip(self.parameters, values, strict=True):
            parameters[place] = value


def defaults(model: type[models.Model]) -> State:
    """The state of a new instance, to be filled in, without the cost of making one."""
    state = dict(model().__dict__)
    del state["_state"]
    return state


def new_instance(model: type[models.Model], values: State) -> Any:
    """An unsaved instance with these attributes, in a tenth of the time its constructor takes."""
    instance: Any = object.__new__(model)
    state = instance.__dict__
    state.update(_blank(model))
    state.update(values)
    state["_state"] = ModelState()
    return instance


@cache
def _blank(model: type[models.Model]) -> State:
    return defaults(model)


def new_key() -> Any:
    """A key that nothing but its own row will hold: made natively where a database takes text."""
    return uuid7() if connection.features.has_native_uuid_field else uuid_utils.uuid7()


def place_of(model: type[models.Model], name: str) -> int:
    """The place of a field among the parameters of its model."""
    return [field.name for field in model._meta.local_concrete_fields].index(name)


@cache
def _insert(model: type[models.Model], vendor: str) -> tuple[str, tuple[Getter, ...]]:
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names are ours
    return sql, tuple(_getter(field) for field in fields)


def _getter(field: Any) -> Getter:
    """How the parameter of a column is got, as directly as its type allows."""
    name = field.attname
    if isinstance(field, ProtectedMixin):
        return lambda state: state[name] and state[name].token
    if isinstance(field, PLAIN) and not field.remote_field:
        return lambda state: state[name]
    target = field.target_field if field.remote_field else field
    if isinstance(target, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda state: state[name] and state[name].hex
    if isinstance(field, models.DateTimeField):
        last: list[Any] = [None, None]

        def moment(state: State) -> Any:
            value = state[name]
            if value is None or value is last[0]:
                return value and last[1]
            last[:] = [value, field.get_db_prep_save(value, connection)]
            return last[1]

        return moment
    if isinstance(field, models.BinaryField):
        return lambda state: state[name]
    return lambda state: (
        None if state[name] is None else field.get_db_prep_save(state[name], connection)
    )
