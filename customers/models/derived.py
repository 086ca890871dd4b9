"""Index rows that follow from a customer's own columns, and are made again whenever those change.

They are read back from the stored customer, never from memory: the index then says what the
database says, also when somebody saved only some of the fields they changed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction

AT_ONCE = 500


def replace_rows(
    model: type[models.Model],
    column: str,
    customers: Iterable[UUID],
    *,
    fields: Sequence[str],
    wanted: Callable[..., set[Any]],
) -> None:
    """Give each customer the rows `wanted(*fields)`: delete the stale, add the missing."""
    customer_model = apps.get_model("customers", "Customer")
    for keys in _batches(customers):
        with transaction.atomic():
            stored = customer_model._base_manager.filter(pk__in=keys).values_list("pk", *fields)
            missing = {(row[0], value) for row in stored for value in wanted(*row[1:])}
            stale = []
            present = model._base_manager.filter(customer__in=keys)
            for key, customer, value in present.values_list("pk", "customer_id", column):
                pair = (customer, bytes(value) if isinstance(value, memoryview) else value)
                if pair in missing:
                    missing.discard(pair)
                else:
                    stale.append(key)
            if stale:
                model._base_manager.filter(pk__in=stale).delete()
            model._base_manager.bulk_create(
                [model(**{"customer_id": customer, column: value}) for customer, value in missing]
            )


def _batches(customers: Iterable[UUID]) -> Iterator[list[UUID]]:
    keys = iter(customers)
    while batch := list(islice(keys, AT_ONCE)):
        yield batch
