"""Filters of the customer list. None of them reads the customers to know what it offers."""

import pycountry
from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from customers.facets import distinct_values
from customers.models import CustomerTag, Source
from customers.search import countries_present
from staff.models import User

NOBODY = "nobody"
ME = "me"


class OwnerFilter(SimpleListFilter):
    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request, model_admin):
        staff = User.objects.filter(is_active=True).exclude(pk=request.user.pk)
        return [
            (ME, _("me")),
            (NOBODY, _("nobody")),
            *((str(member.pk), str(member)) for member in staff.order_by("first_name", "username")),
        ]

    def queryset(self, request, queryset):
        value = self.value()
        if value is None or value not in dict(self.lookup_choices):
            return queryset
        if value == NOBODY:
            return queryset.filter(owner__isnull=True)
        return queryset.filter(owner=request.user.pk if value == ME else value)


class SourceFilter(SimpleListFilter):
    title = _("source")
    parameter_name = "source"

    def lookups(self, request, model_admin):
        sources = Source.objects.order_by("name").values_list("pk", "name")
        return [(str(key), name) for key, name in sources]

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(source=self.value())


class CountryFilter(SimpleListFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request, model_admin):
        return sorted(
            ((code, country_name(code)) for code in countries_present()), key=lambda pair: pair[1]
        )

    def queryset(self, request, queryset):
        return queryset.filter(country=self.value()) if self.value() else queryset


class TagFilter(SimpleListFilter):
    """A rare tag is looked up, a common one is asked of each customer on the way down the list.

    Neither way is fast for both: sorting every customer with a common tag takes as long as
    searching the whole list for a rare one.
    """

    title = _("tag")
    parameter_name = "tag"
    rare = 1000

    def lookups(self, request, model_admin):
        return [(word, word) for word in distinct_values(CustomerTag, "word", most=100)]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        tagged = CustomerTag.objects.filter(word=self.value())
        few = list(tagged.values_list("customer", flat=True)[: self.rare + 1])
        if len(few) <= self.rare:
            return queryset.filter(pk__in=few)
        return queryset.filter(Exists(tagged.filter(customer=OuterRef("pk"))))


class BinFilter(SimpleListFilter):
    """Shows the bin instead of the list; the change list itself keeps the two apart."""

    title = _("bin")
    parameter_name = "bin"

    def lookups(self, request, model_admin):
        return [("yes", _("in the bin"))] if model_admin.may_see_bin(request) else []

    def queryset(self, request, queryset):
        return queryset


def country_name(code: str) -> str:
    """The common English name of an ISO country; the code itself where there is none."""
    country = pycountry.countries.get(alpha_2=code)
    return getattr(country, "common_name", country.name) if country else code
