"""The door for staff to exports: what shall be in the file and why, then its page and the file."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget
from uuid_utils.compat import uuid7

from customers.admin.bulk_actions import BulkDoor, posted_selection, register, token_of
from customers.exports import services
from customers.exports.columns import BY_NAME, USUAL, Column, Disclosure, offered
from customers.models.exports import KEPT_HOURS, Export, ExportFormat, ExportState
from customers.selection import Selection
from jobs import doors
from jobs.models import State
from quality.validators import FREE_TEXT
from staff.models import User
from staff.pages import ago, own_page
from staff.requests import member

STATE_COLOURS = {
    ExportState.RUNNING: "primary",
    ExportState.DONE: "success",
    ExportState.FAILED: "danger",
    ExportState.EXPIRED: "info",
}
CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
FORMATS = (
    (
        ExportFormat.XLSX,
        _("for Excel and other spreadsheets: numbers that begin with + stay whole"),
    ),
    (
        ExportFormat.CSV,
        _("for other programs; an apostrophe before = + - @ keeps spreadsheets from running it"),
    ),
    (ExportFormat.PARQUET, _("for data tools")),
)
LEVELS = {
    "clear": _("clear"),
    "masked": _("masked"),
    "hidden": _("left empty"),
    "unopenable": _("could not be opened, left empty"),
}


class ExportForm(forms.Form):
    """Which columns, in which format, and what for."""

    columns = forms.MultipleChoiceField(
        error_messages={"required": _("Choose at least one column.")}
    )
    format = forms.ChoiceField(choices=ExportFormat.choices, initial=ExportFormat.XLSX.value)
    bom = forms.BooleanField(required=False, initial=True)
    reason = forms.CharField(
        label=_("What is the file for?"),
        min_length=services.SHORTEST_REASON,
        max_length=200,
        validators=FREE_TEXT,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stands in the record of exports, beside your name."),
    )

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns: Any = self.fields["columns"]
        columns.choices = [(column.name, column.label) for column in offered(reader)]

    def asked_for(self) -> set[str]:
        """The columns to tick: those sent, else the usual ones."""
        return set(self.data.getlist("columns")) if self.is_bound else set(USUAL)  # type: ignore[attr-defined]


@admin.register(Export)
class ExportAdmin(ModelAdmin):
    list_display = ("what", "why", "kind", "customers", "state_label", "started_by", "when_asked")
    list_filter = ("state", "format")
    list_select_related = ("started_by",)
    list_per_page = 50
    ordering = ("-number",)
    list_disable_select_all = True
    nothing_yet = _(
        "Files of customers that somebody asked for stand here, for a day to be fetched."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        exports: QuerySet[Export] = super().get_queryset(request)
        if request.user.has_perm("customers.view_all_exports"):
            return exports
        return exports.filter(started_by=request.user.pk)

    def get_urls(self) -> list[URLPattern]:
        fetch = self.admin_site.admin_view(require_POST(self.fetch_view))
        return [
            path("<uuid:export_id>/file/", fetch, name="customers_export_file"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """From a link: all that fit the filters in it. Sent: the export is asked for."""
        if not services.may_export(member(request)):
            raise PermissionDenied
        if request.method != "POST":
            return ask_page(self, request, Selection.of_filters(request.GET, request.user))
        form = ExportForm(request.POST, reader=member(request))
        selection = posted_selection(request)
        if form.is_valid():
            try:
                export = services.start_export(
                    actor=member(request),
                    selection=selection,
                    key=token_of(request),
                    **form.cleaned_data,
                )
            except services.CannotExport as problem:
                form.add_error(None, str(problem))
            else:
                if export.job is not None and not export.job.is_finished:
                    doors.wake(export.job)
                return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[export.job_id]))
        return ask_page(self, request, selection, form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of an export is its record; who asked finds the file there."""
        export = self.find(request, object_id)
        own = export.started_by_id == request.user.pk
        job = export.job
        context = {
            "export": export,
            "own": own,
            "columns": _told_columns(export),
            "downloads": export.downloads.select_related("who").order_by("-at"),
            "may_fetch": services.may_fetch(member(request), export),
            "by_command": export.options.get("door") == "command",
            "at_work": job is not None and not job.is_finished,
            "stopped": job is not None and job.state in (State.FAILED, State.CANCELLED),
            "gone": (job.result or {}).get("gone") if job is not None else None,
            "may_ask": services.may_export(member(request)),
        }
        return own_page(self, request, "customers/export/page.html", _title(export), context)

    def fetch_view(self, request: HttpRequest, export_id: UUID) -> Any:
        """The file, once it was written down that it left."""
        export = self.find(request, export_id)
        try:
            opened = services.fetch(actor=member(request), export=export)
        except services.CannotExport as problem:
            messages.warning(request, str(problem))
            return HttpResponseRedirect(reverse("admin:customers_export_change", args=[export.pk]))
        name = f"customers-export-{export.number}.{export.format}"
        response = StreamingHttpResponse(
            opened, content_type=CONTENT_TYPES[ExportFormat(export.format)]
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Content-Length"] = str(opened.size)
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    # The list --------------------------------------------------------------------------------

    @display(description=_("export"), ordering="number")
    def what(self, export: Export) -> str:
        return f"{export} · {export.words}" if export.words else str(export)

    @display(description=_("what for"))
    def why(self, export: Export) -> str:
        return export.reason

    @display(description=_("format"))
    def kind(self, export: Export) -> str:
        return str(export.get_format_display())

    @display(description=_("customers"))
    def customers(self, export: Export) -> str:
        return intcomma(export.rows) if export.finished_at and export.rows else "—"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, export: Export) -> tuple[str, str]:
        return export.state, str(ExportState(export.state).label)

    @display(description=_("when"), ordering="created_at")
    def when_asked(self, export: Export) -> str:
        return ago(export.created_at)

    # What the pages share --------------------------------------------------------------------

    def find(self, request: HttpRequest, export_id: UUID | str) -> Export:
        """The export, if this person may see it."""
        try:
            export = Export.objects.select_related("job", "started_by").get(pk=UUID(str(export_id)))
        except (Export.DoesNotExist, ValueError):
            raise Http404(_g("There is no such export.")) from None
        if not self.has_view_permission(request, export):
            raise PermissionDenied
        return export

    def has_view_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """One's own, or everybody's with that right."""
        if not request.user.has_perm("customers.view_export"):
            return False
        own = obj is None or obj.started_by_id == request.user.pk
        return own or request.user.has_perm("customers.view_all_exports")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.has_perm(services.PERMISSION))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A record is not changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def ask_page(
    model_admin: Any, request: HttpRequest, selection: Selection, form: ExportForm | None = None
) -> HttpResponse:
    """Who is meant, and of each column what the one who asks would get."""
    reader = member(request)
    form = form or ExportForm(reader=reader)
    context = {
        "opts": Export._meta,
        "form": form,
        "groups": _groups(reader, form.asked_for()),
        "formats": [(kind.value, kind.label, words) for kind, words in FORMATS],
        "count": selection.customers(reader).count(),
        "selection": selection,
        "selection_json": json.dumps(selection.as_json()),
        "token": request.POST.get("token") or str(uuid7()),
        "kept_hours": KEPT_HOURS,
        "back_url": reverse("admin:customers_customer_changelist"),
    }
    title = _("Export customers")
    return own_page(model_admin, request, "customers/export/ask.html", title, context)


def _groups(reader: User, ticked: set[str]) -> list[tuple[Any, list[tuple[Column, bool, Any]]]]:
    """The columns by group: whether ticked, and how much the reader gets of a protected one."""
    columns = offered(reader)
    words = Disclosure(reader, columns).in_words()
    groups: dict[Any, list[tuple[Column, bool, str | Promise]]] = {}
    for column in columns:
        line = (column, column.name in ticked, words.get(column.name, ""))
        groups.setdefault(column.group, []).append(line)
    return list(groups.items())


def _told_columns(export: Export) -> Iterable[tuple[Any, list[tuple[Any, int]]]]:
    """The columns of an export in words, with how much of the protected ones went out."""
    for name in export.columns:
        counts = export.disclosed.get(name, {})
        label = BY_NAME[name].label if name in BY_NAME else name
        yield label, [(LEVELS.get(level, level), many) for level, many in counts.items()]


def _title(export: Export) -> str:
    return _g("Export %(number)s") % {"number": export}


def _open_door(model_admin: Any, request: HttpRequest, selection: Selection) -> HttpResponse:
    return ask_page(model_admin, request, selection)


register(BulkDoor("export", _("Export to a file…"), services.PERMISSION, _open_door))
