"""What the pages of the desk share."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _g

from customers import due
from customers.interactions import Logged
from customers.models import Customer


def customer_seen(request: HttpRequest, site: Any, customer_id: UUID) -> Customer:
    customer = Customer.with_bin.select_related("owner").filter(pk=customer_id).first()
    if customer is None:
        raise Http404(_g("There is no such customer."))
    if not site.get_model_admin(Customer).has_view_permission(request, customer):
        raise PermissionDenied
    return customer


def refuse(form: Any, problem: ValidationError) -> None:
    """What a service found wrong, at the field where the form asks for it."""
    asked_as = {"due_at": "day", "assigned_to": "who"}
    for name, errors in problem.message_dict.items():
        field = asked_as.get(name, name)
        form.add_error(field if field in form.fields else None, errors)


def tell(request: HttpRequest, logged: Logged) -> None:
    kind = logged.interaction.get_kind_display()
    if logged.again:
        messages.info(request, _g("%(kind)s: this was logged already, once.") % {"kind": kind})
        return
    if logged.follow_up is None:
        messages.success(request, _g("%(kind)s logged.") % {"kind": kind})
        return
    told = _g("%(kind)s logged. Follow-up: %(day)s, %(who)s.")
    one = logged.follow_up
    words = {"kind": kind, "day": due.in_words(one.due_at), "who": one.assigned_to}
    messages.success(request, told % words)
    warn_of_past(request, one)


def warn_of_past(request: HttpRequest, follow_up: Any) -> None:
    if follow_up.overdue:
        messages.warning(request, _g("Its time is past already, so it stands as overdue."))
