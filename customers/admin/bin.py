"""Into the bin and back: the admin's doors to the two services."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from audit.admin import AuditedAdmin
from customers.admin.forms import BinForm
from customers.admin.links import page_of
from customers.admin.lists import asks_for_bin
from customers.list_filters import is_key
from customers.models import Customer, CustomerQuerySet
from customers.services import bin_customers, restore_customers
from staff.pages import own_page
from staff.requests import member

AT_MOST = 500


class BinDoors(AuditedAdmin):
    """Part of the page of customers. What Django calls deleting is moving to the bin here."""

    def may_see_bin(self, request: HttpRequest) -> bool:
        return self.has_restore_permission(request) or self.has_delete_permission(request)

    def shows_bin(self, request: HttpRequest) -> bool:
        return asks_for_bin(request) and self.may_see_bin(request)

    def has_restore_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return request.user.has_perm("customers.restore_customer")

    def get_urls(self) -> list[Any]:
        restore = self.admin_site.admin_view(require_POST(self.restore_view))
        return [
            path("<path:object_id>/restore/", restore, name="customers_customer_restore"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        actions.pop("move_to_bin" if self.shows_bin(request) else "bring_back", None)
        return actions

    def response_action(
        self, request: HttpRequest, queryset: Any, *args: Any
    ) -> HttpResponse | None:
        """Ticks that are no keys are none: stock Django stumbles over them."""
        posted: Any = request.POST.copy()
        ticked = posted.getlist("_selected_action")[:AT_MOST]
        posted.setlist("_selected_action", [key for key in ticked if is_key(key)])
        request.POST = posted
        return super().response_action(request, queryset, *args)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        customer = self.get_object(request, unquote(object_id))
        if customer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, customer):
            raise PermissionDenied
        chosen = Customer.objects.filter(pk=customer.pk)
        return self._bin_page(request, chosen) or HttpResponseRedirect(list_url())

    def delete_model(self, request: HttpRequest, obj: Customer) -> None:
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        raise PermissionDenied

    @admin.action(description=_("Move to the bin…"), permissions=["delete"])
    def move_to_bin(self, request: HttpRequest, queryset: CustomerQuerySet) -> HttpResponse | None:
        return self._bin_page(request, selected(request), action="move_to_bin")

    @admin.action(description=_("Bring back from the bin"), permissions=["restore"])
    def bring_back(self, request: HttpRequest, queryset: CustomerQuerySet) -> None:
        self._bring_back(request, selected(request, Customer.with_bin.in_bin()))

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        customer = self.get_object(request, unquote(object_id))
        if customer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_restore_permission(request, customer):
            raise PermissionDenied
        self._bring_back(request, Customer.with_bin.filter(pk=customer.pk))
        return HttpResponseRedirect(page_of(customer.pk))

    def _bring_back(self, request: HttpRequest, customers: CustomerQuerySet) -> None:
        back = restore_customers(actor=member(request), customers=customers)
        told = ngettext(
            "%(count)d customer is back, whole.", "%(count)d customers are back, whole.", back
        )
        self.message_user(request, told % {"count": back}, messages.SUCCESS)

    def _bin_page(
        self, request: HttpRequest, customers: CustomerQuerySet, action: str = ""
    ) -> HttpResponse | None:
        """The page that asks why; None when it was answered and the customers are in the bin."""
        confirmed = request.POST.get("confirmed") == "yes"
        form = BinForm(request.POST if confirmed else None)
        if confirmed and form.is_valid():
            moved = bin_customers(
                actor=member(request), customers=customers, reason=form.cleaned_data["reason"]
            )
            told = ngettext(
                "%(count)d customer is in the bin and can be brought back from there.",
                "%(count)d customers are in the bin and can be brought back from there.",
                moved,
            )
            self.message_user(request, told % {"count": moved}, messages.SUCCESS)
            return None
        context = {
            "customers": customers[:AT_MOST],
            "form": form,
            "action": action,
            "back_url": list_url(),
        }
        title = _("Move to the bin")
        return own_page(self, request, "customers/move_to_bin.html", title, context)


def selected(request: HttpRequest, among: CustomerQuerySet | None = None) -> CustomerQuerySet:
    """The rows that were ticked: of a list without end, "all" is never meant."""
    ticked = request.POST.getlist("_selected_action")
    return (Customer.objects.all() if among is None else among).filter(pk__in=ticked)


def list_url() -> str:
    return reverse("admin:customers_customer_changelist")
