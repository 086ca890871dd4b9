"""Who they are, where they came from, and how one is found."""

from customers.models.names import CustomerName
from customers.models.numbers import NumberCounter, allocate_numbers
from customers.models.people import Customer, CustomerQuerySet
from customers.models.sources import Source, SourceRecord
from customers.models.tags import CustomerTag

__all__ = [
    "Customer",
    "CustomerName",
    "CustomerQuerySet",
    "CustomerTag",
    "NumberCounter",
    "Source",
    "SourceRecord",
    "allocate_numbers",
]
