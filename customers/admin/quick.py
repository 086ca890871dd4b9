"""What is decided most often on a customer's page, from its summary: the stage, and who looks
after somebody nobody looks after."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.admin import AuditedAdmin
from customers.admin.links import page_of
from customers.bulk.deeds import may_change
from customers.errors import NotPossible
from customers.models import Customer
from customers.models.bulk import BulkAction
from customers.models.choices import Stage
from customers.services import look_after, set_stage
from staff.requests import member


class QuickDoors(AuditedAdmin):
    """Part of the page of a customer."""

    def get_urls(self) -> list[Any]:
        def door(verb: str, view: Any) -> Any:
            guarded = self.admin_site.admin_view(require_POST(view))
            return path(f"<uuid:key>/{verb}/", guarded, name=f"customers_customer_{verb}")

        return [
            door("stage", self.stage_view),
            door("look_after", self.look_after_view),
            *super().get_urls(),
        ]

    def stage_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """To the stage that was pressed, if the customer still is in the one that was shown."""
        stage, shown = request.POST.get("stage"), request.POST.get("shown")
        if stage not in Stage.values or shown not in Stage.values:
            raise Http404
        told = _("The stage is now “%(stage)s”.") % {"stage": Stage(stage).label}
        return self._quickly(
            request,
            key,
            BulkAction.SET_STAGE,
            lambda customer: set_stage(
                actor=member(request), customer=customer, stage=stage, shown=shown
            ),
            told,
        )

    def look_after_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        return self._quickly(
            request,
            key,
            BulkAction.ASSIGN_OWNER,
            lambda customer: look_after(actor=member(request), customer=customer),
            _("You look after this customer now."),
        )

    def _quickly(
        self,
        request: HttpRequest,
        key: UUID,
        action: BulkAction,
        do: Callable[[Customer], None],
        told: str,
    ) -> HttpResponse:
        customer = self.get_object(request, str(key))
        if customer is None:
            raise Http404
        if not customer.in_bin and not may_quickly(request, customer, action):
            raise PermissionDenied
        try:
            do(customer)
        except NotPossible as why:
            messages.error(request, str(why))
        else:
            messages.success(request, told)
        return HttpResponseRedirect(page_of(key))


def may_quickly(request: HttpRequest, customer: Customer, action: BulkAction) -> bool:
    """As many at once are changed, so is one."""
    return may_change(member(request), customer, action)


def quick_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the summary offers of this."""
    offered: dict[str, Any] = {}
    if may_quickly(request, customer, BulkAction.SET_STAGE):
        offered["stages"] = [one for one in Stage.choices if one[0] != customer.stage]
        offered["stage_url"] = reverse("admin:customers_customer_stage", args=[customer.pk])
    if customer.owner_id is None and may_quickly(request, customer, BulkAction.ASSIGN_OWNER):
        offered["look_after_url"] = reverse(
            "admin:customers_customer_look_after", args=[customer.pk]
        )
    return offered
