"""The change list of customers: the list, the bin and the answer to a search, never mixed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from customers.admin.columns import gather, joins_of
from customers.models import Customer
from customers.search import find_customers

SEARCH_TERM = "customer_term"
BINNED = "_who_binned"
VIEW = "view"


def term_of(request: HttpRequest) -> str | None:
    """What somebody looks for; only ever on the request, never in its URL or session."""
    return getattr(request, SEARCH_TERM, None)


def asks_for_bin(request: HttpRequest) -> bool:
    """Whether the bin is meant; a search looks outside it wherever it was typed."""
    return request.GET.get("bin") == "yes" and term_of(request) is None


class CustomerChangeList(ChangeList):
    """Hides the bin unless it is asked for, and narrows to what was searched."""

    root_queryset: Any
    result_list: list[Customer]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._query_strings: dict[Any, str] = {}
        super().__init__(*args, **kwargs)

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet:
        customers = self.root_queryset
        term = term_of(request)
        self.in_bin = False
        if term is not None:
            self.root_queryset = find_customers(term, request.user)
        elif self.model_admin.shows_bin(request):
            self.in_bin = True
            self.root_queryset = customers.in_bin()
        else:
            self.root_queryset = customers.visible()
        narrowed = super().get_queryset(request, exclude_parameters)
        joins = {"owner", *joins_of(self.list_display)}
        # Fifty long notes, sealed, are read for nothing.
        return narrowed.select_related(*joins).defer("notes", "street", "national_id")

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Which saved view is shown narrows nothing: its filters stand beside it."""
        found: dict[str, Any] = super().get_filters_params(params)
        found.pop(VIEW, None)
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """The key in the direction of the column: so an index read backwards serves as well."""
        column, *_rest = super().get_ordering(request, queryset)
        return [column, "-pk" if str(column).startswith("-") else "pk"]

    def get_ordering_field(self, field_name: Any) -> Any:
        """Nothing for a column no index serves, also where a link asks for it all the same."""
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)

    def get_ordering_field_columns(self) -> dict[int, str]:
        """Remembered: the theme asks for it once for each row, a fifth of the page's time."""
        if not hasattr(self, "_ordering_columns"):
            self._ordering_columns = super().get_ordering_field_columns()
        return self._ordering_columns

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Remembered: the theme makes the links of the header anew for each row."""
        # A parameter given twice is a list.
        asked = (repr(new_params or {}), repr(list(remove or ())))
        if asked not in self._query_strings:
            self._query_strings[asked] = super().get_query_string(new_params, remove)
        return self._query_strings[asked]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        if self.in_bin:
            tell_who_binned(self.result_list)
        gather(self.list_display, self.result_list)


def tell_who_binned(customers: list[Customer]) -> None:
    """Put who moved each customer to the bin, and why, beside it: one query for all of them."""
    since = {customer.pk: customer.binned_at for customer in customers}
    told: dict[Any, tuple[str, str]] = {}
    rows = Customer.history.filter(id__in=since, binned_at__isnull=False).order_by("history_id")
    for key, binned_at, actor, reason in rows.values_list(
        "id", "binned_at", "history_actor", "history_change_reason"
    ):
        if binned_at == since[key]:
            told.setdefault(key, (actor, reason))
    for customer in customers:
        setattr(customer, BINNED, told.get(customer.pk, ("", "")))


def who_binned(customer: Customer) -> tuple[str, str]:
    """Who, and why, once `tell_who_binned` was asked."""
    return getattr(customer, BINNED, ("", ""))
