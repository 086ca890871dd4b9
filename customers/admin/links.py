"""The ways to a customer's page."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join

from customers.models import Customer


def page_of(key: Any) -> str:
    """The address of a customer's page."""
    return reverse("admin:customers_customer_change", args=[key])


def link_to(customer: Customer) -> str:
    name = customer.display_name or customer.number
    return format_html('<a href="{}">{}</a>', page_of(customer.pk), name)


def links_to(customers: Iterable[Customer]) -> str:
    """Several, with their numbers, to be put into a sentence."""
    return format_html_join(
        ", ",
        '<a class="customer-link" href="{}">{}</a>',
        ((page_of(one.pk), str(one)) for one in customers),
    )
