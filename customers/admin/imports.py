"""The door for staff to imports: upload, columns, result, undo."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display

from customers.admin.import_columns import ColumnsPages
from customers.admin.import_result import ResultPages
from customers.admin.import_review import ReviewPages
from customers.admin.import_upload import UploadPages
from customers.imports import downloads, undo
from customers.imports.batches import discard
from customers.models.imports import BatchState, ImportBatch
from jobs import doors
from staff.pages import ago, own_page
from staff.requests import member

STATE_COLOURS = {
    BatchState.UPLOADED: "info",
    BatchState.RUNNING: "primary",
    BatchState.DONE: "success",
    BatchState.FAILED: "danger",
    BatchState.UNDOING: "warning",
    BatchState.UNDONE: "warning",
}


@admin.register(ImportBatch)
class ImportBatchAdmin(UploadPages, ColumnsPages, ResultPages, ReviewPages, ModelAdmin):
    list_display = ("what", "file_name", "source_label", "state_label", "rows_label", "who", "when")
    list_filter = ("state",)
    list_select_related = ("source", "started_by")
    list_per_page = 50
    ordering = ("-number",)
    list_disable_select_all = True
    change_list_template = "customers/import/list.html"

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> Any:
            return path(
                route, self.admin_site.admin_view(view), name=f"customers_importbatch_{name}"
            )

        return [
            page("add/", self.upload_view, "add"),
            page("template.csv", self.template_view, "template"),
            page("review/", self.review_list_view, "review"),
            page("review/<uuid:row_id>/", self.review_view, "decide"),
            page("<uuid:batch_id>/columns/", self.columns_view, "columns"),
            page("<uuid:batch_id>/rows/", self.rows_view, "rows"),
            page("<uuid:batch_id>/undo/", self.undo_view, "undo"),
            page("<uuid:batch_id>/discard/", require_POST(self.discard_view), "discard"),
            page("<uuid:batch_id>/set-aside/", require_POST(self.set_aside_view), "set_aside"),
            page("<uuid:batch_id>/emptied/", require_POST(self.emptied_view), "emptied"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"waiting": self.waiting_count(request), "title": _("Imports")}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def undo_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """Asks first; then the work is a job."""
        batch = self.find(request, batch_id)
        if not self.has_change_permission(request, batch):
            raise PermissionDenied
        if request.method != "POST":
            title = _g("Undo {batch}?").format(batch=batch)
            return self.page(request, "customers/import/undo.html", title, {"batch": batch})
        try:
            job = undo.start_undo(actor=member(request), batch=batch, door="admin")
        except undo.CannotUndo as problem:
            messages.warning(request, str(problem))
            return self.to_result(batch)
        doors.wake(job)
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))

    def discard_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """An upload that was never started goes without a trace."""
        batch = self.find(request, batch_id)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if discard(batch):
            messages.success(request, _g("The uploaded file was deleted."))
        return HttpResponseRedirect(reverse("admin:customers_importbatch_changelist"))

    def set_aside_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self._download(request, batch_id, downloads.set_aside_csv, "set-aside")

    def emptied_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self._download(request, batch_id, downloads.emptied_csv, "emptied-cells")

    def template_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._as_csv(downloads.template_csv(), "customers-template")

    def _download(
        self, request: HttpRequest, batch_id: UUID, lines: Any, name: str
    ) -> HttpResponse:
        batch = self.find(request, batch_id)
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._as_csv(lines(batch), f"import-{batch.number}-{name}")

    def _as_csv(self, content: Any, name: str) -> Any:
        response = StreamingHttpResponse(
            [content] if isinstance(content, str) else content, content_type="text/csv"
        )
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response["Cache-Control"] = "no-store"
        return response

    # The list --------------------------------------------------------------------------------

    @display(description=_("import"), ordering="number")
    def what(self, batch: ImportBatch) -> str:
        return str(batch)

    @display(description=_("source"))
    def source_label(self, batch: ImportBatch) -> str:
        return batch.source_name or "—"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, batch: ImportBatch) -> tuple[str, str]:
        return batch.state, str(BatchState(batch.state).label)

    @display(description=_("rows"))
    def rows_label(self, batch: ImportBatch) -> str:
        if not batch.counts:
            return "—"
        shown = {name: intcomma(many) for name, many in batch.counts.items()}
        return _g("{rows} rows, {created} created, {updated} updated").format(**shown)

    @display(description=_("who"))
    def who(self, batch: ImportBatch) -> str:
        return str(batch.started_by or "—")

    @display(description=_("when"), ordering="created_at")
    def when(self, batch: ImportBatch) -> str:
        return ago(batch.created_at)

    # What the pages share --------------------------------------------------------------------

    def find(self, request: HttpRequest, batch_id: UUID | str) -> ImportBatch:
        """The batch, if this person may see it."""
        try:
            batch = ImportBatch.objects.select_related("source", "job", "started_by").get(
                pk=UUID(str(batch_id))
            )
        except (ImportBatch.DoesNotExist, ValueError):
            raise Http404(_g("There is no such import.")) from None
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        return batch

    def page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        return own_page(self, request, template, title, context)

    def to_result(self, batch: ImportBatch) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:customers_importbatch_change", args=[batch.pk]))

    def may_undo(self, request: HttpRequest, batch: ImportBatch) -> bool:
        over = batch.state in (BatchState.DONE, BatchState.FAILED, BatchState.UNDOING)
        free = batch.job is None or batch.job.is_finished
        return over and free and self.has_change_permission(request, batch)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
