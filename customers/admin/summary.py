"""What stands on top of a customer's page: who this is and how to reach them."""

from typing import Any
from urllib.parse import quote

from django.urls import reverse

from audit.disclosure import Level, level, shown
from customers.models import Customer
from encryption.errors import CannotOpen
from staff.models import User


def summary_of(customer: Customer, user: User) -> dict[str, Any]:
    """Everything the summary shows, as far as `user` may see it."""
    return {
        "name": customer.display_name or customer.number,
        "number": customer.number,
        "stage": customer.stage,
        "stage_label": customer.get_stage_display(),
        "owner": str(customer.owner) if customer.owner_id else "",
        "age": age_seen(customer, user),
        "phone": shown(user, customer, "phone"),
        "phone_link": link_for(customer, user, "phone", "tel"),
        "email": shown(user, customer, "email"),
        "email_link": link_for(customer, user, "email", "mailto"),
        "national_id": shown(user, customer, "national_id"),
        "place": ", ".join(filter(None, (customer.city, customer.country))),
        "employer": str(customer.employer) if customer.employer_id else "",
        "employer_url": page_of(customer.employer_id) if customer.employer_id else "",
        "in_bin": customer.in_bin,
        "binned_at": customer.binned_at,
        "history_url": reverse("admin:customers_customer_history", args=[customer.pk]),
    }


def link_for(customer: Customer, user: User, field: str, scheme: str) -> str:
    """A link that calls or writes, for whoever may see the value in clear; else nothing."""
    if level(user, Customer, field, customer) is not Level.CLEAR:
        return ""
    try:
        value = getattr(customer, field)
    except CannotOpen:
        return ""
    return f"{scheme}:{quote(value, safe='+@')}" if value else ""


def age_seen(customer: Customer, user: User) -> int | None:
    """The age tells no more than the year that stays visible of a masked birth date."""
    if level(user, Customer, "birth_date", customer) is Level.HIDDEN:
        return None
    try:
        return customer.age
    except CannotOpen:
        return None


def page_of(key: Any) -> str:
    return reverse("admin:customers_customer_change", args=[key])
