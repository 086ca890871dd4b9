"""The pages of rows that wait: all of them, and one beside the customer it looks like."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _g

from customers.imports import review
from customers.models import Customer
from customers.models.imports import Decision, ImportBatch, ImportRow
from staff.requests import member

ROWS_A_PAGE = 50
DECISIONS = {
    "create": Decision.CREATED,
    "update": Decision.UPDATED,
    "skip": Decision.SKIPPED,
}


class ReviewPages:
    """Mixed into the admin of imports."""

    page: Any
    find: Any

    def may_review(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.change_importrow")

    def waiting_count(self, request: HttpRequest, batch: ImportBatch | None = None) -> int:
        if not self.may_review(request):
            return 0
        rows = review.waiting()
        return (rows if batch is None else rows.filter(batch=batch)).count()

    def review_list_view(self, request: HttpRequest) -> HttpResponse:
        if not self.may_review(request):
            raise PermissionDenied
        rows = review.waiting().defer("payload")
        batch = None
        if number := request.GET.get("import", ""):
            batch = ImportBatch.objects.filter(number=number if number.isdecimal() else 0).first()
            rows = rows.filter(batch=batch)
        shown = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p"))
        keys = {row.candidate_key for row in shown.object_list if row.candidate_key}
        customers = Customer.with_bin.in_bulk(list(keys))
        lines = [
            (row, customers.get(row.candidate_key), review.reasons_of(row))
            for row in shown.object_list
        ]
        context = {"lines": lines, "shown": shown, "of_batch": batch}
        return self.page(
            request, "customers/import/review_list.html", _g("Rows to review"), context
        )

    def review_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        if not self.may_review(request):
            raise PermissionDenied
        row = review.rows().filter(pk=row_id).first()
        if row is None:
            raise Http404(_g("There is no such row."))
        if request.method == "POST":
            return self._decide(request, row)
        if row.decision:
            messages.info(
                request,
                _g("This row was decided: {what}.").format(what=Decision(row.decision).label),
            )
            return self._to_next(row)
        customer = review.candidate_of(row)
        problem, lines = "", []
        try:
            lines = review.compare(row, review.opened(row), customer, member(request))
        except review.CannotDecide as reason:
            problem = str(reason)
        context = {
            "row": row,
            "customer": customer,
            "lines": lines,
            "problem": problem,
            "reasons": review.reasons_of(row),
            "left": review.waiting().count(),
        }
        title = _g("{batch}, row {number}").format(batch=row.batch, number=row.number)
        return self.page(request, "customers/import/review.html", title, context)

    def _decide(self, request: HttpRequest, row: ImportRow) -> HttpResponse:
        decision = DECISIONS.get(request.POST.get("decision", ""))
        if decision is None:
            return HttpResponseRedirect(request.path)
        needed = "add_customer" if decision == Decision.CREATED else "change_customer"
        if decision != Decision.SKIPPED and not request.user.has_perm(f"customers.{needed}"):
            raise PermissionDenied
        try:
            decided = review.decide(actor=member(request), row=row.pk, decision=decision)
        except review.CannotDecide as problem:
            messages.error(request, str(problem))
            return HttpResponseRedirect(request.path)
        messages.success(
            request,
            _g("Row {number}: {what}.").format(
                number=decided.number, what=Decision(decided.decision).label
            ),
        )
        return self._to_next(row)

    def _to_next(self, row: ImportRow) -> HttpResponse:
        """On to the next row of the same import, then to any other, then to the result."""
        rows = review.waiting()
        following = rows.filter(batch=row.batch_id).first() or rows.first()
        if following is not None:
            return HttpResponseRedirect(
                reverse("admin:customers_importbatch_decide", args=[following.pk])
            )
        return HttpResponseRedirect(
            reverse("admin:customers_importbatch_change", args=[row.batch_id])
        )
