"""What the page of a customer is made of: a summary that stays, and tabs below it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.changes import Step, Wording, rows_of, steps
from audit.disclosure import shown
from customers.admin.contact_rows import places_of, reaches_of
from customers.admin.desk_page import desk_context
from customers.admin.findings import findings_of
from customers.admin.related import related_tabs
from customers.models import Customer
from staff.models import User

LATEST_STEPS = 10
ROWS_AT_FIRST = 50


@dataclass(frozen=True)
class Tab:
    """One tab; without a number where nobody counts."""

    slug: str
    label: str
    count: int | None = None


def tabs_of(request: HttpRequest, customer: Customer, model_admin: Any, user: User) -> Any:
    """Everything the tabs show, as far as `user` may see it. The number of queries does not
    depend on how much there is."""
    may = _permissions(request, customer, model_admin)
    reaches = reaches_of(customer, user) if may["view_contactpoint"] else []
    places = places_of(customer, user) if may["view_address"] else []
    related = related_tabs(request, customer, model_admin.admin_site)
    tabs = [Tab("timeline", _("Timeline")), Tab("details", _("Details"))]
    if may["view_contactpoint"]:
        tabs.append(Tab("contact-points", _("Contact points"), len(reaches)))
    if may["view_address"]:
        tabs.append(Tab("addresses", _("Addresses"), len(places)))
    tabs += [Tab(one.slug, one.label, one.count) for one in related]
    findings = findings_of(
        customer,
        reaches if may["view_contactpoint"] else None,
        places if may["view_address"] else None,
    )
    tabs += [
        Tab("sources", _("Sources")),
        Tab("quality", _("Quality"), len(findings)),
        Tab("history", _("History")),
    ]
    return {
        "customer": customer,
        "desk": desk_context(request, customer) if may["view_interaction"] else {},
        "tabs": tabs,
        "start": "details" if request.method == "POST" else tabs[0].slug,
        "may": may,
        "reaches": reaches,
        "reaches_shown": reaches if "all" in request.GET else reaches[:ROWS_AT_FIRST],
        "places": places,
        "related": related,
        "findings": findings,
        "sources": sources_of(customer, user),
        "steps": latest_steps(request, customer, model_admin),
        "history_url": reverse("admin:customers_customer_history", args=[customer.pk]),
    }


def sources_of(customer: Customer, user: User) -> list[dict[str, Any]]:
    """Every system that knows this customer."""
    return [
        {
            "source": record.source.name,
            "external_id": shown(user, record, "external_id"),
            "first_seen": record.first_seen,
            "last_seen": record.last_seen,
        }
        for record in customer.source_records.select_related("source").order_by("first_seen")
    ]


def latest_steps(request: HttpRequest, customer: Customer, model_admin: Any) -> list[Step]:
    """The newest steps of the history; the whole of it has a page of its own."""
    rows = list(rows_of(Customer, customer.pk)[: LATEST_STEPS + 1])
    fields = model_admin.told_fields_of(request, customer)
    older = rows[LATEST_STEPS] if len(rows) > LATEST_STEPS else None
    return steps(rows[:LATEST_STEPS], older, Wording(fields, rows, customer.pk))


def _permissions(request: HttpRequest, customer: Customer, model_admin: Any) -> dict[str, bool]:
    """What the person may do here; in the bin nothing is changed."""
    has = request.user.has_perm
    may = {
        f"{action}_{model}": has(f"customers.{action}_{model}")
        and (action == "view" or not customer.in_bin)
        for model in ("contactpoint", "address", "interaction", "followup")
        for action in ("view", "add", "change", "delete")
    }
    may["change"] = not customer.in_bin and has("customers.change_customer")
    return may
