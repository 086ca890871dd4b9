"""From the list of customers to a deed on many of them: what will happen, then the job."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget
from uuid_utils.compat import uuid7

from audit.admin import AuditedAdmin
from customers.admin.bin import list_url
from customers.admin.bulk_actions import (
    BulkDoor,
    doors_for,
    posted_selection,
    register,
    token_of,
)
from customers.admin.lists import term_of
from customers.bulk.deeds import may_change
from customers.bulk.services import CannotChange, start_bulk
from customers.facets import distinct_values
from customers.list_filters import NOBODY
from customers.models import Customer, CustomerTag
from customers.models.bulk import UNDO_DAYS, BulkAction
from customers.models.choices import Stage
from customers.models.tags import LONGEST_TAG
from customers.selection import Selection
from jobs import doors
from quality.validators import FREE_TEXT
from staff.models import User
from staff.pages import own_page
from staff.requests import member

PREVIEWED = 10
PREFIX = "bulk_"
SEARCHED = "_ticked_in_a_search"


class ReasonForm(forms.Form):
    """What every bulk change may be told; each deed adds its own field before it."""

    reason = forms.CharField(
        label=gettext_lazy("Why? (optional)"),
        required=False,
        max_length=200,
        validators=FREE_TEXT,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Stands in the history of each customer."),
    )


class TagForm(ReasonForm):
    tag = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=LONGEST_TAG,
        validators=FREE_TEXT,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "known-tags", "autocomplete": "off"}),
    )
    field_order = ("tag", "reason")


class StageForm(ReasonForm):
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=Stage.choices, widget=UnfoldAdminSelectWidget
    )
    field_order = ("stage", "reason")


class OwnerForm(ReasonForm):
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), widget=UnfoldAdminSelectWidget)
    field_order = ("owner", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.choices = [("", "—"), *staff_choices(), (NOBODY, _("nobody"))]

    def clean_owner(self) -> str:
        owner = str(self.cleaned_data["owner"])
        return "" if owner == NOBODY else owner


FORMS: dict[str, type[ReasonForm]] = {
    BulkAction.ADD_TAG: TagForm,
    BulkAction.REMOVE_TAG: TagForm,
    BulkAction.ASSIGN_OWNER: OwnerForm,
    BulkAction.SET_STAGE: StageForm,
}
WHAT_HAPPENS = {
    BulkAction.ADD_TAG: gettext_lazy("Each gets the tag, beside those it has."),
    BulkAction.REMOVE_TAG: gettext_lazy("The tag goes from each that has it; other tags stay."),
    BulkAction.ASSIGN_OWNER: gettext_lazy("Each is looked after by the one you choose."),
    BulkAction.SET_STAGE: gettext_lazy("Each is in the stage you choose."),
}


class BulkDoors(AuditedAdmin):
    """Part of the list of customers."""

    def get_urls(self) -> list[Any]:
        do = self.admin_site.admin_view(require_POST(self.bulk_view))
        return [
            path("bulk/<slug:action>/", do, name="customers_customer_bulk"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What may be done with many comes first, then the bin."""
        others = super().get_actions(request)
        if self.shows_bin(request):
            return others
        offered = {
            f"{PREFIX}{door.name}": (_opener(door), f"{PREFIX}{door.name}", door.label)
            for door in doors_for(request.user)
        }
        return {**offered, **others}

    def bulk_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """The answer of the page that asked: the job, or the page again with what is wrong."""
        if action not in FORMS or not request.user.has_perm("customers.add_bulkchange"):
            raise PermissionDenied
        form = FORMS[action](request.POST)
        selection = posted_selection(request)
        if form.is_valid():
            try:
                change = start_bulk(
                    actor=member(request),
                    action=action,
                    options=form.cleaned_data,
                    selection=selection,
                    reason=form.cleaned_data["reason"],
                    key=token_of(request),
                )
            except CannotChange as problem:
                form.add_error(None, str(problem))
            else:
                doors.wake(change.job)  # type: ignore[arg-type]
                return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[change.job_id]))
        return ask_page(self, request, action, selection, form)


def _opener(door: BulkDoor) -> Any:
    """As an action of the list, which hands over what was ticked."""

    def open_door(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        selection = selection_of(request)
        if not selection.customers(request.user).exists():
            messages.warning(request, _("Nobody is selected. Tick customers first."))
            return None
        return door.open(model_admin, request, selection)

    return open_door


def selection_of(request: HttpRequest) -> Selection:
    """What was ticked in the list; all that fit its filters, if that was asked for. Of a search
    only what was ticked: what else it found nobody has seen."""
    everybody = request.POST.get("select_across") == "1"
    if everybody and not getattr(request, SEARCHED, False) and term_of(request) is None:
        return Selection.of_filters(request.GET, request.user)
    return Selection.of_keys(request.POST.getlist("_selected_action"))


def ask_page(
    model_admin: Any,
    request: HttpRequest,
    action: str,
    selection: Selection,
    form: ReasonForm | None = None,
) -> HttpResponse:
    """Who is meant, what will happen, and the first ten."""
    customers = selection.customers(request.user)
    first = list(
        customers.select_related("owner").defer("notes").order_by("-updated_at")[:PREVIEWED]
    )
    context = {
        "opts": Customer._meta,
        "action": action,
        "what_happens": WHAT_HAPPENS[BulkAction(action)],
        "form": form or FORMS[action](),
        "count": customers.count(),
        "selection": selection,
        "selection_json": json.dumps(selection.as_json()),
        "token": request.POST.get("token") or str(uuid7()),
        "first": [(one, may_change(member(request), one, action)) for one in first],
        "tags": distinct_values(CustomerTag, "word", most=100) if "tag" in action else (),
        "undo_days": UNDO_DAYS,
        "back_url": list_url(),
    }
    title = BulkAction(action).label
    return own_page(model_admin, request, "customers/bulk/ask.html", title, context)


def staff_choices(but: Any = None) -> list[tuple[str, str]]:
    """Who works here now."""
    working = User.objects.filter(is_active=True).exclude(Q(pk=but) if but else Q(pk__isnull=True))
    return [(str(one.pk), str(one)) for one in working.order_by("first_name", "username")]


def _door(action: BulkAction, label: Any) -> BulkDoor:
    def open_page(model_admin: Any, request: HttpRequest, selection: Selection) -> HttpResponse:
        return ask_page(model_admin, request, action, selection)

    return BulkDoor(action.value, label, "customers.add_bulkchange", open_page)


for _action, _label in (
    (BulkAction.ADD_TAG, gettext_lazy("Add a tag…")),
    (BulkAction.REMOVE_TAG, gettext_lazy("Take a tag away…")),
    (BulkAction.ASSIGN_OWNER, gettext_lazy("Assign an owner…")),
    (BulkAction.SET_STAGE, gettext_lazy("Set the stage…")),
):
    register(_door(_action, _label))
