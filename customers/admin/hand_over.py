"""Handing over the customers of somebody who leaves: to one, or spread over a team."""

import json
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget
from uuid_utils.compat import uuid7

from customers.admin.bulk_actions import token_of
from customers.admin.bulk_doors import PREVIEWED, ReasonForm, staff_choices
from customers.bulk.hand_over import NobodyThere, as_options, owners, waiting_of
from customers.bulk.services import CannotChange, start_bulk
from customers.list_filters import FILTERS, Asked
from customers.models import Customer, FollowUp
from customers.models.bulk import UNDO_DAYS, BulkAction
from customers.models.choices import Stage
from customers.selection import Selection
from jobs import doors
from staff.leaving import Note
from staff.leaving import register as register_note
from staff.models import Team, User
from staff.pages import own_page
from staff.requests import member

PERMISSION = "customers.hand_over_customer"


class HandOverForm(ReasonForm):
    """From whom, to whom, and which of their customers."""

    giver = forms.ChoiceField(label=_("Whose customers"), widget=UnfoldAdminSelectWidget)
    taker = forms.ChoiceField(label=_("Who takes over"), widget=UnfoldAdminSelectWidget)
    stage__exact = forms.ChoiceField(
        label=_("Only those in the stage"), required=False, widget=UnfoldAdminSelectWidget
    )
    country = forms.ChoiceField(
        label=_("Only those in the country"), required=False, widget=UnfoldAdminSelectWidget
    )
    field_order = ("giver", "taker", "stage__exact", "country", "reason")

    def __init__(self, data: Any = None, *, asked: Asked, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["giver"].choices = [("", "—"), *owners()]
        teams = [
            (f"team:{team.pk}", _g("spread evenly over the team %(team)s") % {"team": team})
            for team in Team.objects.filter(members__is_active=True).distinct()
        ]
        fields["taker"].choices = [("", "—"), *staff_choices(), *teams]
        fields["stage__exact"].choices = [("", _("any")), *Stage.choices]
        countries = FILTERS["country"].offered(asked)
        fields["country"].choices = [("", _("any")), *countries]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("giver") and cleaned.get("giver") == cleaned.get("taker"):
            self.add_error("taker", _("Choose somebody else: these customers are theirs already."))
        return cleaned

    def as_seen(self) -> str:
        """What was chosen, to know whether what was confirmed is what was shown."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return json.dumps(chosen, sort_keys=True)

    def narrowed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("stage__exact", "country")}


class HandOverPage(ModelAdmin):
    """Part of the admin of bulk changes."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.hand_over_view)
        return [
            path("hand-over/", page, name="customers_bulkchange_hand_over"),
            *super().get_urls(),
        ]

    def hand_over_view(self, request: HttpRequest) -> HttpResponse:
        """Choose; see what will happen; do it."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        asked = Asked(request.user, timezone.now())
        initial = {"giver": request.GET.get("from", "")}
        form = HandOverForm(posted, asked=asked, initial=initial)
        meant = None
        if posted is not None and form.is_valid():
            selection = Selection.of_filters(form.narrowed(), request.user)
            if posted.get("confirmed") == form.as_seen():
                try:
                    return self._hand_over(request, form, selection)
                except (CannotChange, NobodyThere) as problem:
                    form.add_error(None, str(problem))
            else:
                meant = self._what_will_happen(form, selection)
        context = {
            "form": form,
            "meant": meant,
            "token": request.POST.get("token") or str(uuid7()),
            "confirmed": form.as_seen() if meant else "",
            "undo_days": UNDO_DAYS,
        }
        title = _g("Hand over a colleague's customers")
        return own_page(self, request, "customers/bulk/hand_over.html", title, context)

    def _hand_over(
        self, request: HttpRequest, form: HandOverForm, selection: Selection
    ) -> HttpResponse:
        told = form.cleaned_data
        change = start_bulk(
            actor=member(request),
            action=BulkAction.HAND_OVER,
            options=as_options(told["giver"], told["taker"]),
            selection=selection,
            reason=told["reason"],
            key=token_of(request),
        )
        doors.wake(change.job)  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[change.job_id]))

    def _what_will_happen(self, form: HandOverForm, selection: Selection) -> dict[str, Any] | None:
        told = form.cleaned_data
        try:
            takers = as_options(told["giver"], told["taker"])["to"]
        except NobodyThere as problem:
            form.add_error("taker", str(problem))
            return None
        customers, follow_ups = waiting_of(told["giver"], selection)
        first = customers.select_related("owner").defer("notes").order_by("-updated_at")
        count = customers.count()
        return {
            "count": count,
            "follow_ups": follow_ups.count(),
            "takers": User.objects.filter(pk__in=takers).order_by("first_name", "username"),
            "each": -(-count // len(takers)),
            "first": [(one, True) for one in first[:PREVIEWED]],
        }


@register_note
def customers_left(user: User, viewer: User) -> Note | None:
    """For the page of a member of staff: what is still theirs, and where it is handed over."""
    customers = Customer.objects.filter(owner=user).count()
    promised = FollowUp.objects.filter(assigned_to=user, done_at__isnull=True).count()
    if not customers and not promised:
        return None
    told = ngettext(
        "%(n)s customer is looked after by them.",
        "%(n)s customers are looked after by them.",
        customers,
    ) % {"n": intcomma(customers)}
    if promised:
        follow_ups = ngettext(
            "%(n)s follow-up of theirs is open.", "%(n)s follow-ups of theirs are open.", promised
        )
        told = f"{told} {follow_ups % {'n': intcomma(promised)}}"
    if not viewer.has_perm(PERMISSION):
        return Note(told)
    url = reverse("admin:customers_bulkchange_hand_over") + f"?from={user.pk}"
    return Note(told, _g("Hand them over"), url)
