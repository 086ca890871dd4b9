"""What stands on top of a customer's page: who this is and how to reach them."""

from typing import Any
from urllib.parse import quote

import phonenumbers
from django.urls import reverse

from audit.disclosure import Level, level, shown
from customers.list_filters import country_name
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
        "phone": spaced(shown(user, customer, "phone")),
        "phone_link": link_for(customer, user, "phone", "tel"),
        "email": shown(user, customer, "email"),
        "email_link": link_for(customer, user, "email", "mailto"),
        "national_id": shown(user, customer, "national_id"),
        "place": ", ".join(filter(None, (customer.city, country_name(customer.country)))),
        "employer": employer_name(customer),
        "employer_url": page_of(customer.employer_id) if customer.employer_id else "",
        "in_bin": customer.in_bin,
        "binned_at": customer.binned_at,
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


def spaced(phone: str) -> str:
    """A number as one reads it out: +86 138 1234 5678. Whatever is none stays as it is."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != phone:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def age_seen(customer: Customer, user: User) -> int | None:
    """The age tells no more than the year that stays visible of a masked birth date."""
    if level(user, Customer, "birth_date", customer) is Level.HIDDEN:
        return None
    try:
        return customer.age
    except CannotOpen:
        return None


def employer_name(customer: Customer) -> str:
    employer = customer.employer
    return (employer.display_name or employer.number) if employer else ""


def page_of(key: Any) -> str:
    return reverse("admin:customers_customer_change", args=[key])
