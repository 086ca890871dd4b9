"""The first two pages of an import: the upload, which is sealed as it comes in, and the columns."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from customers.imports import batches, mapping
from customers.imports.preview import field_choices, preview
from customers.imports.reading import open_sealed
from customers.imports.run import options_from
from customers.imports.upload import LARGEST_UPLOAD, MEGABYTE, SealedUpload, SealingUploadHandler
from customers.models import Source
from customers.models.imports import BatchState, ImportBatch, OnDuplicate
from encryption.errors import CannotOpen
from jobs import doors
from quality.reading import Table, UnreadableFile, open_table
from quality.validators import validate_country, validate_no_control_characters
from staff.requests import member

FORMATS = "CSV, TSV, XLSX"
DATE_ORDERS = (
    ("", _("as the column itself proves; otherwise leave them empty")),
    ("dmy", _("day first: 31/12/2026")),
    ("mdy", _("month first: 12/31/2026")),
)


class UploadForm(forms.Form):
    """The file was sealed before this form saw it."""

    source = forms.CharField(
        label=_("Where does it come from?"),
        max_length=100,
        validators=[validate_no_control_characters],
        help_text=_("A system, list or event: web shop, trade fair 2026. A new name is fine."),
    )
    file = forms.FileField(label=_("File"), allow_empty_file=True)


class SettingsForm(forms.Form):
    """Everything about an import but its columns."""

    source = forms.CharField(
        label=_("Source"), max_length=100, validators=[validate_no_control_characters]
    )
    on_duplicate = forms.ChoiceField(
        label=_("A row looks like a customer we have"),
        choices=OnDuplicate.choices,
        widget=forms.RadioSelect,
        initial=OnDuplicate.REVIEW.value,
    )
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Country of phone numbers without one"),
        required=False,
        max_length=2,
        help_text=_("Two letters, for rows that name no country: DE, CN, US."),
        error_messages={"invalid": _("Write the country as two letters: DE, CN, US.")},
        validators=[lambda code: validate_country(code.upper())],
    )
    date_order = forms.ChoiceField(
        label=_("Dates like 03/04/2026"), choices=DATE_ORDERS, required=False
    )


class UploadPages:
    """Mixed into the admin of imports."""

    has_add_permission: Any
    page: Any
    find: Any

    @csrf_exempt
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Exempt only so that our upload handler is in place before the token is looked for.

        Who may not import is refused before a byte of the file is read.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        handler = SealingUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return self._upload(request, handler)
        finally:
            handler.drop_unless_taken()

    def _upload(self, request: HttpRequest, handler: SealingUploadHandler) -> HttpResponse:
        @csrf_protect
        def protected(request: HttpRequest) -> HttpResponse:
            form = UploadForm(request.POST or None, request.FILES or None)
            if request.method == "POST":
                batch = self._take(request, form, handler)
                if batch is not None:
                    return HttpResponseRedirect(
                        reverse("admin:customers_importbatch_columns", args=[batch.pk])
                    )
            context = {
                "form": form,
                "sources": Source.objects.values_list("name", flat=True)[:200],
                "formats": FORMATS,
                "limit": LARGEST_UPLOAD // MEGABYTE,
            }
            return self.page(
                request, "customers/import/upload.html", _g("Import customers"), context
            )

        return protected(request)

    def _take(
        self, request: HttpRequest, form: UploadForm, handler: SealingUploadHandler
    ) -> ImportBatch | None:
        """A batch for the upload, or None with the reason at the field."""
        if handler.problem:
            form.errors.pop("file", None)
            form.add_error("file", handler.problem)
        if not form.is_valid():
            return None
        upload: SealedUpload = form.cleaned_data["file"]
        try:
            open_table(open_sealed(upload.sealed.name), upload.name or "")
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
            return None
        batch = batches.begin_upload(
            actor=member(request), upload=upload, source_name=form.cleaned_data["source"]
        )
        handler.taken = True
        return batch

    def columns_view(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """What each column is, and what cleaning makes of it; then start."""
        batch = self.find(request, batch_id)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if batch.state != BatchState.UPLOADED:
            messages.info(request, _g("This import was started already."))
            return HttpResponseRedirect(
                reverse("admin:customers_importbatch_change", args=[batch.pk])
            )
        try:
            table = open_table(open_sealed(batch.sealed_name), batch.file_name)
            return self._columns(request, batch, table)
        except (UnreadableFile, OSError, CannotOpen) as problem:
            batches.discard(batch)
            reason = str(problem) if isinstance(problem, UnreadableFile) else _g("it is gone")
            messages.error(request, _g("The file cannot be read: {reason}").format(reason=reason))
            return HttpResponseRedirect(reverse("admin:customers_importbatch_add"))

    def _columns(self, request: HttpRequest, batch: ImportBatch, table: Table) -> HttpResponse:
        posted = request.POST if request.method == "POST" else None
        settings = SettingsForm(posted, initial={"source": batch.source_name})
        chosen = _chosen(request, table) if posted is not None else None
        problem, columns = "", mapping.Columns({}, table.columns)
        try:
            columns = _settle(chosen, table, _source_of(settings, batch))
        except mapping.MappingProblem as wrong:
            problem = str(wrong)
            if chosen is not None:
                columns = mapping.Columns({c: f for c, f in chosen.items() if f}, ())
        if posted is not None and settings.is_valid() and not problem and "start" in posted:
            return self._start(request, batch, table, columns, settings.cleaned_data)
        shown, looked_at = preview(table, columns, options_from(_options(settings)))
        context = {
            "batch": batch,
            "form": settings,
            "columns": shown,
            "looked_at": looked_at,
            "choices": field_choices(),
            "problem": problem,
            "left_out": [column.name for column in shown if not column.field],
            "sources": Source.objects.values_list("name", flat=True)[:200],
        }
        title = _g("Columns of {file}").format(file=batch.file_name)
        return self.page(request, "customers/import/columns.html", title, context)

    def _start(
        self,
        request: HttpRequest,
        batch: ImportBatch,
        table: Table,
        columns: mapping.Columns,
        chosen: dict[str, Any],
    ) -> HttpResponse:
        try:
            job = batches.start(
                actor=member(request),
                batch=batch,
                source_name=chosen["source"],
                columns=columns,
                header=table.columns,
                on_duplicate=chosen["on_duplicate"],
                options=_cleaning(chosen),
                door="admin",
            )
        except batches.StartedAlready as problem:
            messages.info(request, str(problem))
            return HttpResponseRedirect(
                reverse("admin:customers_importbatch_change", args=[batch.pk])
            )
        doors.wake(job)
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))


def _chosen(request: HttpRequest, table: Table) -> dict[str, str]:
    """The fields chosen for the columns, by their places."""
    return {
        column: request.POST.get(f"column-{place}", "")
        for place, column in enumerate(table.columns)
    }


def _settle(chosen: dict[str, str] | None, table: Table, source: Source | None) -> mapping.Columns:
    remembered = source.mapping if source else None
    return mapping.settle(table.columns, given=chosen, remembered=remembered)


def _source_of(settings: SettingsForm, batch: ImportBatch) -> Source | None:
    name = settings.data.get("source", batch.source_name) if settings.is_bound else None
    return batches.find_source(name or batch.source_name)


def _options(settings: SettingsForm) -> dict[str, Any]:
    chosen = settings.cleaned_data if settings.is_bound and settings.is_valid() else {}
    return _cleaning(chosen)


def _cleaning(chosen: dict[str, Any]) -> dict[str, Any]:
    return {
        "country": chosen.get("country", "").upper(),
        "date_order": chosen.get("date_order", ""),
        "today": timezone.localdate().isoformat(),
    }
