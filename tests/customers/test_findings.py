"""What the page of a customer says is missing or in doubt, and what it does not say."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from customers.models import ContactPoint
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.test_contact_points import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


def told(client, customer):
    findings = client.get(page(customer)).context["customer_page"]["findings"]
    return [(one.text, one.slug) for one in findings]


def test_who_can_be_reached_and_lives_somewhere_has_nothing_to_look_at(client, li):
    zhang = person(**ZHANG_WEI, owner=li)
    assert told(client, zhang) == []
    answer = client.get(page(zhang)).text
    assert "Nothing is missing" in answer
    assert "to look at" not in answer


def test_what_is_missing_leads_to_where_it_is_added(client, li):
    nobody = person(given_name="Anna", owner=li)
    assert told(client, nobody) == [
        ("No e-mail address, phone number or messenger is known.", "contact-points"),
        ("No address is known.", "addresses"),
    ]
    assert "2 things to look at" in client.get(page(nobody)).text
    with somebody_acts():
        ContactPoint(customer=nobody, kind="phone", value="+41791234567").save()
    assert told(client, nobody)[0] == ("No e-mail address is known.", "contact-points")


def test_nobody_is_asked_to_confirm_what_came_in_or_was_confirmed_lately(client, li):
    zhang = person(**ZHANG_WEI, owner=li)
    long_ago = timezone.now() - timedelta(days=400)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET created_at = %s", [long_ago])
    assert told(client, zhang) == [
        ("Nobody confirmed this for a year. Ask when you talk next.", "details")
    ]
    zhang.refresh_from_db()
    with somebody_acts():
        zhang.last_confirmed_at = timezone.now()
        zhang.save()
    assert told(client, zhang) == []


def test_a_value_that_cannot_be_opened_is_told_by_its_name(client, li):
    zhang = person(**ZHANG_WEI, owner=li)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM customers_customer")
        token = cursor.fetchone()[0]
        cursor.execute("UPDATE customers_customer SET phone = %s", [token[:-4] + "AAAA"])
    assert told(client, zhang)[0] == (
        "Phone cannot be opened. Tell an administrator.",
        "details",
    )
