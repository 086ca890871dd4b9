"""One of several people at work at once, in a process of its own. Not a test itself.

crowd.py WORK NUMBER   waits for a line on its input, so that all begin together, does its work,
                       and ends with 0 unless something went wrong.
"""

import os
import random
import sys
import time
import uuid

import django

ROUNDS = 6
FIELDS = ("city", "region", "job_title", "street")


def make_customers(number):
    """Numbers are taken one by one and by the dozen."""
    from customers.models import Customer

    for turn in range(ROUNDS):
        Customer(given_name="Ann", family_name=f"Of{number}").save()
        Customer.objects.audited_create(
            Customer(given_name="Ben", family_name=f"Of{number}x{turn}") for _one in range(12)
        )


def change_many(number):
    """Everybody changes a field of their own of the same customers, each in an order of their
    own; the last of them moves all to the bin and back meanwhile."""
    from customers.models import Customer

    field = FIELDS[number % len(FIELDS)]
    for turn in range(ROUNDS):
        if number == len(FIELDS):
            Customer.objects.filter(family_name="Crowd").audited_set(language=f"d{turn}")
            continue
        customers = list(Customer.objects.filter(family_name="Crowd"))
        random.shuffle(customers)
        for customer in customers:
            setattr(customer, field, f"{field} {turn}")
        if turn % 2:
            Customer.objects.audited_update(customers, FIELDS)
        else:
            for customer in customers[:10]:
                customer.save()
            Customer.objects.audited_update(customers[10:], [field])


def touch_each(number):
    """One customer after the other, as staff do, while an import is undone."""
    from customers.models import Customer, ImportBatch

    keys = list(Customer.objects.filter(family_name="Undone").values_list("pk", flat=True))
    random.shuffle(keys)
    while not ImportBatch.objects.filter(state="undoing").exists():
        time.sleep(0.01)
    for key in keys:
        customer = Customer.objects.get(pk=key)
        customer.job_title = "touched"
        customer.save()


def edit_page(number):
    """Two at the page of one customer: each writes a field of their own, and one they share.

    Whoever is told of a conflict types again what the page says is theirs, as a person would.
    """
    from django.test import Client
    from django.test.utils import setup_test_environment

    from customers.models import Customer
    from staff.models import User
    from tests.customers.test_customer_form import page, typed

    setup_test_environment()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=f"editor{number}"))
    customer = Customer.objects.get(given_name="Shared")
    for turn in range(ROUNDS):
        form = typed(client.get(page(customer)))
        form |= {FIELDS[number % 2]: f"{number} in turn {turn}", "postal_code": f"1{number}{turn}"}
        response = client.post(page(customer), form)
        while response.status_code != 302:
            assert "while you were editing" in response.text, response.text
            form |= {
                name: value
                for name, value in typed(response).items()
                if name in ("_seen_version", "_told_version")
            }
            response = client.post(page(customer), form)


def main(work, number):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from audit.context import acting

    sys.stdin.readline()
    with acting(actor=None, door="system", reason=f"{work} {number}", request_id=uuid.uuid4()):
        globals()[work](int(number))


if __name__ == "__main__":
    main(*sys.argv[1:])
