"""What the customer's page includes of the desk: the log box and the timeline, ready for templates.

context |= desk_context(request, customer)
{% include "customers/desk/log_box.html" %} {% include "customers/desk/timeline.html" %}
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from customers.admin.desk_forms import LogForm
from customers.admin.links import page_of
from customers.interactions import may_log, may_plan
from customers.models import Customer
from customers.timeline import timeline_of
from customers.timeline.paging import kinds_of
from staff.requests import member

BACK = "back"


def desk_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Both at once."""
    return {**log_context(request, customer), **timeline_context(request, customer)}


def log_context(
    request: HttpRequest, customer: Customer, form: LogForm | None = None
) -> dict[str, Any]:
    """The log box; nothing of it for whoever may not write."""
    user = member(request)
    if not may_log(user, customer):
        return {"log_form": None}
    return {
        "log_form": form or LogForm(user=user),
        "log_customer": customer,
        "log_url": reverse("admin:customers_interaction_log", args=[customer.pk]),
        "log_may_plan": may_plan(user, customer),
        "plan_url": reverse("admin:customers_followup_plan", args=[customer.pk]),
    }


def timeline_context(
    request: HttpRequest, customer: Customer, *, before: str = "", kind: str = ""
) -> dict[str, Any]:
    """The newest page of the timeline, or the one a link asked for."""
    user = member(request)
    url = reverse("admin:customers_interaction_timeline", args=[customer.pk])
    page = timeline_of(customer, user, before=before, kind=kind)
    return {
        "timeline": page,
        "timeline_url": url,
        "timeline_kinds": kinds_of(user),
        "timeline_back": page_of(customer.pk),
    }


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where a form asked to go on, if that is a page of ours; "back" is where it came from."""
    wanted = request.POST.get("next", "")
    if wanted == BACK:
        came_from = urlsplit(request.headers.get("Referer", ""))
        here = came_from.netloc == request.get_host()
        wanted = urlunsplit(("", "", came_from.path, came_from.query, "")) if here else ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else otherwise
