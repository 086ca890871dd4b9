"""What the summary of a customer's page decides with one click: the stage, and whose they are."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from staff.models import Team
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(client):
    """A sales rep, signed in."""
    member = staff("li", Role.SALES, team=Team.objects.create(name="North"))
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI)


def page(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def move(client, customer, stage, shown="lead"):
    address = reverse("admin:customers_customer_stage", args=[customer.pk])
    return client.post(address, {"stage": stage, "shown": shown}, follow=True)


def take(client, customer):
    address = reverse("admin:customers_customer_look_after", args=[customer.pk])
    return client.post(address, follow=True)


def test_a_stage_is_moved_with_one_click_and_the_history_says_who(client, li, zhang):
    shown = client.get(page(zhang)).text
    menu = re.search(r'<details class="page-menu-more summary-stage">.*?</details>', shown, re.S)[0]
    assert re.findall(r'name="stage" value="(\w+)"', menu) == ["prospect", "customer", "former"]
    assert "The stage is now “Prospect”." in move(client, zhang, "prospect").text
    zhang.refresh_from_db()
    assert zhang.stage == "prospect"
    newest = Customer.history.filter(id=zhang.pk).latest("history_date")
    assert (newest.stage, newest.history_actor) == ("prospect", str(li))


def test_a_second_click_changes_nothing_more(client, li, zhang):
    move(client, zhang, "prospect")
    steps = Customer.history.filter(id=zhang.pk).count()
    move(client, zhang, "prospect")
    assert Customer.history.filter(id=zhang.pk).count() == steps


def test_who_was_moved_meanwhile_is_not_moved_back(client, li, zhang):
    with somebody_acts():
        zhang.stage = "customer"
        zhang.save()
    assert "moved this customer to “Customer” meanwhile" in move(client, zhang, "former").text
    zhang.refresh_from_db()
    assert zhang.stage == "customer"


def test_what_others_changed_meanwhile_stays(client, li, zhang):
    with somebody_acts():
        Customer.objects.filter(pk=zhang.pk).audited_set(city="Bern")
    move(client, zhang, "prospect")
    zhang.refresh_from_db()
    assert (zhang.stage, zhang.city) == ("prospect", "Bern")


@pytest.mark.parametrize("sent", [{"stage": "king", "shown": "lead"}, {"stage": "lead"}, {}])
def test_a_stage_there_is_not_is_refused(client, li, zhang, sent):
    address = reverse("admin:customers_customer_stage", args=[zhang.pk])
    assert client.post(address, sent).status_code == 404
    assert client.get(address).status_code == 405


def test_somebody_without_an_owner_is_taken_by_whoever_looks_after_them(client, li, zhang):
    assert "I look after them" in client.get(page(zhang)).text
    assert "You look after this customer now." in take(client, zhang).text
    zhang.refresh_from_db()
    assert zhang.owner == li
    assert "I look after them" not in client.get(page(zhang)).text


def test_nobody_is_taken_from_a_colleague(client, li, zhang):
    colleague = staff("bo", Role.SALES, team=li.team)
    with somebody_acts():
        Customer.objects.filter(pk=zhang.pk).audited_set(owner=colleague)
    answer = take(client, zhang)
    zhang.refresh_from_db()
    assert zhang.owner == colleague
    assert f"{colleague} looks after this customer" in answer.text


def test_another_teams_customer_is_not_there_for_the_taking(client, li, zhang):
    stranger = staff("bo", Role.SALES, team=Team.objects.create(name="South"))
    with somebody_acts():
        Customer.objects.filter(pk=zhang.pk).audited_set(owner=stranger)
    assert take(client, zhang).status_code == 403


@pytest.mark.parametrize("role", [Role.MARKETING, Role.READ_ONLY, Role.AUDITOR])
def test_who_only_reads_is_offered_nothing_and_refused(client, li, zhang, role):
    client.force_login(staff("reader", role))
    shown = client.get(page(zhang)).text
    assert "summary-stage" not in shown
    assert "I look after them" not in shown
    assert move(client, zhang, "prospect").status_code == 403
    assert take(client, zhang).status_code == 403
    zhang.refresh_from_db()
    assert (zhang.stage, zhang.owner) == ("lead", None)


def test_nothing_is_decided_in_the_bin(client, li, zhang):
    with somebody_acts():
        Customer.objects.filter(pk=zhang.pk).audited_set(binned_at=timezone.now() - timedelta(1))
    assert "summary-stage" not in client.get(page(zhang)).text
    assert "in the bin" in move(client, zhang, "prospect").text
    assert "in the bin" in take(client, zhang).text
    stored = Customer.with_bin.get(pk=zhang.pk)
    assert (stored.stage, stored.owner) == ("lead", None)
