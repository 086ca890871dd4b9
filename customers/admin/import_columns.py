"""The second page of an import: which sheet, which encoding, what each column is; then start."""

from dataclasses import dataclass
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

from customers.imports import batches, mapping
from customers.imports.preview import field_choices, preview
from customers.imports.reading import open_file, open_sealed
from customers.imports.run import options_from
from customers.models import Source
from customers.models.imports import BatchState, ImportBatch, OnDuplicate
from encryption.errors import CannotOpen
from jobs import doors
from quality.reading import ENCODINGS, Table, UnreadableFile, sheets_of
from quality.validators import validate_country, validate_no_control_characters
from staff.requests import member

DATE_ORDERS = (
    ("", _("as the column itself proves; otherwise leave them empty")),
    ("dmy", _("day first: 31/12/2026")),
    ("mdy", _("month first: 12/31/2026")),
)
QUESTIONS = {
    "sheet": _("Which sheet holds the customers?"),
    "encoding": _("Which encoding was it written in?"),
}


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


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person said the file is to be read; empty where it proves that itself.

    `is_new`: the columns on the page are those of another reading.
    """

    sheet: str = ""
    encoding: str = ""
    is_new: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "Reading":
        posted = request.POST
        said = posted.get("sheet", "")[:200], posted.get("encoding", "")[:40]
        shown = posted.get("shown_sheet", ""), posted.get("shown_encoding", "")
        return cls(*said, is_new=said != shown)

    def as_options(self) -> dict[str, str]:
        return {"sheet": self.sheet, "encoding": self.encoding}


class ColumnsPages:
    """Mixed into the admin of imports."""

    has_add_permission: Any
    page: Any
    find: Any

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
        reading = Reading.of(request)
        try:
            opener = open_sealed(batch.sealed_name)
            table = open_file(opener, batch.file_name, reading.as_options())
            return self._columns(request, batch, table, reading)
        except UnreadableFile as problem:
            if problem.question:
                return self._ask(request, batch, reading, problem)
            if reading.sheet or reading.encoding:
                # Another sheet, or another encoding, may well be a table.
                return self._ask_again(request, batch, reading, problem)
            return self._refuse(request, batch, str(problem))
        except (OSError, CannotOpen):
            return self._refuse(request, batch, _g("it is gone"))

    def _refuse(self, request: HttpRequest, batch: ImportBatch, reason: str) -> HttpResponse:
        batches.discard(batch)
        messages.error(request, _g("The file cannot be read: {reason}").format(reason=reason))
        return HttpResponseRedirect(reverse("admin:customers_importbatch_add"))

    def _ask(
        self, request: HttpRequest, batch: ImportBatch, reading: Reading, problem: UnreadableFile
    ) -> HttpResponse:
        """The file does not prove by itself how it is to be read."""
        context = {
            "batch": batch,
            "problem": str(problem),
            "question": problem.question,
            "label": QUESTIONS[problem.question],
            "choices": problem.choices,
            "reading": reading,
        }
        title = _g("How to read {file}").format(file=batch.file_name)
        return self.page(request, "customers/import/question.html", title, context)

    def _ask_again(
        self, request: HttpRequest, batch: ImportBatch, reading: Reading, problem: UnreadableFile
    ) -> HttpResponse:
        sheets = _sheets(batch)
        question = "sheet" if reading.sheet and sheets else "encoding"
        choices = sheets if question == "sheet" else ENCODINGS
        again = UnreadableFile(
            problem.code, str(problem).replace("%", "%%"), question=question, choices=choices
        )
        return self._ask(request, batch, reading, again)

    def _columns(
        self, request: HttpRequest, batch: ImportBatch, table: Table, reading: Reading
    ) -> HttpResponse:
        posted = request.POST if "on_duplicate" in request.POST else None
        settings = SettingsForm(posted, initial={"source": batch.source_name})
        chosen = _chosen(request, table) if posted is not None and not reading.is_new else None
        problem, columns = "", mapping.Columns({}, table.columns)
        try:
            columns = _settle(chosen, table, _source_of(settings, batch))
        except mapping.MappingProblem as wrong:
            problem = str(wrong)
            if chosen is not None:
                columns = mapping.Columns({c: f for c, f in chosen.items() if f}, ())
        ready = chosen is not None and settings.is_valid() and not problem
        if ready and "start" in request.POST:
            return self._start(request, batch, table, columns, settings.cleaned_data, reading)
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
            "table": table,
            "sheets": _sheets(batch) if table.sheet else [],
            "encodings": ENCODINGS if table.encoding else [],
            "reading": reading,
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
        reading: Reading,
    ) -> HttpResponse:
        try:
            job = batches.start(
                actor=member(request),
                batch=batch,
                source_name=chosen["source"],
                columns=columns,
                header=table.columns,
                on_duplicate=chosen["on_duplicate"],
                options=_cleaning(chosen) | reading.as_options(),
                door="admin",
            )
        except batches.StartedAlready as problem:
            messages.info(request, str(problem))
            return HttpResponseRedirect(
                reverse("admin:customers_importbatch_change", args=[batch.pk])
            )
        doors.wake(job)
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))


def _sheets(batch: ImportBatch) -> list[tuple[str, str]]:
    """The sheets of a workbook with how many rows each has, where that is cheap to know."""
    sheets = sheets_of(open_sealed(batch.sealed_name), batch.file_name)
    return [
        (
            sheet.name,
            sheet.name
            if sheet.rows is None
            else _g("{name} ({rows} rows)").format(name=sheet.name, rows=sheet.rows),
        )
        for sheet in sheets
    ]


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
