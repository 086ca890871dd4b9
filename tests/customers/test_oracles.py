"""Who sees a value only masked and asks in roundabout ways what it is."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from customers import pace
from customers.admin.summary import summary_of
from customers.models import ContactPoint, Customer
from staff.models import Team
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, staff
from tests.customers.test_customer_form import ADD, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang():
    return staff("wang", Role.SALES, team=Team.objects.create(name="South"))


@pytest.fixture
def li(client):
    """A sales rep of another team, signed in."""
    member = staff("li", Role.SALES, team=Team.objects.create(name="North"))
    client.force_login(member)
    return member


@pytest.fixture
def two_looks(monkeypatch):
    """Nobody may look more than twice."""
    slow = pace.Pace(per_minute=0, at_once=2, clock=lambda: 0.0)
    monkeypatch.setattr(pace.looking, "allows", slow.allows)


def point_of(customer: Customer) -> str:
    """The form of a contact point that is not there: it asks, and never saves."""
    return reverse("admin:customers_customer_contactpoint_change", args=[customer.pk, uuid4()])


def test_the_warning_of_a_duplicate_is_no_faster_way_to_search(client, li, wang, two_looks):
    person(**ZHANG_WEI, owner=wang)
    mine = person(family_name="Li", owner=li)
    asked = {"kind": "phone", "value": ZHANG_WEI["phone"]}
    for _attempt in range(2):
        assert "We know somebody with this already" in client.post(point_of(mine), asked).text
    third = client.post(point_of(mine), asked)
    assert "very many customers in a short time" in third.text
    assert "We know somebody" not in third.text
    assert not ContactPoint.objects.exists()


def test_nor_is_adding_a_customer(client, li, two_looks):
    person(**ZHANG_WEI)
    asked = {"kind": "person", "family_name": "Li", "email": ZHANG_WEI["email"]}
    for _attempt in range(2):
        assert "We know somebody" in client.post(ADD, asked).text
    assert "very many customers in a short time" in client.post(ADD, asked).text
    assert Customer.objects.count() == 1


def test_whoever_changes_something_else_never_waits(client, li, two_looks):
    mine = person(**ZHANG_WEI, owner=li)
    for city in ("Bonn", "Bern", "Rome", "Basel"):
        assert change(client, mine, city=city).status_code == 302


def test_the_age_beside_the_year_does_not_tell_the_birthday(client, li, wang):
    """Read day by day, an age would change on the very day that is masked."""
    today = timezone.localdate()
    for born in (date(1990, 1, 1), date(1990, 12, 31), date(1990, today.month, 1)):
        summary = summary_of(person(family_name="Li", birth_date=born), li)
        assert (summary.get("age"), summary["born"]) == (None, 1990)
    shown = client.get(
        reverse("admin:customers_customer_change", args=[person(birth_date=born).pk])
    )
    assert "born in 1990" in shown.text
    assert "years old" not in shown.text
