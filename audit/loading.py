"""History of rows that `loaddata` brings.

A dump may hold the history of its rows, before or after them. So what a load leaves without its
record is found when all rows are there, in the same transaction: a row that nothing is recorded of
was created, one that differs from its last record was changed, all others are as recorded.
"""

from typing import Any

from django.db import models

from audit.history import HistoryRow
from audit.recording import CHANGED, CREATED, DELETED, history_model, record
from encryption.signals import rows_loaded

KEYS_PER_QUERY = 500


def listen() -> None:
    rows_loaded.connect(record_loaded, dispatch_uid="audit.loading")


def record_loaded(
    sender: Any, rows: dict[type[models.Model], list[Any]], using: str, **kwargs: Any
) -> None:
    for model, keys in rows.items():
        named = getattr(model._meta, "simple_history_manager_attribute", None)
        if named and issubclass(history_model(model), HistoryRow):
            _record(model, list(dict.fromkeys(keys)), using)


def _record(model: type[models.Model], keys: list[Any], using: str) -> None:
    history, name = history_model(model), str(model._meta.pk.attname)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        chunk = keys[start : start + KEYS_PER_QUERY]
        told = history.objects.using(using).filter(**{f"{name}__in": chunk}).latest_of_each()
        there = set(told.exclude(history_type=DELETED).order_by().values_list(name, flat=True))
        record(model, [key for key in chunk if key in there], CHANGED, using=using)
        record(model, [key for key in chunk if key not in there], CREATED, using=using)
