"""Who a customer is: names in their order, numbers never given twice, and what cannot be true."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from audit.disclosure import Scope
from customers.models import Customer, allocate_numbers
from customers.models.people import years_between
from staff.models import Team
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "family, given, shown",
    [
        ("张", "伟", "张伟"),
        ("欧阳", "娜娜", "欧阳娜娜"),
        ("田中", "さくら", "田中さくら"),
        ("김", "민준", "김민준"),
        ("Müller", "Anna", "Anna Müller"),
        ("Zhang", "Wei", "Wei Zhang"),
        ("Müller", "", "Müller"),
        ("", "伟", "伟"),
    ],
)
def test_a_name_is_shown_in_its_own_order(family, given, shown):
    assert Customer(family_name=family, given_name=given).display_name == shown


def test_an_organisation_is_shown_by_its_name():
    assert str(organisation("Quantum Optics AG")).endswith(" Quantum Optics AG")


def test_every_customer_gets_a_number_of_their_own():
    first, second = person(), person()
    assert first.number == "C-000001"
    assert second.number == "C-000002"


def test_many_customers_get_their_numbers_at_once(django_assert_num_queries):
    allocate_numbers(1)
    with django_assert_num_queries(4):  # savepoint, take, read, release
        numbers = allocate_numbers(1000)
    assert len(set(numbers)) == 1000
    assert numbers[-1] == "C-001001"


def test_the_number_of_a_customer_in_the_bin_is_not_given_again():
    first = person()
    with somebody_acts():
        Customer.objects.filter(pk=first.pk).delete()
    assert person().number == "C-000002"


def test_age_is_counted_in_whole_years():
    assert years_between(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert years_between(date(2000, 2, 29), date(2026, 3, 1)) == 26
    assert person(birth_date=None).age is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "robot"},
        {"gender": "robot"},
        {"stage": "friend"},
        {"preferred_channel": "owl"},
        {"country": "de"},
        {"country": "D"},
        {"country": "12"},
        {"kind": "organisation", "organisation_name": ""},
        {"given_name": "", "family_name": ""},
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be_true(wrong):
    with pytest.raises(IntegrityError):
        person(**wrong)


def test_the_database_refuses_an_organisation_with_an_employer():
    with pytest.raises(IntegrityError):
        organisation("Tochter GmbH", employer=organisation("Mutter AG"))


def test_somebody_without_a_name_may_have_only_an_email():
    assert person(given_name="", family_name="", email="a@example.com").pk


def test_whoever_writes_nothing_at_all_is_asked_for_something():
    with pytest.raises(ValidationError, match="Write a name"):
        Customer().full_clean()


def test_nobodys_employer_is_a_person():
    employee = Customer(given_name="Anna", employer=person())
    with pytest.raises(ValidationError) as refusal:
        employee.full_clean()
    assert set(refusal.value.message_dict) == {"employer"}


def test_checking_a_customer_sends_no_protected_value_to_the_database(
    django_assert_max_num_queries,
):
    customer = person(**ZHANG_WEI)
    with django_assert_max_num_queries(6) as queries:
        customer.full_clean()
    sent = " ".join(query["sql"] for query in queries.captured_queries)
    assert "zhang.wei" not in sent
    assert "13812345678" not in sent


def test_a_customer_is_near_to_their_owner_and_the_owners_team():
    with somebody_acts():
        team = Team.objects.create(name="North")
    owner, colleague, stranger = staff("li"), staff("wang"), staff("zhao")
    for member in (owner, colleague):
        member.team = team
        with somebody_acts():
            member.save()
    customer = person(owner=owner)
    assert customer.owned_by(owner) is Scope.OWN
    assert customer.owned_by(colleague) is Scope.TEAM
    assert customer.owned_by(stranger) is Scope.ALL


def test_people_without_a_team_are_no_team():
    assert person(owner=staff("li")).owned_by(staff("wang")) is Scope.ALL


def test_a_customer_of_nobody_is_near_to_everybody():
    assert person().owned_by(staff("li")) is Scope.TEAM
