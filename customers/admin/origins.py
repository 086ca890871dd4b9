"""Where each value of a customer comes from: read out of the whole history, so on demand alone."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit.admin import AuditedAdmin
from customers.provenance import provenance_of
from staff.pages import own_page
from staff.requests import member


class OriginDoors(AuditedAdmin):
    """Part of the page of a customer: a page of its own, which the tab of sources takes in."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.origins_view))
        return [
            path("<uuid:key>/origins/", view, name="customers_customer_origins"),
            *super().get_urls(),
        ]

    def origins_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        customer = self.get_object(request, str(key))
        if customer is None:
            raise Http404
        if not self.has_view_permission(request, customer):
            raise PermissionDenied
        context = {"customer": customer, "lines": provenance_of(customer, member(request))}
        title = _("Where each value comes from")
        return own_page(self, request, "customers/page/origins.html", title, context)
