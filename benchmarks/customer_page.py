"""How quick the page of one customer is among many, with little on it and with all there may be.

    python -m benchmarks.customer_page [--customers 100000]

Makes a database of its own in a temporary directory. Each page is asked for as a browser asks,
several times; the best counts, and beside it the processor time. "A full page" is a customer with
200 contact points, 1 000 conversations and 5 000 rows of history.
"""

import argparse
import tempfile
from typing import Any

from benchmarks.import_customers import set_up
from benchmarks.the_list import best_of, fill

POINTS, CONVERSATIONS, STEPS = 200, 1_000, 5_000


def fill_page(customer: Any, user: Any) -> None:
    from audit.context import acting
    from customers.models import ContactPoint, Customer, Interaction

    with acting(actor=user, door="system"):
        ContactPoint.objects.audited_create(
            ContactPoint(customer=customer, kind="email", value=f"point{n}@example.com")
            for n in range(POINTS)
        )
        Interaction.objects.audited_create(
            Interaction(customer=customer, staff=user, text=f"Talked about the plan, {n}")
            for n in range(CONVERSATIONS)
        )
        for n in range(STEPS):
            Customer.objects.filter(pk=customer.pk).audited_set(region=f"Region {n}")


def measure(customers: int) -> None:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from customers.models import Customer

    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    user = fill(customers)
    ordinary, full = Customer.objects.order_by("number")[customers // 2 :][:2]
    fill_page(full, user)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)
    pages = {
        "an ordinary page": ("change", ordinary),
        "a full page": ("change", full),
        "where values come from": ("origins", ordinary),
        "the same of a full page": ("origins", full),
    }
    for title, (name, customer) in pages.items():
        url = reverse(f"admin:customers_customer_{name}", args=[customer.pk])
        milliseconds, used = best_of(lambda url=url: browser.get(url))
        with CaptureQueriesContext(connection) as queries:
            size = len(browser.get(url).content)
        print(
            f"{title:<26}{milliseconds:6.0f} ms  {used:6.0f} ms of the processor  "
            f"{len(queries)} queries  {size // 1000} kB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        set_up(directory)
        measure(wanted.customers)


if __name__ == "__main__":
    main()
