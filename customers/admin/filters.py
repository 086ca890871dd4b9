"""Filters of the customer list: what `customers.list_filters` offers, as the admin wants it."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.list_filters import FILTERS, Asked


class ListFilter(SimpleListFilter):
    """One of `FILTERS`; the subclass says which by its parameter."""

    title: Any = ""
    template = "customers/list/filter.html"

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        self.asked = Asked(request.user, timezone.now())
        self.filter = FILTERS[str(self.parameter_name)]
        self.title = self.filter.title
        super().__init__(request, params, model, model_admin)
        # Asked once: in words for the page, and None for a value that means nothing any more.
        self.label = self.filter.label(value) if (value := self.value()) else None

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, label in self.filter.offered(self.asked)]

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        if not value:
            return queryset
        if self.label is None:
            return queryset.none()
        return self.filter.narrow(queryset, value, self.asked)


class BinFilter(SimpleListFilter):
    """Shows the bin instead of the list; the change list itself keeps the two apart."""

    title = _("bin")
    parameter_name = "bin"

    def lookups(self, request, model_admin):
        return [("yes", _("in the bin"))] if model_admin.may_see_bin(request) else []

    def queryset(self, request, queryset):
        return queryset


def list_filters() -> tuple[type[SimpleListFilter], ...]:
    """A filter of the sheet for each of `FILTERS`, and the bin."""
    made = (
        type("ListFilter", (ListFilter,), {"parameter_name": name, "__module__": __name__})
        for name in FILTERS
    )
    return (*made, BinFilter)
