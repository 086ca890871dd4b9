"""The list of customers and the page of one."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import CHECKBOX_CLASSES

from audit.admin import AuditedAdmin
from audit.disclosure import shown
from customers.admin.bin import BinDoors, list_url
from customers.admin.filters import (
    BinFilter,
    CountryFilter,
    OwnerFilter,
    SourceFilter,
    TagFilter,
)
from customers.admin.forms import CustomerForm
from customers.admin.lists import SEARCH_TERM, CustomerChangeList, term_of, who_binned
from customers.admin.summary import summary_of
from customers.models import Customer
from staff.requests import member
from staff.roles import Role, roles_of

STOCK_TICK: Any = AuditedAdmin.action_checkbox
TICK_CLASSES = " ".join(["action-select", *CHECKBOX_CLASSES])
OF_PERSONS = "typeof kind === 'undefined' || kind !== 'organisation'"
OF_ORGANISATIONS = "typeof kind === 'undefined' || kind === 'organisation'"
# What the page keeps beside its customer while it is made.
VIEWER, SOURCES_TOLD = "_viewer", "_sources_told"
LOOK_AFTER_CUSTOMERS = frozenset({Role.SALES, Role.SERVICE})


@admin.register(Customer)
class CustomerAdmin(BinDoors, AuditedAdmin):
    form = CustomerForm
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count of the whole table for each choice
    list_per_page = 50
    list_disable_select_all = True
    change_list_template = "customers/change_list.html"
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

    list_display = (
        "name",
        "number",
        "email",
        "phone",
        "city",
        "stage_label",
        "owner",
        "updated",
    )
    list_filter = (
        "stage",
        "kind",
        OwnerFilter,
        CountryFilter,
        TagFilter,
        SourceFilter,
        BinFilter,
    )
    sortable_by = ("number", "city", "updated")
    ordering = ("-updated_at",)
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
    actions = ("move_to_bin", "bring_back")

    # The list --------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        search = self.admin_site.admin_view(self.search_view)
        return [path("search/", search, name="customers_customer_search"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest):
        """The bin too: its pages open. The list hides it (`CustomerChangeList`)."""
        customers = Customer.with_bin.select_related("owner")
        return customers.order_by(*self.get_ordering(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CustomerChangeList]:
        return CustomerChangeList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        if self.shows_bin(request):
            return ["name", "number", "city", "binned", "binned_by", "binned_why"]
        return super().get_list_display(request)

    def get_list_filter(self, request: HttpRequest) -> list[Any] | tuple[Any, ...]:
        return () if term_of(request) is not None else super().get_list_filter(request)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        alone = term_of(request) is not None or self.shows_bin(request)
        return () if alone else self.sortable_by

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if "q" in request.GET:  # a search of the stock list, from a link or by habit
            return HttpResponseRedirect(list_url())
        extra = {
            "searched": False,
            "in_bin": self.shows_bin(request),
            "import_url": import_url(request),
        }
        response = super().changelist_view(request, {**extra, **(extra_context or {})})
        context = getattr(response, "context_data", None) or {}
        if (cl := context.get("cl")) is not None:
            context["more_than_shown"] = len(cl.result_list) == self.list_per_page
            context["nobody_yet"] = not (cl.result_list or request.GET or term_of(request))
        return response

    @method_decorator([sensitive_post_parameters("term"), never_cache])
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """The list narrowed to a term that came in a POST, and goes nowhere but to the page."""
        if request.method != "POST":
            return HttpResponseRedirect(list_url())
        if "action" in request.POST:
            return self.changelist_view(request)
        term = request.POST.get("term", "").strip()
        if not term:
            return HttpResponseRedirect(list_url())
        setattr(request, SEARCH_TERM, term)
        return self.changelist_view(request, {"searched": True, "customer_term": term})

    @display(description=STOCK_TICK.short_description)
    def action_checkbox(self, customer: Customer) -> str:
        """As the theme's, from one rendering instead of one for each row."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="{}" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            customer.pk,
            TICK_CLASSES,
            _("Select %s") % customer.number,
        )

    @display(description=_("name"))
    def name(self, customer: Customer) -> str:
        name = customer.display_name or "—"
        if customer.kind != Customer.Kind.ORGANISATION:
            return name
        return format_html('{} <small class="customer-kind">{}</small>', name, _("organisation"))

    @display(description=_("stage"))
    def stage_label(self, customer: Customer) -> str:
        return format_html(
            '<span class="customer-stage customer-stage-{}">{}</span>',
            customer.stage,
            customer.get_stage_display(),
        )

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, customer: Customer) -> str:
        return when(customer.updated_at)

    @display(description=_("in the bin since"))
    def binned(self, customer: Customer) -> str:
        return when(customer.binned_at)

    @display(description=_("moved by"))
    def binned_by(self, customer: Customer) -> str:
        return who_binned(customer)[0] or "—"

    @display(description=_("why"))
    def binned_why(self, customer: Customer) -> str:
        return who_binned(customer)[1] or "—"

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


def when(moment: Any) -> str:
    """How long ago, with the exact time for whoever points at it."""
    local = localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        date_format(local, "DATETIME_FORMAT"),
        naturaltime(moment),
    )


def import_url(request: HttpRequest) -> str:
    """Where a file is brought in, for whoever may."""
    if not request.user.has_perm("customers.add_importbatch"):
        return ""
    return reverse("admin:customers_importbatch_add")
