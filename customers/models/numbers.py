"""Numbers that staff say on the phone: of customers, and of what is done with many at once.

A customer's is never given twice, not even after a bin.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Max
from uuid_utils.compat import uuid7

CUSTOMERS = UUID("01936e00-0000-7000-8000-000000000001")
ATTEMPTS = 20


class NumberCounter(models.Model):
    """One row that knows the last number given."""

    history_exempt = "A counter: every number it gave stands on its customer, with history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return as_number(self.last)


def as_number(count: int) -> str:
    """How a number is written: C-000123."""
    return f"C-{count:06d}"


def nobody_else_adds() -> None:
    """Until the caller's transaction ends nobody else is given a number: whoever looks whether
    somebody is there already, and adds them if not, is alone with that."""
    if connection.in_atomic_block:
        NumberCounter.objects.filter(pk=CUSTOMERS).update(last=F("last"))


def allocate_numbers(wanted: int) -> list[str]:
    """Take `wanted` numbers at once, whoever else takes some at the same moment.

    The update locks the row until the caller's transaction ends. Numbers of a transaction that is
    rolled back were never seen by anybody and are given again.
    """
    if wanted < 1:
        return []
    row = NumberCounter.objects.filter(pk=CUSTOMERS)
    with transaction.atomic():
        if not row.update(last=F("last") + wanted):
            NumberCounter.objects.get_or_create(pk=CUSTOMERS)
            row.update(last=F("last") + wanted)
        last = row.values_list("last", flat=True).get()
    return [as_number(count) for count in range(last - wanted + 1, last + 1)]


def add_numbered(model: Any, **values: Any) -> Any:
    """A new row of `model` with the number after its highest, whoever else takes it at the same
    moment. Raises IntegrityError when the key is taken, or the next number again and again."""
    attempts = 0
    while True:
        attempts += 1
        try:
            with transaction.atomic():
                highest = model.objects.aggregate(highest=Max("number"))["highest"] or 0
                return model.objects.create(number=highest + 1, **values)
        except IntegrityError:
            key_is_taken = "pk" in values and model.objects.filter(pk=values["pk"]).exists()
            if key_is_taken or attempts == ATTEMPTS:
                raise
