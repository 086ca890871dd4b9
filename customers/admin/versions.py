"""What staff are told when an old version of a customer was put back."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from audit.admin import AuditedAdmin
from customers.admin.links import links_to
from customers.contacts import possible_duplicates
from customers.models import Customer
from encryption.errors import CannotOpen


class OldVersions(AuditedAdmin):
    """Part of the page of a customer."""

    def tell_put_back(self, request: HttpRequest, obj: Customer, names: list[str]) -> None:
        """As a form does: others with the same e-mail or phone are named, and nothing stopped."""
        super().tell_put_back(request, obj, names)
        if not isinstance(obj, Customer):  # something that belongs to one
            return
        email, phone = (_value(obj, name) if name in names else None for name in ("email", "phone"))
        found = possible_duplicates(("email", email, ""), ("phone", phone, ""), but=obj.pk)
        if found:
            told = _("We know somebody else with this e-mail or phone: {customers}.")
            messages.warning(request, format_html(told, customers=links_to(found)))


def _value(customer: Customer, name: str) -> str | None:
    try:
        return getattr(customer, name)
    except CannotOpen:
        return None
