"""Imports beside people who add customers at the same moment: nobody comes in twice unseen."""

import threading

import pytest
from django.db import close_old_connections, connection, connections, transaction

from audit.context import acting
from customers.models import Customer
from customers.models.numbers import nobody_else_adds
from staff.models import User

from .importing import KLAUS, counts, import_file, write_csv

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work):
    """Runs it with a connection of its own; the thread, and where its result will stand."""
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def needs_two_connections():
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("a database in memory has one connection; the PostgreSQL run has two")


def test_a_customer_somebody_is_just_adding_is_seen_by_an_import(tmp_path):
    """The page's transaction is open, its customer unseen, when the import plans its rows."""
    needs_two_connections()
    file = write_csv(tmp_path / "one.csv", KLAUS)
    li_na = User.objects.create_user("li.na")
    with transaction.atomic(), acting(actor=li_na, door="admin"):
        nobody_else_adds()
        Customer(given_name="Klaus", family_name="Hofmann", email="klaus@example.org").save()
        thread, results = in_thread(lambda: import_file(file))
        thread.join(2)
        assert thread.is_alive(), "the import did not wait"
    thread.join(30)
    close_old_connections()
    assert counts(results[0]) == {"review": 1}
    assert Customer.objects.count() == 1


def test_the_form_waits_for_an_import_before_it_looks(tmp_path):
    """Two at the page with the same e-mail: the second is told of the first."""
    needs_two_connections()
    seen = []

    def second():
        with transaction.atomic():
            nobody_else_adds()
            seen.append(Customer.objects.filter(email="klaus@example.org").count())

    li_na = User.objects.create_user("li.na")
    with acting(actor=li_na, door="admin"):
        Customer(given_name="First").save()  # the counter is there from now on
        with transaction.atomic():
            nobody_else_adds()
            thread, _results = in_thread(second)
            Customer(given_name="Klaus", email="klaus@example.org").save()
            thread.join(1)
            assert seen == []
    thread.join(30)
    assert seen == [1]
