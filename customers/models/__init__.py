"""Who they are, where they came from, how one is found, and what imports leave behind."""

from customers.models.imports import ImportBatch, ImportRow, WaitingKey
from customers.models.managers import CustomerQuerySet
from customers.models.names import CustomerName
from customers.models.numbers import NumberCounter, allocate_numbers
from customers.models.people import Customer
from customers.models.sources import Source, SourceRecord
from customers.models.tags import CustomerTag

__all__ = [
    "Customer",
    "CustomerName",
    "CustomerQuerySet",
    "CustomerTag",
    "ImportBatch",
    "ImportRow",
    "NumberCounter",
    "Source",
    "SourceRecord",
    "WaitingKey",
    "allocate_numbers",
]
