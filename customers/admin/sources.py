"""Where customers come from: few rows, named by staff or by an import, some with a drop place."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from audit.admin import AuditedAdmin
from customers.drops import looking
from customers.drops.met import check_folder
from customers.models import DropLook, DroppedFile, Source
from customers.models.drops import DropState
from jobs.doors import wake
from quality.validators import validate_no_card_number, validate_no_control_characters
from staff.pages import ago
from staff.requests import member

SHOWN_FILES = 50


class SourceForm(forms.ModelForm):
    """What is written here stands on the pages of many customers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "drop" in self.fields:
            present = self.instance.drop
            names = sorted({*looking.place_names(), present} - {""})
            choices = [("", _("nowhere: files are brought in by hand"))]
            choices += [(name, name) for name in names]
            self.fields["drop"].widget = UnfoldAdminSelectWidget(choices=choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, text in list(cleaned.items()):
            if not isinstance(text, str):
                continue
            try:
                validate_no_control_characters(text)
                validate_no_card_number(text)
            except ValidationError as problem:
                self.add_error(name, problem)
        return cleaned

    def clean_drop(self) -> str:
        name = self.cleaned_data["drop"]
        if name and name != self.instance.drop and name not in looking.place_names():
            raise ValidationError(_("No operator set up a drop place of this name."))
        return name

    def clean_drop_folder(self) -> str:
        try:
            return check_folder(self.cleaned_data["drop_folder"])
        except SuspiciousFileOperation:
            raise ValidationError(
                _("Write a folder inside the drop place, without “..”: shop/orders.")
            ) from None


@admin.register(Source)
class SourceAdmin(AuditedAdmin):
    form = SourceForm
    change_form_template = "customers/source_form.html"

    list_display = ("name", "description", "arrivals", "updated")
    list_select_related = ("drop_look",)
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "description")}),
        (
            _("Files that arrive by themselves"),
            {
                "fields": ("drop", ("drop_folder", "drop_pattern"), "drop_paused"),
                "description": _(
                    "A new file is imported once it is whole, with the columns and options of the "
                    "last import of this source. Import one file by hand first, so that these are "
                    "as you want them."
                ),
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        look = self.admin_site.admin_view(require_POST(self.look_view))
        return [
            path("<path:object_id>/look/", look, name="customers_source_look"),
            *super().get_urls(),
        ]

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, source: Source) -> str:
        return ago(source.updated_at)

    @display(description=_("files that arrive"))
    def arrivals(self, source: Source) -> str:
        if not source.drop:
            return "—"
        look = getattr(source, "drop_look", None)
        if source.drop_paused:
            return format_html("{}: {}", source.drop, _("paused"))
        if look is None or look.looked_at is None:
            return format_html("{}: {}", source.drop, _("not looked into yet"))
        if look.problem:
            return format_html("{}: {}", source.drop, look.problem)
        return format_html("{}: {} {}", source.drop, _("looked into"), ago(look.looked_at))

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        source = context.get("original")
        if source is not None and source.drop:
            context |= self._arrived(request, source)
        return super().render_change_form(request, context, *args, **kwargs)

    def _arrived(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """What the page tells of the drop place: three queries, however many files there are."""
        found: dict[str, Any] = {
            "drop_look": DropLook.objects.filter(source=source).first(),
            "may_look": self._may_look(request, source),
        }
        if request.user.has_perm("customers.view_droppedfile"):
            files = DroppedFile.objects.filter(source=source).exclude(state=DropState.GONE)
            shown = list(files.select_related("batch")[: SHOWN_FILES + 1])
            found |= {"dropped_files": shown[:SHOWN_FILES], "more_files": len(shown) > SHOWN_FILES}
        return found

    def _may_look(self, request: HttpRequest, source: Source) -> bool:
        importing = request.user.has_perm("customers.add_importbatch")
        return importing and self.has_change_permission(request, source) and bool(source.drop)

    def look_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Look and take in, in a job: a server far away may let us wait."""
        source = self.get_object(request, unquote(object_id))
        if source is None:
            raise Http404
        if not self._may_look(request, source):
            raise PermissionDenied
        job = looking.ask_to_take(actor=member(request), source=source, look=True)
        if job is None:
            messages.info(request, _("Files are coming in just now. Load this page again soon."))
            return HttpResponseRedirect(reverse("admin:customers_source_change", args=[source.pk]))
        wake(job)
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))
