"""Imports that saw the customer and changed nothing; the others stand with what they changed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import Customer, ImportRow
from customers.models.imports import Outcome
from customers.timeline.deeds import import_in_words
from customers.timeline.entries import EPOCH, Entry, Kind, Link, Looking

CHANGED_NOTHING = (Outcome.UNCHANGED, Outcome.REPEATED)
MILLISECOND = timedelta(milliseconds=1)


def unchanged_by_imports(looking: Looking) -> list[Entry]:
    """A row of an import has no time but the one in its key."""
    rows = ImportRow.objects.filter(customer_key=looking.customer.pk, outcome__in=CHANGED_NOTHING)
    if looking.before is not None:
        rows = rows.filter(pk__lt=first_key_after(looking.before.when))
    # A few more than wanted, for those of the same millisecond that stood on the page before.
    few = rows.select_related("batch").defer("payload").order_by("-pk")[: looking.limit + 3]
    entries = [_entry(row, looking) for row in few]
    if looking.before is not None:
        place = (looking.before.when, looking.before.key)
        entries = [entry for entry in entries if entry.place < place]
    return entries[: looking.limit]


def batches_of(customer: Customer) -> Any:
    """The keys of all imports that had a row for this customer, as a subquery."""
    return ImportRow.objects.filter(customer_key=customer.pk).values("batch_id")


def time_of_key(key: UUID) -> datetime:
    """A UUIDv7 begins with the milliseconds since 1970 (RFC 9562)."""
    return EPOCH + MILLISECOND * (key.int >> 80)


def first_key_after(moment: datetime) -> UUID:
    """No key made in this millisecond or before is as high."""
    millisecond = (moment.astimezone(UTC) - EPOCH) // MILLISECOND
    return UUID(int=max(0, millisecond + 1) << 80)


def _entry(row: ImportRow, looking: Looking) -> Entry:
    url = ""
    if looking.user.has_perm("customers.view_importbatch"):
        url = reverse("admin:customers_importbatch_change", args=[row.batch_id])
    return Entry(
        when=time_of_key(row.pk),
        key=row.pk,
        kind=Kind.IMPORT,
        icon="upload_file",
        title=_("Seen again, nothing new"),
        links=[Link(import_in_words(row.batch.number, row.number), url)],
    )
