"""What stands on top of a customer's page: who this is and how to reach them."""

from typing import Any

from django.urls import reverse

from audit.disclosure import Level, level, shown
from customers.admin.links import page_of
from customers.models import Customer
from customers.models.choices import country_name
from customers.reach import link_for, spaced
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
        **age_seen(customer, user),
        "phone": spaced(shown(user, customer, "phone")),
        "phone_link": link_for(customer, user, "phone", "tel"),
        "phone_plain": shown(user, customer, "phone"),
        "email": shown(user, customer, "email"),
        "email_link": link_for(customer, user, "email", "mailto"),
        "national_id": shown(user, customer, "national_id"),
        "place": ", ".join(filter(None, (customer.city, country_name(customer.country)))),
        "employer": employer_name(customer),
        "employer_url": page_of(customer.employer_id) if customer.employer_id else "",
        "history_url": reverse("admin:customers_customer_history", args=[customer.pk]),
        "may_change": not customer.in_bin and user.has_perm("customers.change_customer"),
        "in_bin": customer.in_bin,
        "binned_at": customer.binned_at,
    }


def age_seen(customer: Customer, user: User) -> dict[str, int]:
    """The age, for whoever reads the birth date. Of a masked one the year is seen; an age beside it
    would tell, from one day to the next, the day: so only what the year tells as well."""
    allowed = level(user, Customer, "birth_date", customer)
    try:
        age, born = customer.age, customer.birth_date
    except CannotOpen:
        return {}
    if age is None or allowed is Level.HIDDEN:
        return {}
    return {"age": age} if allowed is Level.CLEAR else {"born": born.year}


def employer_name(customer: Customer) -> str:
    employer = customer.employer
    return (employer.display_name or employer.number) if employer else ""
