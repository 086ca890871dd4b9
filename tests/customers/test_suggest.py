"""Suggestions while one types: quick, by POST, at a human pace, and no more than the list shows."""

import json
import logging
import re

import pytest
from django.db import connection
from django.urls import reverse

from customers.admin.autocomplete import CustomerSuggest
from customers.models import ContactPoint, Customer, CustomerName
from customers.pace import Pace, looking
from customers.search import names_like
from customers.suggest import suggest_cities, suggest_customers, suggest_tags
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff
from tests.customers.test_search import explained, scans

pytestmark = pytest.mark.django_db

SUGGEST = reverse("admin:customers_customer_suggest")
SEARCH = reverse("admin:customers_customer_search")


@pytest.fixture(autouse=True)
def nobody_has_looked_yet():
    looking.clear()
    yield
    looking.clear()


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


def asked(client, term, **more):
    response = client.post(SUGGEST, {"term": term, **more})
    assert response.status_code == 200
    return response.json()["found"]


@pytest.mark.parametrize("term", ["zhang", "zhangwei", "zhang wei", "张", "張偉", "c1", "C-000001"])
def test_whoever_begins_to_type_is_offered_the_customer(client, li, term):
    customer = person(**ZHANG_WEI)
    organisation("Quantum Optics AG")
    (one,) = asked(client, term)
    assert one == {
        "value": "C-000001 张伟",
        "name": "张伟",
        "number": "C-000001",
        "detail": "杭州 · Lead",
        "url": reverse("admin:customers_customer_change", args=[customer.pk]),
    }


def test_a_suggestion_tells_nothing_that_is_protected(client, li):
    person(**ZHANG_WEI, national_id="11010519491231002X", street="Secret Street 1")
    for term in ("zhang", "zhang.wei@example.com", "13812345678"):
        text = client.post(SUGGEST, {"term": term}).text
        assert "C-000001" in text
        for value in ("zhang.wei@", "138", "110105", "Secret"):
            assert value not in text


def test_only_organisations_are_offered_as_employers(client, li):
    person(given_name="Quentin", family_name="Quill")
    company = organisation("Quantum Optics AG")
    assert [one["number"] for one in asked(client, "qu", kind="organisation")] == [company.number]
    assert len(asked(client, "qu", kind="nonsense")) == 2


def test_who_is_called_exactly_so_comes_first_then_my_own(li):
    person(given_name="Anna", family_name="Lang")
    mine = person(given_name="Anna", family_name="Langer", owner=li)
    person(given_name="Anna", family_name="Langdorf")
    exact = organisation("Lang")
    found = [one.number for one in suggest_customers("lang", li)]
    assert found[:2] == [exact.number, mine.number]


def test_the_bin_is_never_suggested(client, li):
    customer = person(**ZHANG_WEI)
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at="2026-01-01T00:00:00Z")
    assert asked(client, "zhang") == []


def test_a_few_are_offered_of_many(li):
    with somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name="Lang", given_name=f"Anna{i}") for i in range(100)]
        )
    assert len(suggest_customers("lang", li)) == 8


@pytest.mark.parametrize(
    "term", ["", "   ", "%", "_", "\x00", "\ud800", "@", "-", "🙂", "x" * 10_000]
)
def test_a_term_that_means_nothing_suggests_nothing_and_breaks_nothing(client, li, term):
    person(**ZHANG_WEI)
    assert asked(client, term.encode("utf-8", "replace").decode()) == []


def test_a_link_or_an_address_suggests_nothing(client, li):
    person(**ZHANG_WEI)
    assert client.get(f"{SUGGEST}?term=zhang").status_code == 405
    assert client.post(f"{SUGGEST}?term=zhang").json()["found"] == []


def test_the_term_is_in_no_log_no_session_and_not_kept_by_the_browser(client, li, caplog):
    caplog.set_level(logging.DEBUG)
    person(**ZHANG_WEI)
    response = client.post(SUGGEST, {"term": "zhang.wei@example.com"})
    assert "no-store" in response["Cache-Control"]
    told = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    assert "zhang.wei" not in told
    assert "zhang.wei" not in json.dumps(dict(client.session))


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client):
    person(**ZHANG_WEI)
    response = client.post(SUGGEST, {"term": "zhang"})
    assert response.status_code == 302
    assert "login" in response.url


def test_whoever_may_see_no_customers_is_refused(client):
    member = staff("new", Role.READ_ONLY)
    member.groups.clear()
    client.force_login(member)
    assert client.post(SUGGEST, {"term": "zhang"}).status_code == 403


def test_another_page_cannot_ask_in_somebodys_name(li):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(li)
    assert strict.post(SUGGEST, {"term": "zhang"}).status_code == 403


def test_markup_in_a_name_comes_as_text(client, li):
    person(given_name="<img src=x onerror=alert(1)>", family_name="Zorn")
    response = client.post(SUGGEST, {"term": "zorn"})
    assert response["Content-Type"] == "application/json"
    assert response.json()["found"][0]["name"] == "<img src=x onerror=alert(1)> Zorn"


# The pace ------------------------------------------------------------------------------------------


def test_whoever_asks_faster_than_anybody_types_has_to_wait(client, li, monkeypatch):
    monkeypatch.setattr(looking, "at_once", 3)
    monkeypatch.setattr(looking, "clock", lambda: 100.0)
    person(**ZHANG_WEI)
    answers = [client.post(SUGGEST, {"term": "13812345678"}) for _one in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json().keys() == {"problem"}
    assert "13812345678" not in answers[-1].text


def test_the_search_page_keeps_the_same_pace(client, li, monkeypatch):
    monkeypatch.setattr(looking, "at_once", 1)
    monkeypatch.setattr(looking, "clock", lambda: 100.0)
    person(**ZHANG_WEI)
    assert "C-000001" in client.post(SEARCH, {"term": "13812345678"}).text
    refused = client.post(SEARCH, {"term": "13812345678"}, follow=True)
    assert "very many customers" in refused.text
    assert "13812345678" not in refused.text


def test_one_persons_haste_is_not_anothers():
    now = [0.0]
    pace = Pace(per_minute=60, at_once=2, clock=lambda: now[0])
    assert [pace.allows("li") for _one in range(3)] == [True, True, False]
    assert pace.allows("wang")
    now[0] = 1.0
    assert [pace.allows("li") for _one in range(2)] == [True, False]
    now[0] = 3600.0
    assert [pace.allows("li") for _one in range(3)] == [True, True, False]


def test_a_pace_forgets_whoever_is_gone(monkeypatch):
    monkeypatch.setattr("customers.pace.FORGET_AFTER", 10)
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    for person_ in range(50):
        now[0] += 60
        pace.allows(person_)
    assert len(pace._left) <= 11


# Words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["tag", "city", "customer"])
def test_what_is_no_text_is_the_beginning_of_nothing(client, li, what):
    person(tags="vip", city="Bern")
    assert asked(client, "v\x00", what=what) == []


def test_tags_in_use_are_offered(client, li):
    person(tags="VIP, newsletter, new york")
    person(tags="news, vip")
    assert suggest_tags("new") == ["new york", "news", "newsletter"]
    assert [one["value"] for one in asked(client, "vi", what="tag")] == ["vip"]
    assert asked(client, "zzz", what="tag") == []


def test_cities_of_customers_are_offered_however_they_are_typed():
    person(city="Köln")
    person(city="Kiel")
    person(city="杭州")
    assert suggest_cities("k") == ["Kiel", "Köln"]
    assert suggest_cities("杭") == ["杭州"]
    assert suggest_cities("") == []


# The field -----------------------------------------------------------------------------------------


def test_a_field_takes_what_was_chosen_what_was_typed_and_a_number_alone():
    company = organisation("Quantum Optics AG")
    field = CustomerSuggest(kind=Customer.Kind.ORGANISATION, required=False)
    for written in ("C-000001 Quantum Optics AG", "c-000001", "quantum optics ag"):
        assert field.clean(written) == company
    assert field.clean("") is None
    assert field.prepare_value(company.pk) == "C-000001 Quantum Optics AG"


@pytest.mark.parametrize("written", ["Nobody", "C-999999", "Anna Müller"])
def test_a_field_says_when_it_knows_nobody_of_that_name(written):
    from django.core.exceptions import ValidationError

    person()
    organisation()
    with pytest.raises(ValidationError, match="We know no organisation of this name"):
        CustomerSuggest(kind=Customer.Kind.ORGANISATION).clean(written)


def test_a_field_asks_which_when_several_are_called_so():
    from django.core.exceptions import ValidationError

    person(city="Bern"), person(city="Berlin")
    with pytest.raises(ValidationError, match=r"C-000001 \(Bern\), C-000002 \(Berlin\)"):
        CustomerSuggest().clean("anna müller")


def test_boxes_of_the_customers_form_suggest_and_work_without_any_script(client, li):
    page = client.get(reverse("admin:customers_customer_change", args=[person().pk])).text
    for name, what in (("employer", "customer"), ("city", "city"), ("tags", "tag")):
        box = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0]
        assert f'data-suggest="{what}"' in box
        assert 'autocomplete="off"' in box
        assert 'type="text"' in box


# How it is read ------------------------------------------------------------------------------------


def test_a_suggestion_asks_as_often_for_many_as_for_few(li, django_assert_max_num_queries):
    person(**ZHANG_WEI)
    with django_assert_max_num_queries(8) as few:
        suggest_customers("zhang wei", li)
    with somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name="张", given_name="伟") for _one in range(100)]
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        suggest_customers("zhang wei", li)


def test_names_are_read_from_the_index_in_its_order(li):
    for words in (["zhang"], ["zhang", "wei"]):
        names = names_like(words, at_most=100).values("customer")[:60]
        sql, params = names.query.sql_with_params()
        with connection.cursor() as cursor:
            plan = explained(cursor, sql, params)
        assert "customername_part" in plan
        assert not scans(plan, CustomerName)
        assert "TEMP B-TREE" not in plan


def test_further_addresses_are_read_from_their_index():
    points = ContactPoint.objects.filter(value="second@example.com").values("customer")[:200]
    sql, params = points.query.sql_with_params()
    with connection.cursor() as cursor:
        plan = explained(cursor, sql, params)
    assert not scans(plan, ContactPoint)


def test_of_very_many_that_begin_so_only_the_nearest_are_walked():
    with somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name=f"Lang{i:02d}", given_name="Anna") for i in range(40)]
        )
    assert names_like(["lang"], at_most=10).count() == 11
    assert names_like(["anna", "lang"], at_most=50).count() == 40


@pytest.mark.parametrize("term", ["zhang wei", "wei zhang", "張 偉"])
def test_whoever_is_called_so_is_not_lost_among_very_many(li, monkeypatch, term):
    monkeypatch.setattr("customers.suggest.STEPS", 10)
    with somebody_acts():
        Customer.objects.audited_create(
            [
                Customer(family_name="张", given_name=name)
                for name in "安博超丹芳刚桂海杰静丽明娜强伟" * 3
            ]
        )
    assert {one.name for one in suggest_customers(term, li)[:3]} == {"张伟"}
