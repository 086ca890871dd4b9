"""Adding and changing a customer: what is typed is tidied, and refused only if it cannot be true."""

import logging
import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from customers.models import Customer, Source
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

ADD = reverse("admin:customers_customer_add")
RESIDENT_ID = "11010519491231002X"  # a woman, born on 31 December 1949


@pytest.fixture
def li(client):
    """A sales rep, signed in."""
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


@pytest.fixture
def steward(client):
    member = staff("steward", Role.DATA_STEWARD)
    client.force_login(member)
    return member


def page(customer: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[customer.pk])


def typed(response) -> dict[str, str]:
    """What a browser would send back of a form that nobody touched."""
    form = response.context["adminform"].form
    data = {}
    for bound in form:
        value = bound.value()
        if value is not None and value is not False:
            data[bound.html_name] = str(value)
    for name in ("_seen_version", "_told_version"):
        if found := re.search(rf'name="{name}" value="([^"]*)"', response.text):
            data[name] = found[1]
    moment = form.initial.get("last_confirmed_at")
    data.pop("last_confirmed_at", None)
    if moment:
        data |= {
            "last_confirmed_at_0": f"{moment:%Y-%m-%d}",
            "last_confirmed_at_1": f"{moment:%H:%M:%S}",
        }
    return data


def change(client, customer: Customer, **values: str):
    data = typed(client.get(page(customer)))
    return client.post(page(customer), data | values)


def errors(response) -> str:
    return str(response.context["adminform"].form.errors)


def test_adding_asks_for_eight_fields_at_most(client, li):
    form = client.get(ADD).context["adminform"]
    shown = [field for line in form for row in line for field in row]
    assert len(shown) <= 8


def test_a_customer_is_added_tidied_and_opened(client, li):
    response = client.post(
        ADD,
        {
            "kind": "person",
            "family_name": " 张 ",
            "given_name": "伟\u200b",
            "email": " Zhang.Wei@EXAMPLE.com ",
            "phone": "138 1234 5678",
            "city": "杭州",
            "country": "CN",
        },
    )
    customer = Customer.objects.get()
    assert response["Location"] == page(customer)
    assert (customer.family_name, customer.given_name) == ("张", "伟")
    assert customer.email == "zhang.wei@example.com"
    assert customer.phone == "+8613812345678"
    assert customer.stage == Customer.Stage.LEAD
    assert customer.owner == li
    assert customer.history.get().history_actor_id == li.pk


def test_an_organisation_is_added_by_its_name_alone(client, li):
    client.post(ADD, {"kind": "organisation", "organisation_name": "Quantum Optics AG"})
    assert Customer.objects.get().display_name == "Quantum Optics AG"


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({}, "Write a name"),
        ({"family_name": "Li", "email": "li@"}, "not an e-mail address"),
        ({"family_name": "Li", "phone": "123"}, "not a valid phone number"),
        ({"kind": "organisation"}, "name of the organisation"),
        ({"family_name": "Li", "country": "XX"}, "Select a valid choice"),
        ({"family_name": "L" * 101}, "at most 100"),
        ({"family_name": "Li", "city": "Bad\x07City"}, ""),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_at_the_field_in_words(client, li, wrong, told):
    response = client.post(ADD, {"kind": "person"} | wrong)
    if told:
        assert told in errors(response)
        assert not Customer.objects.exists()
    else:
        assert Customer.objects.get().city == "BadCity"


def test_a_token_from_the_database_is_no_input(client, li):
    with connection.cursor() as cursor:
        customer = person(**ZHANG_WEI)
        cursor.execute("SELECT email FROM customers_customer")
        (token,) = cursor.fetchone()
    response = client.post(ADD, {"kind": "person", "family_name": "Li", "email": token})
    assert "sealed value" in errors(response)
    assert Customer.objects.get() == customer


def test_whom_we_know_already_is_shown_once_before_adding(client, li):
    known = person(**ZHANG_WEI)
    same = {"kind": "person", "family_name": "Zhang", "phone": "+86 138 1234 5678"}
    warned = client.post(ADD, same)
    assert known.number in errors(warned)
    assert page(known) in errors(warned)
    assert Customer.objects.count() == 1
    seen = warned.context["adminform"].form["duplicates_seen"].value()
    assert f'value="{seen}"' in warned.text
    assert client.post(ADD, same | {"duplicates_seen": seen}).status_code == 302
    assert Customer.objects.count() == 2


def test_whom_we_know_by_a_further_phone_is_shown_too(client, li):
    known = person(family_name="Wang")
    with somebody_acts():
        known.contact_points.create(kind="phone", value="+8613812345678")
    same = {"kind": "person", "family_name": "Zhang", "phone": "+86 138 1234 5678"}
    assert known.number in errors(client.post(ADD, same))


def test_a_warning_seen_for_one_is_no_leave_for_another(client, li):
    person(**ZHANG_WEI)
    person(family_name="Wang", email="wang@example.com")
    both = {"kind": "person", "family_name": "Li", "email": "wang@example.com"}
    response = client.post(ADD, both | {"duplicates_seen": "C-000001"})
    assert "C-000002" in errors(response)


def test_a_known_customer_with_markup_for_a_name_is_named_harmlessly(client, li):
    person(family_name="<b>Li</b>", email="li@example.com")
    response = client.post(ADD, {"kind": "person", "family_name": "Li", "email": "li@example.com"})
    assert "&lt;b&gt;Li&lt;/b&gt;" in response.text
    assert "<b>Li</b>" not in response.text


def test_saving_an_untouched_form_changes_nothing(client, li):
    customer = person(
        **ZHANG_WEI,
        birth_date=date(1949, 12, 31),
        national_id=RESIDENT_ID,
        notes="Calls on Fridays",
        tags="vip",
        owner=li,
        employer=organisation(),
        language="zh",
    )
    assert change(client, customer).status_code == 302
    assert customer.history.count() == 1


def test_a_new_phone_is_all_that_is_changed(client, li):
    customer = person(**ZHANG_WEI, owner=li)
    change(client, customer, phone="139 0000 1111")
    stored = Customer.objects.get()
    assert stored.phone == "+8613900001111"
    assert stored.email == ZHANG_WEI["email"]
    assert list(Customer.objects.filter(phone="+8613900001111")) == [customer]
    assert not Customer.objects.filter(phone=ZHANG_WEI["phone"]).exists()
    text = client.get(reverse("admin:customers_customer_history", args=[customer.pk])).text
    assert "li" in text
    assert "13900001111" not in text


def test_a_masked_id_left_blank_stays(client, li):
    customer = person(national_id=RESIDENT_ID, birth_date=date(1949, 12, 31), owner=li)
    text = client.get(page(customer)).text
    assert RESIDENT_ID not in text
    assert "1949-12-31" not in text
    change(client, customer, city="Bern")
    stored = Customer.objects.get()
    assert stored.national_id == RESIDENT_ID
    assert stored.birth_date == date(1949, 12, 31)


def test_a_masked_id_may_be_replaced(client, li):
    customer = person(national_id="K1234567", owner=li)
    change(client, customer, national_id="K7654321", national_id_type="passport")
    assert Customer.objects.get().national_id == "K7654321"


@pytest.mark.parametrize(
    "wrong, told",
    [
        (
            {"national_id": "110105194912310021", "national_id_type": "cn_resident_id"},
            "check digit",
        ),
        ({"national_id": RESIDENT_ID, "birth_date": "1950-01-01"}, "another birth date"),
        ({"birth_date": "2999-01-01"}, "in the future"),
        ({"birth_date": "1800-01-01"}, "Nobody is older"),
        ({"notes": "pays with 4111 1111 1111 1111"}, "card number"),
        ({"tags": "4111111111111111"}, "card number"),
        ({"postal_code": "<b>"}, "postal code"),
        ({"employer": "No Such Company"}, "no organisation of this name"),
        (
            {"kind": "organisation", "organisation_name": "A", "employer": "C-000001"},
            "Only a person",
        ),
    ],
    ids=str,
)
def test_a_change_that_cannot_be_true_is_refused(client, steward, wrong, told):
    organisation("Quantum Optics AG")
    customer = person(**ZHANG_WEI)
    assert told in errors(change(client, customer, **wrong))
    assert customer.history.count() == 1


def test_no_refusal_tells_the_birth_date_of_an_id(client, steward):
    customer = person(national_id=RESIDENT_ID)
    response = change(client, customer, birth_date="1950-01-01")
    assert "another birth date" in errors(response)
    assert "1949" not in errors(response)


def test_a_gender_other_than_the_ids_is_told_and_kept(client, steward):
    customer = person(national_id=RESIDENT_ID)
    data = typed(client.get(page(customer))) | {"gender": "male"}
    response = client.post(page(customer), data, follow=True)
    assert "not the one the resident ID was given for" in response.text
    assert Customer.objects.get().gender == "male"


def test_an_old_mistake_does_not_stop_other_changes(client, steward):
    customer = person(national_id="110105194912310021", national_id_type="cn_resident_id")
    change(client, customer, city="Bern")
    assert Customer.objects.get().city == "Bern"


def test_an_employer_is_written_by_name_or_number(client, steward):
    company = organisation("Quantum Optics AG")
    customer = person()
    change(client, customer, employer="quantum OPTICS ag")
    assert Customer.objects.get(pk=customer.pk).employer == company
    change(client, customer, employer="")
    assert Customer.objects.get(pk=customer.pk).employer is None
    change(client, customer, employer=company.number.lower())
    assert Customer.objects.get(pk=customer.pk).employer == company


def test_two_organisations_of_one_name_are_told_apart_by_number(client, steward):
    organisation("Optics", city="Bern")
    second = organisation("OPTICS", city="Basel")
    customer = person()
    told = errors(change(client, customer, employer="optics"))
    assert "C-000001 (Bern)" in told
    assert "C-000002 (Basel)" in told
    change(client, customer, employer=f"{second}")
    assert Customer.objects.get(pk=customer.pk).employer == second


def test_two_people_at_one_customer_lose_nothing(client, li):
    customer = person(**ZHANG_WEI, owner=li, employer=organisation())
    mine = typed(client.get(page(customer)))
    other = Customer.objects.get(pk=customer.pk)
    other.city, other.employer = "Bern", None
    with somebody_acts(staff("wang", Role.SALES)):
        other.save()
    client.post(page(customer), mine | {"phone": "+8613900001111"})
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.city, stored.employer, stored.phone) == ("Bern", None, "+8613900001111")


def test_the_second_of_two_sees_what_the_first_changed(client, li):
    customer = person(**ZHANG_WEI, owner=li)
    mine = typed(client.get(page(customer)))
    other = Customer.objects.get(pk=customer.pk)
    other.city = "Bern"
    with somebody_acts(staff("wang", Role.SALES)):
        other.save()
    response = client.post(page(customer), mine | {"city": "Basel"})
    assert "wang" in errors(response)
    assert "Bern" in errors(response)
    assert Customer.objects.get(pk=customer.pk).city == "Bern"


def test_a_customer_is_given_to_somebody_who_works_here(client, steward):
    gone, wang = staff("gone", Role.SALES), staff("wang", Role.SALES)
    customer = person(owner=gone)
    with somebody_acts():
        gone.is_active = False
        gone.save()
    offered = client.get(page(customer)).context["adminform"].form.fields["owner"].queryset
    assert {member.username for member in offered} == {"gone", "steward", "wang"}
    change(client, customer, owner=str(wang.pk))
    assert Customer.objects.get().owner == wang


def test_no_protected_value_stands_in_the_log_of_the_admin_or_a_message(client, li, caplog):
    caplog.set_level(logging.DEBUG)
    customer = person(**ZHANG_WEI, owner=li)
    data = typed(client.get(page(customer)))
    secrets = {"phone": "+8613900001111", "street": "Canary Street 7", "notes": "canary sings"}
    response = client.post(page(customer), data | secrets, follow=True)
    told = " ".join(str(message) for message in response.context["messages"])
    entry = LogEntry.objects.get()
    written = f"{entry.object_repr} {entry.change_message} {told} {caplog.text}"
    for secret in (*secrets.values(), *ZHANG_WEI.values()):
        if secret not in ("伟", "张", "杭州", "CN"):
            assert secret not in written


def test_who_may_only_look_can_change_nothing(client):
    client.force_login(staff("reader", Role.READ_ONLY))
    customer = person(**ZHANG_WEI)
    text = client.get(page(customer)).text
    assert "zhang.wei@example.com" not in text
    assert "13812345678" not in text
    assert client.post(page(customer), {"family_name": "Li"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_value_that_cannot_be_opened_spoils_nothing_else(client, li):
    customer = person(**ZHANG_WEI, owner=li)
    other = person(family_name="Else", email="else@example.com")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET email = (SELECT email FROM customers_customer "
            "WHERE number = %s) WHERE number = %s",
            [other.number, customer.number],
        )
        cursor.execute("SELECT email FROM customers_customer WHERE number = %s", ["C-000001"])
        (before,) = cursor.fetchone()
    text = client.get(page(customer)).text
    assert "cannot be opened" in text
    assert 'href="tel:+8613812345678"' in text
    assert "mailto:" not in text
    change(client, customer, city="Bern")
    assert Customer.objects.get(pk=customer.pk).city == "Bern"
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM customers_customer WHERE number = %s", ["C-000001"])
        assert cursor.fetchone() == (before,)


def test_the_page_lists_the_systems_a_customer_is_known_from(client, li):
    customer = person(owner=li)
    with somebody_acts():
        source = Source(name="<i>Web shop</i>")
        source.save()
    customer.source_records.create(
        source=source,
        external_id="shop-4711",
        identity=b"1",
        first_seen="2026-01-02T00:00:00Z",
        last_seen="2026-03-04T00:00:00Z",
    )
    text = client.get(page(customer)).text
    assert "&lt;i&gt;Web shop&lt;/i&gt;" in text
    assert "shop-4711" in text


def test_everybody_who_has_an_id_type_to_choose_has_its_check():
    from quality.validators import ID_CHECKS

    assert set(Customer.IdType.values) >= set(ID_CHECKS)
