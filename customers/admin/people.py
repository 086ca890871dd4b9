"""The page of one customer; their list is in `customer_list.py`."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.disclosure import shown
from customers.admin.autocomplete import SuggestDoors
from customers.admin.customer_list import CustomerList
from customers.admin.forms import CustomerForm
from customers.admin.summary import summary_of
from customers.models import Customer
from staff.requests import member
from staff.roles import Role, roles_of

OF_PERSONS = "typeof kind === 'undefined' || kind !== 'organisation'"
OF_ORGANISATIONS = "typeof kind === 'undefined' || kind === 'organisation'"
# What the page keeps beside its customer while it is made.
VIEWER, SOURCES_TOLD = "_viewer", "_sources_told"
LOOK_AFTER_CUSTOMERS = frozenset({Role.SALES, Role.SERVICE})


@admin.register(Customer)
class CustomerAdmin(SuggestDoors, CustomerList):
    form = CustomerForm
    change_form_template = "customers/change_form.html"
    warn_unsaved_form = True
    history_fields = ("binned_at",)
    conditional_fields = {
        "given_name": OF_PERSONS,
        "family_name": OF_PERSONS,
        "gender": OF_PERSONS,
        "birth_date": OF_PERSONS,
        "employer": OF_PERSONS,
        "job_title": OF_PERSONS,
        "organisation_name": OF_ORGANISATIONS,
    }

    readonly_fields = ("known_from",)
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
                "classes": ["tab"],
                "fields": ("phone", "email", ("preferred_channel", "language")),
            },
        ),
        (
            _("Address"),
            {
                "classes": ["tab"],
                "fields": ("street", ("postal_code", "city"), ("region", "country")),
            },
        ),
        (
            _("Person and work"),
            {
                "classes": ["tab"],
                "fields": (
                    ("gender", "birth_date"),
                    ("national_id_type", "national_id"),
                    "employer",
                    "job_title",
                ),
            },
        ),
        (_("Notes and tags"), {"classes": ["tab"], "fields": ("tags", "notes")}),
        (
            _("Sources"),
            {"classes": ["tab"], "fields": ("source", "last_confirmed_at", "known_from")},
        ),
    )
    # The page --------------------------------------------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Customer | None:
        customer = super().get_object(request, object_id, from_field)
        if customer is not None:
            setattr(customer, VIEWER, request.user)
        return customer

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        obj: Customer | None = None,
        **kwargs: Any,
    ) -> HttpResponse:
        if obj is not None and obj.pk and not obj._state.adding:
            context["customer_summary"] = self._summary(request, obj)
            context["show_delete"] = False  # the summary offers the bin in its own words
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _summary(self, request: HttpRequest, customer: Customer) -> dict[str, Any]:
        if request.method == "POST":  # as stored: what was typed has just been refused
            customer = Customer.with_bin.select_related("owner").get(pk=customer.pk)
        summary = summary_of(customer, member(request))
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

    @display(description=_("known from"))
    def known_from(self, customer: Customer) -> str:
        """Asked for by the template eight times, hence remembered."""
        if not hasattr(customer, SOURCES_TOLD):
            setattr(customer, SOURCES_TOLD, sources_told(customer))
        return getattr(customer, SOURCES_TOLD)


def sources_told(customer: Customer) -> str:
    """Every system that knows this customer, as a table."""
    viewer = getattr(customer, VIEWER)
    records = [
        {
            "source": record.source.name,
            "external_id": shown(viewer, record, "external_id"),
            "first_seen": record.first_seen,
            "last_seen": record.last_seen,
        }
        for record in customer.source_records.select_related("source").order_by("first_seen")
    ]
    return render_to_string("customers/sources.html", {"records": records})
