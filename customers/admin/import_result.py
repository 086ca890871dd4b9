"""The page of an import: exactly this batch, what came of it, what waits, what was lost and why.

Each list shows its beginning and leads to all of it. However large the batch is, the page asks the
database the same number of questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from customers.imports import downloads, expire, review, words
from customers.imports.batches import LOOKS_ALIKE
from customers.imports.score import score_of
from customers.models import Customer
from customers.models.imports import BatchState, ImportBatch, ImportRow, Outcome

ROWS_A_PAGE = 50
BEGINNING = 10
LONGEST_SHOWN = 300
MEANINGS = {
    Outcome.CREATED: _("new customers"),
    Outcome.UPDATED: _("customers that got new values"),
    Outcome.UNCHANGED: _("told us nothing new"),
    Outcome.REPEATED: _("stood in this file before"),
    Outcome.REVIEW: _("need a person to decide"),
    Outcome.SET_ASIDE: _("could not be taken"),
}
OTHER_LISTS = {
    "emptied": (Q(emptied__isnull=False), _("rows with emptied cells")),
    "duplicates": (LOOKS_ALIKE, _("possible duplicates")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file with the customer it became or looks like."""

    row: ImportRow
    customer: Customer | None
    reasons: str
    # Column, reason, and what stood there (for who may see it).
    cells: list[tuple[str, Any, str]]
    raw: str = ""


class ResultPages:
    """Mixed into the admin of imports."""

    page: Any
    find: Any
    has_add_permission: Any
    may_undo: Any
    may_review: Any
    waiting_count: Any

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of an import is its result."""
        batch = self.find(request, object_id)
        if batch.state == BatchState.UPLOADED and self.has_add_permission(request):
            return HttpResponseRedirect(
                reverse("admin:customers_importbatch_columns", args=[batch.pk])
            )
        counts = [
            (outcome, Outcome(outcome).label, MEANINGS[Outcome(outcome)], batch.counts.get(outcome))
            for outcome in Outcome.values
        ]
        emptied = [(words.of_cell(rule), many) for rule, many in batch.emptied.items()]
        context = {
            "batch": batch,
            "counts": counts if batch.counts else [],
            "emptied": sorted(emptied, key=lambda pair: -pair[1]),
            "score": score_of(batch.cells),
            "duplicates": _looked_alike(batch),
            "waiting": self.waiting_count(request, batch),
            "may_undo": self.may_undo(request, batch),
            "may_download": self.has_add_permission(request),
            "has_expired": batch.expires_at is not None and expire.is_over(batch),
            "job_is_at_work": batch.job is not None and not batch.job.is_finished,
            **self._beginnings(request, batch),
        }
        return self.page(request, "customers/import/result.html", str(batch), context)

    def rows_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """The rows of one outcome, with the customer each became and the reasons."""
        batch = self.find(request, batch_id)
        rows = ImportRow.objects.filter(batch=batch).order_by("number")
        outcome, label = request.GET.get("outcome", ""), _("rows")
        if outcome in Outcome.values:
            rows, label = rows.filter(outcome=outcome), Outcome(outcome).label
        elif outcome in OTHER_LISTS:
            condition, label = OTHER_LISTS[outcome]
            rows = rows.filter(condition)
        shown = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p"))
        found = list(shown.object_list)
        lines = _lines(found, _customers_of(found), opened=self.has_add_permission(request))
        context = {"batch": batch, "lines": lines, "shown": shown, "outcome": outcome}
        context["may_review"] = self.may_review(request)
        title = _g("{batch}: {label}").format(batch=batch, label=label)
        return self.page(request, "customers/import/rows.html", title, context)

    def _beginnings(self, request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
        """The first rows of each list of this batch. Whoever may not decide sees no queue."""
        rows = ImportRow.objects.filter(batch=batch).order_by("number")
        opened = self.has_add_permission(request)
        lists: dict[str, QuerySet[ImportRow]] = {
            "duplicate_lines": rows.filter(LOOKS_ALIKE).defer("payload"),
            "set_aside_lines": rows.filter(outcome=Outcome.SET_ASIDE),
            "emptied_lines": rows.filter(emptied__isnull=False).exclude(outcome=Outcome.SET_ASIDE),
        }
        first = None
        if self.may_review(request):
            waiting = rows.filter(outcome=Outcome.REVIEW, decision="").defer("payload")
            lists["waiting_lines"] = waiting.exclude(LOOKS_ALIKE)
            first = waiting.values_list("pk", flat=True).first()
        found = {name: list(some[:BEGINNING]) for name, some in lists.items()}
        customers = _customers_of(row for some in found.values() for row in some)
        kept = {"set_aside_lines", "emptied_lines"}
        lines: dict[str, Any] = {
            name: _lines(some, customers, opened=opened and name in kept)
            for name, some in found.items()
        }
        return lines | {"first_waiting": first}


def _looked_alike(batch: ImportBatch) -> int:
    """How many rows looked like somebody; imports of older versions did not write it down."""
    known: int | None = batch.cells.get("duplicates")
    if known is None:
        return ImportRow.objects.filter(LOOKS_ALIKE, batch=batch).count()
    return known


def _customers_of(rows: Iterable[ImportRow]) -> dict[UUID, Customer]:
    keys = {row.customer_key or row.candidate_key for row in rows}
    return Customer.with_bin.in_bulk([key for key in keys if key])


def _lines(
    rows: Iterable[ImportRow], customers: dict[UUID, Customer], *, opened: bool
) -> list[Line]:
    """`opened`: with what stood in the file, for whoever may bring files in."""
    lines = []
    for row in rows:
        kept = downloads.kept_of(row) if opened else {}
        key = row.customer_key or row.candidate_key
        raw = kept.get("raw", "") or " | ".join(filter(None, kept.get("cells", {}).values()))
        lines.append(
            Line(
                row,
                customers.get(key) if key else None,
                review.reasons_of(row),
                _cells(row, kept),
                _short(raw),
            )
        )
    return lines


def _cells(row: ImportRow, kept: dict[str, Any]) -> list[tuple[str, Any, str]]:
    left_out = kept.get("left_out") or [[column, rule, ""] for column, rule in row.emptied or ()]
    return [(column, words.of_cell(rule), _short(text)) for column, rule, text in left_out]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
