"""Rows that look like somebody we have: who is taken for whom, and what is done then."""

import csv

import pytest

from customers.imports.names import Name, similar
from customers.models import Customer, ImportRow
from staff.models import User

from .importing import ANNA, KLAUS, change, counts, everything, import_file, undo, write_csv

pytestmark = pytest.mark.django_db(transaction=True)
MORE = KLAUS | {"city": "Bonn", "note": "moved"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


@pytest.mark.parametrize(
    "one, other",
    [
        (("Klaus", "Hofmann"), ("Klaus", "Hoffmann")),
        (("Klaus", "Hofmann"), ("Hofmann", "Klaus")),
        (("Klaus", "Hofmann"), ("KLAUS", "hofmann")),
        (("K.", "Hofmann"), ("Klaus", "Hofmann")),
        (("Klaus Peter", "Hofmann"), ("Klaus", "Hofmann")),
        (("José", "García"), ("Jose", "Garcia")),
        (("伟", "张"), ("张", "伟")),
        (("", "Hofmann"), ("Klaus", "Hofmann")),
        (("Klaus Hofmann", ""), ("Klaus", "Hofmann")),
    ],
)
def test_these_may_be_one_person(one, other):
    assert similar(Name(*one), Name(*other))
    assert similar(Name(*other), Name(*one))


@pytest.mark.parametrize(
    "one, other",
    [
        (("Klaus", "Hofmann"), ("Anna", "Hofmann")),
        (("伟", "张"), ("敏", "张")),
        (("建国", "王"), ("建军", "王")),
        (("Jack", "Smith"), ("Jill", "Smith")),
        (("", ""), ("Klaus", "Hofmann")),
    ],
)
def test_relatives_who_share_a_phone_are_two_people(one, other):
    assert not similar(Name(*one), Name(*other))


@pytest.mark.parametrize(
    "row, reasons",
    [
        ({"email": "KLAUS@example.org", "first_name": "K", "last_name": "H"}, ["same_email"]),
        (
            KLAUS | {"email": "other@example.org", "last_name": "Hoffmann"},
            ["same_phone"],
        ),
        ({"first_name": "X", "national_id": "137 338 105 67"}, ["same_national_id"]),
    ],
)
def test_an_equal_mail_id_or_phone_with_the_name_waits(file, row, reasons):
    import_file(write_csv(file, KLAUS | {"national_id": "13733810567"}))
    assert counts(import_file(write_csv(file, row), source="other")) == {"review": 1}
    waits = ImportRow.objects.get(outcome="review")
    assert (waits.reasons, waits.candidate_key) == (reasons, Customer.objects.get().pk)


def test_a_relative_with_the_same_phone_is_a_new_customer(file):
    wife = {"first_name": "Maria", "last_name": "Hofmann", "phone": KLAUS["phone"]}
    assert counts(import_file(write_csv(file, KLAUS, wife | {"country": "DE"}))) == {"created": 2}


def test_a_third_of_the_same_person_waits_with_the_second(file):
    second = KLAUS | {"phone": "+49 151 23456789"}
    third = {"first_name": "Klaus", "last_name": "Hofman", "phone": "+49 151 23456789"}
    assert counts(import_file(write_csv(file, KLAUS, second, third))) == {"created": 1, "review": 2}
    assert ImportRow.objects.get(number=3).candidate_row == 2


def test_skip_leaves_the_row_out(file):
    import_file(write_csv(file, KLAUS))
    result = import_file(write_csv(file, MORE, ANNA), "--on-duplicate", "skip", source="other")
    assert counts(result) == {"created": 1, "unchanged": 1}
    assert Customer.objects.get(given_name="Klaus").city == "Köln"


def test_create_makes_another_customer(file):
    import_file(write_csv(file, KLAUS))
    result = import_file(write_csv(file, MORE), "--on-duplicate", "create", source="other")
    assert counts(result) == {"created": 1}
    assert Customer.objects.filter(email="klaus@example.org").count() == 2


def test_update_brings_the_new_values_and_the_source_knows_the_customer(file):
    import_file(write_csv(file, KLAUS))
    before = everything()
    write_csv(file, MORE)
    tried = import_file(file, "--on-duplicate", "update", "--dry-run", source="other")
    result = import_file(file, "--on-duplicate", "update", source="other")
    customer = Customer.objects.get()
    assert counts(tried) == counts(result) == {"updated": 1}
    assert (customer.city, customer.notes) == ("Bonn", "moved")
    assert customer.source_records.count() == 2
    assert counts(import_file(file, "--on-duplicate", "update", source="other")) == {"unchanged": 1}
    undo(result["batch"])
    after = everything()
    assert after["Customer"] == before["Customer"]
    assert after["SourceRecord"] == before["SourceRecord"]


def test_update_works_on_customers_made_by_hand_but_not_over_what_staff_changed(file):
    li_na = User.objects.create_user("li.na", first_name="Li", last_name="Na")
    change(Customer(given_name="Klaus", email="klaus@example.org", city="Ulm"), actor=li_na)
    write_csv(file, MORE)
    assert counts(import_file(file, "--on-duplicate", "update")) == {"updated": 1}
    change(Customer.objects.get(), actor=li_na, city="Ulm")
    write_csv(file, MORE | {"city": "Köln"})
    assert counts(import_file(file, "--on-duplicate", "update")) == {"review": 1}


def test_update_asks_when_several_customers_fit(file):
    rows = [KLAUS, ANNA]
    import_file(write_csv(file, *rows))
    both = KLAUS | {"email": ANNA["email"]}
    result = import_file(write_csv(file, both), "--on-duplicate", "update", source="other")
    assert counts(result) == {"review": 1}


def test_update_of_a_row_of_the_same_file_counts_the_same_when_tried(file):
    write_csv(file, KLAUS, MORE, ANNA, KLAUS | {"city": "Ulm"})
    tried = import_file(file, "--on-duplicate", "update", "--dry-run")
    result = import_file(file, "--on-duplicate", "update")
    assert counts(tried) == counts(result) == {"created": 2, "updated": 2}
    assert Customer.objects.get(given_name="Klaus").city == "Ulm"


def test_many_messy_rows_count_the_same_when_tried(file):
    from benchmarks.messy_rows import messy_rows

    write_csv(file, *messy_rows(1500))
    tried = import_file(file, "--dry-run")
    done = import_file(file)
    assert {**tried, "batch": done["batch"]} == done
    with file.open(encoding="utf-8", newline="") as rows:
        assert done["rows"] == sum(1 for _row in csv.DictReader(rows))
