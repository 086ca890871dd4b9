"""Doors of the customer's page to its contact points and addresses: one small form, a few verbs.

Each row is saved by itself, so that the page may hold hundreds and still open at once; what
another person changed meanwhile is merged as on every form of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from audit.admin import AuditedAdmin
from audit.admin.base import SEEN, TOLD
from audit.admin.forms import disclosing
from audit.admin.merging import Meanwhile
from audit.changes import newest_version
from audit.disclosure import Level, level
from customers import contacts
from customers.admin.contact_forms import AddressForm, ContactPointForm, RowForm
from customers.admin.links import page_of
from customers.contacts import held
from customers.errors import NotPossible
from customers.models import Address, ContactPoint, Customer
from staff.pages import own_page
from staff.requests import member


@dataclass(frozen=True)
class Belongings:
    """One of the two kinds of rows, with what can be done with them."""

    slug: str
    model: Any
    form: type[RowForm]
    save: Callable[..., None]
    make_main: Callable[..., None]
    protected: str
    adding: Any
    changing: Any

    def allows(self, request: HttpRequest, action: str) -> bool:
        return request.user.has_perm(f"customers.{action}_{self.model._meta.model_name}")


POINTS = Belongings(
    "contact-points",
    ContactPoint,
    ContactPointForm,
    lambda *, actor, row: contacts.save_point(actor=actor, point=row),
    lambda *, actor, row, seen: contacts.make_main(actor=actor, point=row, seen=seen),
    "value",
    _("Add a contact point"),
    _("Change this contact point"),
)
ADDRESSES = Belongings(
    "addresses",
    Address,
    AddressForm,
    lambda *, actor, row: contacts.save_address(actor=actor, address=row),
    lambda *, actor, row, seen: contacts.make_main_address(actor=actor, address=row, seen=seen),
    "street",
    _("Add an address"),
    _("Change this address"),
)
# What a button does, and the permission it needs beside seeing the customer.
VERBS: dict[str, tuple[str, Callable[..., None]]] = {
    "verify": ("change", contacts.verify),
    "remove": ("delete", contacts.remove),
}
DONE = {
    "verify": _("Noted: it reaches the customer, as of today."),
    "remove": _("Removed."),
    "prefer": _("This is the one to try first from now on."),
    "main": _("This is the main one now."),
}


class ContactDoors(AuditedAdmin):
    """Part of the page of a customer."""

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        urls: list[Any] = [
            path(
                "<uuid:key>/confirm/",
                door(require_POST(self.confirm_view)),
                name="customers_customer_confirm",
            )
        ]
        for what in (POINTS, ADDRESSES):
            name = f"customers_customer_{what.model._meta.model_name}"
            start = f"<uuid:key>/{what.slug}/"
            form, verb = door(self.row_form_view), door(require_POST(self.row_verb_view))
            urls += [
                path(f"{start}add/", form, {"what": what}, name=f"{name}_add"),
                path(f"{start}<uuid:row>/", form, {"what": what}, name=f"{name}_change"),
                path(f"{start}<uuid:row>/<slug:verb>/", verb, {"what": what}, name=f"{name}_verb"),
            ]
        return urls + super().get_urls()

    def row_form_view(
        self, request: HttpRequest, key: UUID, what: Belongings, row: UUID | None = None
    ) -> HttpResponse:
        """The form of one row; saved, it leads back to the page."""
        customer = self._whose(request, key, what, "change" if row else "add")
        if request.method != "POST":
            if customer.in_bin:
                raise PermissionDenied
            return self._form_page(request, what, self._row_form(request, customer, what, row))
        form = None
        try:
            with held(key, member(request)) as present:
                form = self._row_form(request, present, what, row)
                if form.is_valid():
                    what.save(actor=member(request), row=form.save(commit=False))
                    self._tell_kept(request, form)
                    return self._back(request, key, what, _("Saved."))
        except NotPossible as why:
            if form is None:
                return self._back(request, key, what, why, messages.ERROR)
            form.add_error(None, str(why))
        return self._form_page(request, what, form)

    def row_verb_view(
        self, request: HttpRequest, key: UUID, what: Belongings, row: UUID, verb: str
    ) -> HttpResponse:
        """One click: verify, prefer, main, remove."""
        action, do = self._verb(what, verb)
        customer = self._whose(request, key, what, action)
        if verb == "main" and not self.has_change_permission(request, customer):
            raise PermissionDenied
        found = what.model.objects.filter(pk=row, customer=customer).first()
        if verb == "verify" and not reads(request, customer, what):
            raise PermissionDenied
        try:
            if found is None:
                raise NotPossible(_("Somebody removed this meanwhile."))
            do(actor=member(request), row=found, seen=seen_at(request))
        except NotPossible as why:
            return self._back(request, key, what, why, messages.ERROR)
        return self._back(request, key, what, DONE[verb])

    def confirm_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """What stands on the customer is right as of today."""
        customer = self._customer(request, key)
        what = ADDRESSES if request.POST.get("tab") == ADDRESSES.slug else POINTS
        if not self.has_change_permission(request, customer) or not reads(request, customer, what):
            raise PermissionDenied
        try:
            contacts.verify_customer(
                actor=member(request), customer=customer, seen=seen_at(request)
            )
        except NotPossible as why:
            return self._back(request, key, what, why, messages.ERROR)
        return self._back(request, key, what, _("Noted: confirmed with the customer today."))

    # How -----------------------------------------------------------------------------------------

    def _verb(self, what: Belongings, verb: str) -> tuple[str, Callable[..., None]]:
        if verb == "main":
            return "change", what.make_main
        if verb == "prefer" and what is POINTS:
            return "change", lambda *, actor, row, seen: contacts.prefer(
                actor=actor, point=row, seen=seen
            )
        if verb not in VERBS:
            raise Http404
        return VERBS[verb]

    def _customer(self, request: HttpRequest, key: UUID) -> Customer:
        customer: Customer | None = self.get_object(request, str(key))
        if customer is None:
            raise Http404
        if not self.has_view_permission(request, customer):
            raise PermissionDenied
        return customer

    def _whose(self, request: HttpRequest, key: UUID, what: Belongings, action: str) -> Customer:
        customer = self._customer(request, key)
        if not what.allows(request, action):
            raise PermissionDenied
        return customer

    def _row_form(
        self, request: HttpRequest, customer: Customer, what: Belongings, row: UUID | None
    ) -> RowForm:
        posted = request.POST if request.method == "POST" else None
        found = None
        if row is not None:
            rows = what.model.objects.filter(pk=row, customer=customer)
            found = rows.select_related("customer__owner").first()
            if found is None and posted is None:
                raise Http404
        meanwhile = None
        if found is not None and posted is not None:
            seen, told = request.POST.get(SEEN), request.POST.get(TOLD)
            meanwhile = Meanwhile.since(what.model, found.pk, seen, told)
        form_class = disclosing(what.form, request.user, meanwhile)
        form: RowForm = form_class(posted, instance=found, customer=customer)
        if row is not None and found is None:
            # Nothing typed is lost: the same values, saved again, make a new row.
            form.add_error(None, _("Somebody removed this meanwhile. Save to add it again."))
        return form

    def _form_page(self, request: HttpRequest, what: Belongings, form: Any) -> HttpResponse:
        customer, row = form.customer, form.instance
        name = f"admin:customers_customer_{what.model._meta.model_name}"
        adding = row._state.adding
        told = ""
        if getattr(form, "has_conflict", False):
            told = str(newest_version(what.model, row.pk) or "")
        posted = request.POST.get(SEEN, "") if form.is_bound else None
        seen = "" if adding else posted or str(newest_version(what.model, row.pk) or "")
        context = {
            "customer": customer,
            "form": form,
            "what": what.slug,
            "adding": adding,
            "seen_version": seen,
            "told_version": told,
            "action": reverse(f"{name}_add", args=[customer.pk])
            if adding
            else reverse(f"{name}_change", args=[customer.pk, row.pk]),
            "back_url": tab_url(customer.pk, what.slug),
        }
        title = what.adding if adding else what.changing
        return own_page(self, request, "customers/page/row_page.html", title, context)

    def _tell_kept(self, request: HttpRequest, form: Any) -> None:
        for field in form.kept:
            if not form.meanwhile.was_told(field):
                messages.info(request, form.meanwhile.kept(field))

    def _back(
        self,
        request: HttpRequest,
        key: UUID,
        what: Belongings,
        text: Any,
        sort: int = messages.SUCCESS,
    ) -> HttpResponse:
        messages.add_message(request, sort, str(text))
        return HttpResponseRedirect(tab_url(key, what.slug))


def tab_url(key: UUID, slug: str) -> str:
    return f"{page_of(key)}#{slug}"


def reads(request: HttpRequest, customer: Customer, what: Belongings) -> bool:
    """Whether this person sees the values in clear: nobody can verify what they cannot read."""
    row = what.model(customer=customer)
    return level(request.user, what.model, what.protected, row) is Level.CLEAR


def seen_at(request: HttpRequest) -> datetime | None:
    """When the row was last changed, as the page showed it; a page that does not say is old."""
    try:
        return parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None
