"""The door for staff to bulk changes: what each did, who was left out, and its undo."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from customers.admin.hand_over import PERMISSION as HAND_OVER
from customers.admin.hand_over import HandOverPage
from customers.bulk import services
from customers.bulk.deeds import deed_of
from customers.models import BulkChange, BulkRow, Customer
from customers.models.bulk import BulkState
from customers.selection import Selection
from jobs import doors
from staff.pages import ago, own_page
from staff.requests import member

NAMED = 20
STATE_COLOURS = {
    BulkState.RUNNING: "primary",
    BulkState.DONE: "success",
    BulkState.FAILED: "danger",
    BulkState.UNDOING: "warning",
    BulkState.UNDONE: "warning",
}
COUNTS = (
    ("changed", _("changed")),
    ("follow_ups", _("follow-ups handed over")),
    ("already", _("were so already")),
    ("not_yours", _("not yours to change: left out")),
    ("no_room", _("have no room for another tag: left out")),
    ("gone", _("gone or no longer meant")),
)
UNDO_COUNTS = (
    ("back", _("as before")),
    ("follow_ups", _("follow-ups given back")),
    ("kept", _("changed since: kept as they are")),
    ("gone", _("gone")),
)
WHY = {
    "not_yours": _("not yours to change"),
    "no_room": _("no room for another tag"),
}


@admin.register(BulkChange)
class BulkChangeAdmin(HandOverPage, ModelAdmin):
    list_display = ("what", "why", "state_label", "changed", "started_by", "when_started")
    list_filter = ("state", "action")
    list_select_related = ("started_by",)
    list_per_page = 50
    ordering = ("-number",)
    list_disable_select_all = True
    list_before_template = "customers/bulk/before.html"
    nothing_yet = _("What is done to many customers at once stands here, with its undo.")

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(self.undo_view)
        return [
            path("<uuid:change_id>/undo/", undo, name="customers_bulkchange_undo"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_hand_over": request.user.has_perm(HAND_OVER)}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a bulk change is its result."""
        change = self.find(request, object_id)
        left = change.counts.get("left", [])
        context = {
            "change": change,
            "deed": deed_of(change).words(),
            "meant": Selection.from_json(change.selection).words(),
            "counts": told(change.counts, COUNTS),
            "changed": first_changed(change),
            "left": [one | {"why": WHY.get(one["why"], "")} for one in left],
            "undo_counts": told(change.undo_result, UNDO_COUNTS),
            "kept": change.undo_result.get("named", []),
            "at_work": change.job is not None and not change.job.is_finished,
            "may_undo": self.may_undo(request, change),
            "undo_ends": services.undo_ends(change),
        }
        return own_page(self, request, "customers/bulk/result.html", str(change), context)

    def undo_view(self, request: HttpRequest, change_id: UUID) -> HttpResponse:
        """Asks first; then the work is a job."""
        change = self.find(request, change_id)
        if not services.may_undo(member(request), change):
            raise PermissionDenied
        if request.method != "POST":
            title = _g("Undo bulk change %(change)s?") % {"change": change}
            context = {
                "change": change,
                "deed": deed_of(change).words(),
                "problem": services.why_no_undo(change),
            }
            return own_page(self, request, "customers/bulk/undo.html", title, context)
        try:
            job = services.start_undo(actor=member(request), change=change)
        except services.CannotUndo as problem:
            messages.warning(request, str(problem))
            return HttpResponseRedirect(
                reverse("admin:customers_bulkchange_change", args=[change.pk])
            )
        doors.wake(job)
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))

    # The list --------------------------------------------------------------------------------

    @display(description=_("bulk change"), ordering="number")
    def what(self, change: BulkChange) -> str:
        return str(change)

    @display(description=_("why"))
    def why(self, change: BulkChange) -> str:
        return change.reason or "—"

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, change: BulkChange) -> tuple[str, str]:
        return change.state, str(BulkState(change.state).label)

    @display(description=_("changed"))
    def changed(self, change: BulkChange) -> str:
        return intcomma(change.counts["changed"]) if "changed" in change.counts else "—"

    @display(description=_("when"), ordering="created_at")
    def when_started(self, change: BulkChange) -> str:
        return ago(change.created_at)

    # What the pages share --------------------------------------------------------------------

    def find(self, request: HttpRequest, change_id: UUID | str) -> BulkChange:
        """The bulk change, if this person may see it."""
        try:
            changes = BulkChange.objects.select_related("job", "started_by")
            change = changes.get(pk=UUID(str(change_id)))
        except (BulkChange.DoesNotExist, ValueError):
            raise Http404(_g("There is no such bulk change.")) from None
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        return change

    def may_undo(self, request: HttpRequest, change: BulkChange) -> bool:
        return services.may_undo(member(request), change) and not services.why_no_undo(change)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Asked for from the list of customers, never filled in here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def first_changed(change: BulkChange) -> list[Customer]:
    """Some of those it changed, for whoever wants to see what became of them."""
    rows = BulkRow.objects.filter(change=change, is_follow_up=False).order_by("object_key")
    keys = list(rows.values_list("object_key", flat=True)[:NAMED])
    return list(Customer.with_bin.filter(pk__in=keys).defer("notes").order_by("pk"))


def told(counts: dict[str, Any], labels: Any) -> list[tuple[Any, int]]:
    return [(label, counts[name]) for name, label in labels if counts.get(name)]
