"""One box, and it understands what stands in it."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.models import Customer, CustomerName
from customers.models.names import begins_with, folded_words, parts_of
from customers.search import find_customers, phones_meant
from staff.models import User
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts

anybody = User()
needs_database = pytest.mark.django_db


def found(term: str) -> list[Customer]:
    return list(find_customers(term, anybody))


@needs_database
@pytest.mark.parametrize(
    "term",
    [
        "zhang.wei@example.com",
        "  Zhang.Wei@EXAMPLE.com ",
        "+8613812345678",
        "+86 138-1234-5678",
        "0086 138 1234 5678",
        "138 1234 5678",
        "13812345678",
        "１３８１２３４５６７８",
        "11010519491231002X",
        "110105 19491231 002x",
        "C-000001",
        "c1",
        "1",
        "张",
        "张伟",
        "张 伟",
        "伟",
    ],
)
def test_a_customer_is_found_by_whatever_one_has_at_hand(term):
    customer = person(**ZHANG_WEI, national_id="11010519491231002X")
    person(given_name="Somebody", family_name="Else", email="else@example.com", country="DE")
    assert found(term) == [customer]


@needs_database
@pytest.mark.parametrize(
    "term",
    ["müller", "MULLER", "Lüdenscheid", "ludensch", "ann", "anna mül", "Muller, Anna", "mullerlud"],
)
def test_a_name_is_found_by_the_beginning_of_any_part_without_case_or_accents(term):
    customer = person(given_name="Anna Sophie", family_name="Müller-Lüdenscheid")
    person(given_name="Joanna", family_name="Schmidt")
    assert found(term) == [customer]


@needs_database
@pytest.mark.parametrize("term", ["O'Brien", "O’Brien", "obrien", "o'b"])
def test_an_apostrophe_does_not_hide_anybody(term):
    customer = person(family_name="O'Brien", given_name="Pat")
    assert found(term) == [customer]


@needs_database
def test_every_word_must_fit():
    person(given_name="Anna", family_name="Schmidt")
    assert found("anna müller") == []


@needs_database
def test_an_organisation_is_found_by_any_word():
    company = organisation("博远科技 Optics (Holding) AG")
    assert found("hold") == found("博") == found("optics ag") == [company]


@needs_database
def test_names_of_one_letter_count_too():
    customer = person(given_name="X", family_name="Æ")
    assert found("ae") == [customer]


@needs_database
def test_who_is_called_like_the_word_itself_comes_before_whose_name_begins_so():
    with somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name=f"Lia{i:03d}", given_name="A") for i in range(300)]
        )
    exact = person(family_name="Li", given_name="Na")
    assert exact in found("li")
    assert len(found("li")) <= 200


@needs_database
@pytest.mark.parametrize(
    "term", ["", "   ", "%", "_", "'; DROP TABLE", "\x00", "\ud800", "-", "@", "a@", "…", "🙂", "0"]
)
def test_a_term_that_means_nothing_finds_nobody_and_breaks_nothing(term):
    person(**ZHANG_WEI)
    assert found(term) == []


@needs_database
def test_the_bin_is_not_searched():
    customer = person(**ZHANG_WEI)
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at="2026-01-01T00:00:00Z")
    for term in ("张伟", "zhang.wei@example.com", "C-000001", "13812345678"):
        assert found(term) == []


@needs_database
def test_a_number_that_is_no_identifier_of_anybody_may_be_a_name():
    club = organisation("1860 München")
    assert found("1860") == [club]


@needs_database
def test_a_new_name_is_found_and_the_old_one_is_not():
    customer = person(given_name="Anna", family_name="Schmidt")
    customer.family_name = "Weber"
    with somebody_acts():
        customer.save()
    assert found("Weber") == [customer]
    assert found("Schmidt") == []


@needs_database
def test_saving_some_fields_never_indexes_what_was_not_saved():
    customer = person(given_name="Anna", family_name="Schmidt")
    customer.given_name = "Anne"
    customer.family_name = "Weber"
    with somebody_acts():
        customer.save(update_fields=["given_name"])
    assert found("anne schmidt") == [customer]
    assert found("Weber") == []


@needs_database
def test_many_at_once_are_found_as_well():
    with somebody_acts():
        customers = Customer.objects.audited_create(
            [Customer(family_name="Weber", given_name=f"Anna{i}") for i in range(3)]
        )
        for customer in customers:
            customer.family_name = "Schmidt"
        Customer.objects.audited_update(customers, ["family_name"])
    assert len(found("schmidt anna")) == 3
    assert found("weber") == []


@needs_database
def test_indexing_a_thousand_costs_what_indexing_one_does(django_assert_max_num_queries):
    with django_assert_max_num_queries(150), somebody_acts():
        Customer.objects.audited_create(
            [Customer(family_name=f"Weber{i}", given_name=f"Anna{i}") for i in range(1000)]
        )


@needs_database
def test_names_are_read_from_the_index_and_never_scanned():
    with connection.cursor() as cursor:
        for rows in (
            find_customers("web", anybody),
            find_customers("anna web", anybody),
        ):
            sql, params = rows.query.sql_with_params()
            plan = explained(cursor, sql, params)
            assert "customername_part" in plan
            assert not scans(plan, CustomerName)


@needs_database
@pytest.mark.parametrize(
    "term, index",
    [
        ("zhang.wei@example.com", "email_index"),
        ("+8613812345678", "phone_index"),
        ("11010519491231002X", "national_id_index"),
        ("C-000001", "number"),
    ],
)
def test_identifiers_are_read_from_their_index(term, index, django_assert_max_num_queries):
    person(**ZHANG_WEI, national_id="11010519491231002X")
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL scans a table of one page whatever indexes there are")
    with django_assert_max_num_queries(6) as queries:
        assert len(found(term)) == 1
    asked = [query["sql"] for query in queries.captured_queries if f'"{index}" ' in query["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for sql in asked:
            assert not scans(explained(cursor, sql, ()), Customer), sql


@needs_database
def test_no_protected_term_reaches_the_database(django_assert_max_num_queries):
    customer = person(**ZHANG_WEI, national_id="11010519491231002X")
    for term in ("zhang.wei@example.com", "13812345678", "11010519491231002X"):
        with django_assert_max_num_queries(5) as queries:
            assert found(term) == [customer]
        sent = " ".join(query["sql"] for query in queries.captured_queries)
        assert term not in sent
        assert "13812345678" not in sent


@needs_database
def test_a_national_phone_is_tried_in_every_country_that_customers_are_in():
    person(country="DE")
    person(country="CN")
    assert phones_meant("030 901820") == {"+4930901820"}
    assert phones_meant("+33 1 42 68 53 00") == {"+33142685300"}
    assert phones_meant("Anna") == set()


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_every_word_of_every_name_is_found_again(given_name, family_name, organisation_name):
    given_name, family_name, organisation_name = (
        name.encode("utf-8", "ignore").decode()
        for name in (given_name, family_name, organisation_name)
    )
    parts = parts_of(given_name, family_name, organisation_name)
    for name in (given_name, family_name, organisation_name):
        for word in folded_words(name):
            low, high = (condition[1] for condition in begins_with(word).children)
            assert any(low <= part < high for part in parts)


def explained(cursor, sql, params) -> str:
    if connection.vendor == "sqlite":
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return "\n".join(str(row[3]) for row in cursor.fetchall())
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(f"EXPLAIN {sql}", params)
    return "\n".join(row[0] for row in cursor.fetchall())


def scans(plan: str, model) -> bool:
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        return any(line.startswith("SCAN") and table in line for line in plan.splitlines())
    return f"Seq Scan on {table}" in plan
