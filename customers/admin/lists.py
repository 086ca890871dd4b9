"""The change list of customers: the list, the bin and the answer to a search, never mixed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from customers.search import find_customers

SEARCH_TERM = "customer_term"


def term_of(request: HttpRequest) -> str | None:
    """What somebody looks for; only ever on the request, never in its URL or session."""
    return getattr(request, SEARCH_TERM, None)


def asks_for_bin(request: HttpRequest) -> bool:
    return request.GET.get("bin") == "yes"


class CustomerChangeList(ChangeList):
    """Hides the bin unless it is asked for, and narrows to what was searched."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet:
        customers = self.root_queryset
        term = term_of(request)
        if term is not None:
            self.root_queryset = find_customers(term, request.user)
        elif asks_for_bin(request) and self.model_admin.may_see_bin(request):
            self.root_queryset = customers.in_bin()
        else:
            self.root_queryset = customers.visible()
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        """Beside the rows, whether there is anything at all: an empty house gets a welcome."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.more_than_shown = len(self.result_list) == self.list_per_page

    def url_for_result(self, result: Any) -> str:
        return super().url_for_result(result)
