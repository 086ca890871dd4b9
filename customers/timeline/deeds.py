"""Which import or bulk change stands behind a step of a history: both sign with their own id."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from audit.changes import Row
from customers.models import BulkChange, ImportBatch, ImportRow
from customers.timeline.entries import Link, Looking
from customers.timeline.stories import Chapter


@dataclass(frozen=True)
class Deeds:
    """Links to what was done to many at once, by the request id of the history rows it left."""

    links: dict[UUID, Link]

    def link_of(self, row: Row) -> Link | None:
        return self.links.get(row["history_request_id"])


def deeds_behind(looking: Looking, told: Iterable[Chapter]) -> Deeds:
    """Three queries for a page; none where nothing is told."""
    requests = {chapter.row["history_request_id"] for chapter in told}
    if not requests:
        return Deeds({})
    batches = dict(ImportBatch.objects.filter(pk__in=requests).values_list("pk", "number"))
    rows: dict[UUID, int] = {}
    if batches:
        of_customer = ImportRow.objects.filter(customer_key=looking.customer.pk)
        rows = dict(of_customer.filter(batch_id__in=batches).values_list("batch_id", "number"))
    bulk = dict(BulkChange.objects.filter(pk__in=requests).values_list("pk", "number"))
    links = {
        key: Link(import_in_words(number, rows.get(key)), _page(looking, "importbatch", key))
        for key, number in batches.items()
    }
    for key, number in bulk.items():
        text = _("bulk change #%(number)d") % {"number": number}
        links[key] = Link(text, _page(looking, "bulkchange", key))
    return Deeds(links)


def import_in_words(number: int, row: int | None) -> str:
    if row is None:
        return _("import #%(number)d") % {"number": number}
    return _("import #%(number)d, row %(row)d") % {"number": number, "row": row}


def _page(looking: Looking, model: str, key: UUID) -> str:
    """The page of the deed, for whoever may open it; else its name stands there alone."""
    if not looking.user.has_perm(f"customers.view_{model}"):
        return ""
    try:
        return reverse(f"admin:customers_{model}_change", args=[key])
    except NoReverseMatch:
        return ""
