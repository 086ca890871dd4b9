"""The page of one customer; their list is in `customer_list.py`."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.admin.autocomplete import SuggestDoors
from customers.admin.contacts import ContactDoors
from customers.admin.customer_list import CustomerList
from customers.admin.forms import CustomerForm
from customers.admin.origins import OriginDoors
from customers.admin.page import tabs_of
from customers.admin.quick import QuickDoors, quick_of
from customers.admin.summary import summary_of
from customers.admin.versions import OldVersions
from customers.models import Customer
from customers.seen import note_seen
from staff.requests import member
from staff.roles import Role, roles_of

OF_PERSONS = "typeof kind === 'undefined' || kind !== 'organisation'"
OF_ORGANISATIONS = "typeof kind === 'undefined' || kind === 'organisation'"
LOOK_AFTER_CUSTOMERS = frozenset({Role.SALES, Role.SERVICE})


@admin.register(Customer)
class CustomerAdmin(OldVersions, QuickDoors, ContactDoors, OriginDoors, SuggestDoors, CustomerList):
    form = CustomerForm
    change_form_template = "customers/change_form.html"
    warn_unsaved_form = True
    history_fields = ("binned_at",)
    belongings = ("contact_points", "addresses", "interactions", "follow_ups")
    conditional_fields = {
        "given_name": OF_PERSONS,
        "family_name": OF_PERSONS,
        "gender": OF_PERSONS,
        "birth_date": OF_PERSONS,
        "employer": OF_PERSONS,
        "job_title": OF_PERSONS,
        "organisation_name": OF_ORGANISATIONS,
    }

    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "kind",
                    ("family_name", "given_name"),
                    "organisation_name",
                    "email",
                    "phone",
                    ("city", "country"),
                )
            },
        ),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind", "stage"),
                    ("family_name", "given_name"),
                    "organisation_name",
                    "owner",
                )
            },
        ),
        (
            _("Contact"),
            {
                "fields": ("phone", "email", ("preferred_channel", "language")),
            },
        ),
        (
            _("Address"),
            {
                "fields": ("street", ("postal_code", "city"), ("region", "country")),
            },
        ),
        (
            _("Person and work"),
            {
                "fields": (
                    ("gender", "birth_date"),
                    ("national_id_type", "national_id"),
                    "employer",
                    "job_title",
                ),
            },
        ),
        (_("Notes and tags"), {"fields": ("tags", "notes")}),
        (_("Where from, and is it right"), {"fields": ("source", "last_confirmed_at")}),
    )
    # The page --------------------------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        obj: Customer | None = None,
        **kwargs: Any,
    ) -> HttpResponse:
        if obj is not None and obj.pk and not obj._state.adding:
            stored = self._stored(request, obj)
            context["customer_summary"] = self._summary(request, stored)
            page = tabs_of(request, stored, self, member(request))
            context |= {"customer_page": page, **page.pop("desk")}
            context["show_delete"] = False  # the summary offers the bin in its own words
        response = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        if request.method == "GET" and "customer_page" in context:
            _note_when_shown(response, request, stored)
        return response

    def _stored(self, request: HttpRequest, customer: Customer) -> Customer:
        """The customer as they are: what was typed in a form has just been refused."""
        if request.method != "POST":
            return customer
        return Customer.with_bin.select_related("owner", "employer").get(pk=customer.pk)

    def _summary(self, request: HttpRequest, customer: Customer) -> dict[str, Any]:
        summary = summary_of(customer, member(request)) | quick_of(request, customer)
        if customer.in_bin:
            summary["may_restore"] = self.has_restore_permission(request, customer)
            summary["restore_url"] = reverse("admin:customers_customer_restore", args=[customer.pk])
        elif self.has_delete_permission(request, customer):
            summary["bin_url"] = reverse("admin:customers_customer_delete", args=[customer.pk])
        return summary

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Nobody changes who is in the bin. A form that is posted all the same was open when
        somebody threw them away: it is refused in words, with what was typed still in it."""
        if obj is not None and obj.in_bin and request.method != "POST":
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        if obj is not None and obj.in_bin:
            return False
        return super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        if not change and obj.owner_id is None and roles_of(request.user) & LOOK_AFTER_CUSTOMERS:
            obj.owner = member(request)
        super().save_model(request, obj, form, change)
        for text in obj.contradictions():
            messages.warning(request, text)

    def response_add(
        self, request: HttpRequest, obj: Customer, post_url_continue: str | None = None
    ) -> HttpResponse:
        """From the few fields of adding on to the whole page."""
        if "_addanother" not in request.POST and "_popup" not in request.POST:
            posted: Any = request.POST.copy()
            posted["_continue"] = "yes"
            request.POST = posted
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        """Back to the page one works on, in the tab one was in."""
        if "_popup" in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, _("Saved."), messages.SUCCESS)
        return HttpResponseRedirect(request.get_full_path())

    def told_fields_of(self, request: HttpRequest, customer: Customer) -> list[Any]:
        """The fields a history of this customer tells of."""
        return self._told_fields(request, customer)


def _note_when_shown(response: HttpResponse, request: HttpRequest, customer: Customer) -> None:
    """Once the page is made, so that it waits for nothing."""

    def note(rendered: HttpResponse) -> None:
        note_seen(user=member(request), customer=customer)

    if isinstance(response, TemplateResponse):
        response.add_post_render_callback(note)
