"""The page of one customer: what stands on top, who sees what, and saving it."""

import re

import pytest
from django.urls import reverse

from customers.models import Customer
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, staff

pytestmark = pytest.mark.django_db


def page(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


@pytest.fixture
def li(client):
    """A sales rep, signed in."""
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


def test_a_sales_rep_reads_calls_and_writes_their_customer(client, li):
    text = client.get(page(person(**ZHANG_WEI, owner=li))).text
    assert "张伟" in text
    assert '<a href="tel:+8613812345678">+86 138 1234 5678</a>' in text
    assert 'href="mailto:zhang.wei@example.com"' in text


def test_a_customer_of_another_team_is_masked(client, li):
    text = client.get(page(person(**ZHANG_WEI, owner=staff("wang", Role.SALES)))).text
    assert "zhang.wei@example.com" not in text
    assert "13812345678" not in text
    assert "tel:" not in text
    assert "z***@example.com" in text


def test_nobody_reads_a_national_id_in_clear(client, li):
    text = client.get(page(person(national_id="11010519491231002X", owner=li))).text
    assert "11010519491231002X" not in text
    assert "••••002X" in text


def test_the_page_costs_few_queries(client, li, django_assert_max_num_queries):
    customer = person(**ZHANG_WEI, owner=li, employer=organisation())
    client.get(page(customer))
    with django_assert_max_num_queries(30):
        client.get(page(customer))


def test_codes_are_said_in_words_to_whoever_reads_and_in_the_history(client, li):
    customer = person(**ZHANG_WEI, language="zh")
    client.force_login(staff("reader", Role.READ_ONLY))
    shown = client.get(page(customer)).text
    details = shown[shown.index('id="details"') : shown.index('id="sources"')]
    assert '<div class="details-value">China</div>' in details
    assert '<div class="details-value">Chinese</div>' in details
    history = client.get(reverse("admin:customers_customer_history", args=[customer.pk])).text
    history = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", history))
    assert "country: China" in history
    assert "country: CN" not in history


def test_who_has_no_name_is_called_by_their_number_once(client, li):
    customer = person(given_name="", family_name="", phone="+4930901820")
    shown = client.get(page(customer)).text
    summary = shown[shown.index('class="customer-summary"') : shown.index('class="customer-reach"')]
    assert summary.count(customer.number) == 1
