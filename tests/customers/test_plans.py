"""No page reads all customers, or all of what belongs to them, to show a few."""

import datetime

import pytest
from django.db import connection

from benchmarks.query_plans import LARGE, Watched
from customers.demo.make import hire_colleagues, make_customers
from customers.models import NumberCounter
from customers.models.numbers import CUSTOMERS
from customers.tallies import refresh_tallies
from staff.models import User
from staff.services import system_user
from tests.customers.every_page import every_page

pytestmark = pytest.mark.django_db
MADE, TIMES = 24, 10_000


@pytest.fixture
def many():
    """A few demo customers, of whom the database and the product believe that they are many."""
    staff = hire_colleagues(actor=system_user())
    today = datetime.date(2026, 11, 21)
    make_customers(actor=system_user(), wanted=MADE, seed=1, today=today, staff=staff)
    NumberCounter.objects.filter(pk=CUSTOMERS).update(last=MADE * TIMES)
    refresh_tallies()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute(
                "UPDATE pg_class SET reltuples = reltuples * %s WHERE relname = ANY(%s)",
                [TIMES, list(LARGE)],
            )


@pytest.mark.parametrize("name", ["lena.hoffmann", "ada.stern"])
def test_every_page_is_answered_by_indexes(many, client, name):
    user = User.objects.get(username=name)
    user.must_change_password = False
    user.save()
    client.force_login(user)
    found, opened = {}, 0
    for page in every_page(user):
        watched = Watched()
        with connection.execute_wrapper(watched):
            page.open(client)
        opened += 1
        for query, told in () if page.counts else watched.findings():
            found.setdefault(query, f"{page.name} {told}")
    assert list(found.values()) == []
    assert opened > 100


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM customers_customer WHERE region = 'x'",
        'SELECT "id" FROM "customers_customer" WHERE "job_title" = %s LIMIT 5',
        'SELECT "id" FROM "customers_customer" ORDER BY "region" LIMIT 50',
    ],
)
def test_what_reads_everything_is_found(many, query):
    watched = Watched()
    with connection.execute_wrapper(watched), connection.cursor() as cursor:
        cursor.execute(query, ["x"] if "%s" in query else [])
    assert [told for _query, told in watched.findings()]
