"""Many customers at once: audited, numbered, and with the index of names kept fresh."""

from collections.abc import Collection, Iterable
from typing import Any, Self, cast

from django.db import models, transaction

from audit.models import AuditedQuerySet
from customers.models.names import NAME_FIELDS, refresh_names
from customers.models.numbers import allocate_numbers
from customers.models.tags import refresh_tags


class CustomerQuerySet(AuditedQuerySet):
    """Audited, and with the search index kept fresh, whichever way many customers change."""

    def visible(self) -> Self:
        return self.filter(binned_at__isnull=True)

    def in_bin(self) -> Self:
        return self.filter(binned_at__isnull=False)

    def audited_create(self, objs: Iterable[Any], *, batch_size: int | None = None) -> list[Any]:
        customers = list(objs)
        unnumbered = [customer for customer in customers if not customer.number]
        with transaction.atomic():
            numbers = allocate_numbers(len(unnumbered))
            for customer, number in zip(unnumbered, numbers, strict=True):
                customer.number = number
            created = super().audited_create(customers, batch_size=batch_size)
            refresh_index([customer.pk for customer in customers])
        return created

    def audited_update(
        self, objs: Iterable[Any], fields: Collection[str], *, batch_size: int | None = None
    ) -> int:
        customers = list(objs)
        with transaction.atomic():
            result = super().audited_update(customers, fields, batch_size=batch_size)
            refresh_index([customer.pk for customer in customers], fields)
        return result

    def audited_set(self, **values: Any) -> int:
        if not NAME_FIELDS.isdisjoint(values) or "tags" in values:
            raise ValueError(
                "Names and tags are indexed: load the customers, change them and use "
                "audited_update()."
            )
        return super().audited_set(**values)


CustomerManager = models.Manager.from_queryset(CustomerQuerySet, "CustomerManager")


class VisibleCustomers(CustomerManager):
    """Everybody who is not in the bin."""

    def get_queryset(self) -> CustomerQuerySet:
        return cast(CustomerQuerySet, super().get_queryset()).visible()


class AllCustomers(CustomerManager):
    """Everybody, the bin too."""


def refresh_index(customers: list[Any], changed: Collection[str] | None = None) -> None:
    """Make the derived rows fit; `changed` names the fields that were written, None means any."""
    if changed is None or not NAME_FIELDS.isdisjoint(changed):
        refresh_names(customers)
    if changed is None or "tags" in changed:
        refresh_tags(customers)
