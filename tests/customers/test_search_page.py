"""Looking for somebody in the list: what is typed goes into a POST and nowhere else."""

import logging

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from customers.models import Customer
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

SEARCH = reverse("admin:customers_customer_search")
LIST = reverse("admin:customers_customer_changelist")


@pytest.fixture
def li(client):
    """A sales rep, signed in."""
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


@pytest.mark.parametrize(
    "term", ["zhang.wei@example.com", "138 1234 5678", "张", "C-000001", "1", "张伟"]
)
def test_somebody_types_what_they_know_and_gets_the_customer(client, li, term):
    customer = person(**ZHANG_WEI)
    person(family_name="Other", given_name="Somebody")
    response = client.post(SEARCH, {"term": term})
    assert response.status_code == 200
    assert reverse("admin:customers_customer_change", args=[customer.pk]) in response.text
    assert "Other" not in response.text
    assert "One customer fits" in response.text


def test_the_term_stands_in_the_box_and_in_nothing_else(client, li, caplog):
    caplog.set_level(logging.DEBUG)
    person(**ZHANG_WEI)
    response = client.post(SEARCH, {"term": "zhang.wei@example.com"})
    assert response.text.count("zhang.wei@example.com") == 1
    assert "no-store" in response["Cache-Control"]
    assert "zhang.wei@example.com" not in str(response.headers)
    assert "zhang.wei@example.com" not in caplog.text
    assert not any("zhang.wei" in str(session.get_decoded()) for session in Session.objects.all())


def test_the_page_of_results_offers_no_link_that_would_lose_the_term(client, li):
    person(**ZHANG_WEI)
    text = client.post(SEARCH, {"term": "张"}).text
    assert "?o=" not in text
    assert "?p=" not in text
    assert "changelist-filter" not in text


def test_of_very_many_the_first_fifty_are_shown_and_it_says_so(client, li):
    with somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name=f"Müller{i}", given_name="A") for i in range(60)]
        )
    assert "The first 50 customers that fit" in client.post(SEARCH, {"term": "müll"}).text


def test_nobody_found_says_what_could_be_tried(client, li):
    text = client.post(SEARCH, {"term": "nobody@example.com"}).text
    assert "No customer fits" in text
    assert "must be whole" in text


def test_markup_in_the_box_stays_text(client, li):
    text = client.post(SEARCH, {"term": '"><script>alert(1)</script>'}).text
    assert "<script>alert(1)" not in text


@pytest.mark.parametrize("term", ["", "   "])
def test_an_empty_box_shows_everybody(client, li, term):
    response = client.post(SEARCH, {"term": term})
    assert response.status_code == 302
    assert response["Location"] == LIST


def test_the_address_of_the_search_alone_leads_to_the_list(client, li):
    response = client.get(SEARCH, {"term": "zhang.wei@example.com"})
    assert response["Location"] == LIST


def test_a_stranger_cannot_search(client):
    assert client.post(SEARCH, {"term": "a@example.com"}).status_code == 302


def test_the_search_costs_few_queries(client, li, django_assert_max_num_queries):
    person(**ZHANG_WEI)
    client.post(SEARCH, {"term": "zhang.wei@example.com"})
    for term in ("zhang.wei@example.com", "张伟", "13812345678"):
        with django_assert_max_num_queries(13):
            client.post(SEARCH, {"term": term})
