"""The list of customers: a part of their admin, which `people.py` puts together."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import CHECKBOX_CLASSES

from audit.admin import AuditedAdmin
from audit.admin.columns import columns_for
from customers.admin.bin import BinDoors, list_url
from customers.admin.bulk_doors import SEARCHED, BulkDoors
from customers.admin.columns import DEFAULT, ListColumns
from customers.admin.filters import ListFilter, list_filters
from customers.admin.lists import SEARCH_TERM, CustomerChangeList, term_of, who_binned
from customers.admin.views import SORTABLE, VIEW, ViewDoors
from customers.models import Customer
from customers.pace import looking, too_fast
from staff.pages import ago

STOCK_TICK: Any = AuditedAdmin.action_checkbox
TICK_CLASSES = " ".join(["action-select", *CHECKBOX_CLASSES])


class CustomerList(ListColumns, ViewDoors, BulkDoors, BinDoors, AuditedAdmin):
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count of the whole table for each choice
    list_per_page = 50
    list_sections = ()  # said, for the theme asks twice for each row, and long where it is not
    list_disable_select_all = True
    change_list_template = "customers/change_list.html"
    list_before_template = "customers/list/tabs.html"

    list_display = DEFAULT
    list_filter = list_filters()
    sortable_by = SORTABLE
    ordering = ("-updated_at",)
    actions = ("move_to_bin", "bring_back")

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
        return columns_for(self.model, self.list_columns(request), request.user, "list")

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
        if not request.GET and request.method == "GET" and (first := self.first_link(request)):
            return HttpResponseRedirect(first)
        extra = {
            "searched": False,
            "in_bin": self.shows_bin(request),
            "import_url": import_url(request),
            **({} if term_of(request) is not None else self.list_context(request)),
        }
        response = super().changelist_view(request, {**extra, **(extra_context or {})})
        context = getattr(response, "context_data", None) or {}
        if (cl := context.get("cl")) is not None:
            context["more_than_shown"] = len(cl.result_list) == self.list_per_page
            asked = set(request.GET) - {VIEW}
            context["nobody_yet"] = not (cl.result_list or asked or term_of(request))
            context["narrowed_by"] = narrowed_by(cl)
            context["all_can_be_meant"] = not (term_of(request) is not None or cl.in_bin) and (
                context["more_than_shown"] or cl.page_num > 1
            )
        return response

    @method_decorator([sensitive_post_parameters("term"), never_cache])
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """The list narrowed to a term that came in a POST, and goes nowhere but to the page."""
        if request.method != "POST":
            return HttpResponseRedirect(list_url())
        if "action" in request.POST:
            setattr(request, SEARCHED, True)
            return self.changelist_view(request)
        term = request.POST.get("term", "").strip()
        if not term:
            return HttpResponseRedirect(list_url())
        if not looking.allows(request.user.pk):
            messages.warning(request, too_fast())
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

    @display(description=_("in the bin since"))
    def binned(self, customer: Customer) -> str:
        return ago(customer.binned_at)

    @display(description=_("moved by"))
    def binned_by(self, customer: Customer) -> str:
        return who_binned(customer)[0] or "—"

    @display(description=_("why"))
    def binned_why(self, customer: Customer) -> str:
        return who_binned(customer)[1] or "—"


def narrowed_by(cl: Any) -> list[dict[str, Any]]:
    """The filters in force, in words, each with the way to do without it."""
    told = []
    for spec in cl.filter_specs:
        if isinstance(spec, ListFilter) and spec.value():
            without = cl.get_query_string(remove=[spec.parameter_name])
            told.append({"title": spec.title, "label": spec.label, "without": without})
    return told


def import_url(request: HttpRequest) -> str:
    """Where a file is brought in, for whoever may."""
    if not request.user.has_perm("customers.add_importbatch"):
        return ""
    return reverse("admin:customers_importbatch_add")
