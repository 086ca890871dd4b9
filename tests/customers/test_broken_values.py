"""Somebody who can write to the database breaks one protected value of one customer.

That value is told as "cannot be opened" wherever it would be shown; nothing else stops, and
nothing writes over it.
"""

import contextlib
import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from audit.context import acting
from customers.imports.review import CannotDecide, decide
from customers.models import Customer, SourceRecord
from customers.models.imports import ImportRow
from customers.services import bin_customers, restore_customers
from staff.roles import Role
from tests.customers.importing import change, counts, import_file, undo, write_csv
from tests.customers.people import somebody_acts, staff
from tests.customers.test_customer_form import page, typed

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")
VICTIM = {
    "id": "1",
    "first_name": "Klara",
    "last_name": "Hofmann",
    "email": "klara@example.org",
    "phone": "+49 160 7969515",
    "street": "Ringweg 7",
    "city": "Köln",
    "country": "DE",
}
OTHER = VICTIM | {
    "id": "2",
    "first_name": "Otto",
    "last_name": "Brandt",
    "email": "otto@example.org",
    "phone": "+49 151 23456789",
}


def stored(customer, column="email", table="customers_customer", key="id"):
    """The column as it lies in the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {table} WHERE {key} = %s",
            [Customer._meta.pk.get_db_prep_value(customer.pk, connection)],
        )
        value = cursor.fetchone()[0]
    return bytes(value) if isinstance(value, memoryview) else value


def overwrite(customer, value, column="email", table="customers_customer"):
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE id = %s",
            [value, Customer._meta.pk.get_db_prep_value(customer.pk, connection)],
        )


def flipped(token):
    head, last = token[:-6], token[-6:]
    return head + ("A" if last[0] != "A" else "B") + last[1:]


BROKEN = {
    "another customer's": lambda own, other: stored(other),
    "another column's": lambda own, other: stored(own, "phone"),
    "plain text": lambda own, other: "mallory@example.net",
    "nothing": lambda own, other: "",
    "cut off": lambda own, other: stored(own)[:-8],
    "one bit flipped": lambda own, other: flipped(stored(own)),
    "of an unknown key": lambda own, other: "p1.s0000000." + stored(own).split(".")[2],
    "of the stock package": lambda own, other: (
        Fernet(Fernet.generate_key()).encrypt(b"mallory@example.net").decode()
    ),
}


@pytest.fixture
def steward(client):
    member = staff("steward", Role.DATA_STEWARD)
    client.force_login(member)
    return member


@pytest.fixture
def people(tmp_path, steward):
    """Two customers that one import made."""
    imported(tmp_path, VICTIM, OTHER)
    by_name = {customer.given_name: customer for customer in Customer.objects.all()}
    return by_name["Klara"], by_name["Otto"]


def imported(tmp_path, *rows, mode="review"):
    path = write_csv(tmp_path / "people.csv", *rows)
    return import_file(path, "--external-id", "id", "--on-duplicate", mode)


@pytest.fixture(params=BROKEN)
def broken(request, people):
    """A customer whose e-mail does not open, and what stands in its place."""
    own, other = people
    value = BROKEN[request.param](own, other)
    overwrite(own, value)
    return own, value, stored(own, "email_index")


def is_untouched(broken):
    customer, value, index = broken
    return (stored(customer), stored(customer, "email_index")) == (value, index)


def test_pages_tell_of_it_and_show_everything_else(broken, client):
    customer, value, _index = broken
    for url in (LIST, page(customer), f"{page(customer)[: -len('change/')]}history/"):
        text = client.get(url).text
        assert "mallory" not in text
        assert value == "" or value not in text
        if "history" not in url:
            assert "cannot be opened" in text
            assert "Hofmann" in text
    assert "otto@example.org" not in client.get(page(customer)).text
    found = client.post(reverse("admin:customers_customer_search"), {"term": "Hofmann"})
    assert customer.number in found.text
    for term in ("klara@example.org", "otto@example.org", "+49 160 7969515", customer.number):
        response = client.post(reverse("admin:customers_customer_search"), {"term": term})
        assert response.status_code == 200
    assert is_untouched(broken)


def test_saving_another_field_leaves_it_byte_for_byte(broken, client):
    customer, _value, _index = broken
    form = typed(client.get(page(customer)))
    assert "email" not in form
    response = client.post(page(customer), form | {"city": "Bonn", "phone": "+4930901820"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    again = Customer.objects.get(pk=customer.pk)
    assert (again.city, again.phone) == ("Bonn", "+4930901820")
    assert is_untouched(broken)
    history = client.get(f"{page(customer)[: -len('change/')]}history/").text
    assert "Bonn" in history


def test_two_may_edit_the_customer_all_the_same(broken, client):
    customer, _value, _index = broken
    with somebody_acts():
        found = Customer.objects.get(pk=customer.pk)
        found.job_title = "Baker"
        found.save()  # from here on the broken value stands in the history too
    form = typed(client.get(page(customer)))
    change(Customer.objects.get(pk=customer.pk), actor=staff("li", Role.SALES), city="Essen")
    response = client.post(page(customer), form | {"region": "NRW"}, follow=True)
    assert response.status_code == 200
    again = Customer.objects.get(pk=customer.pk)
    assert (again.city, again.region) == ("Essen", "NRW")
    assert is_untouched(broken)


def test_an_import_asks_a_person_and_goes_on(broken, tmp_path):
    changed = VICTIM | {"email": "klara.new@example.org", "city": "Bonn"}
    third = OTHER | {"id": "3", "email": "third@example.org", "phone": "", "first_name": "Ute"}
    result = imported(tmp_path, changed, OTHER | {"city": "Bonn"}, third)
    assert counts(result) == {"review": 1, "updated": 1, "created": 1}
    assert is_untouched(broken)


def test_an_import_that_updates_whoever_looks_alike_asks_too(broken, tmp_path):
    alike = VICTIM | {"id": "99", "email": "klara.new@example.org", "city": "Bonn"}
    assert counts(imported(tmp_path, alike, mode="update")) == {"review": 1}
    assert is_untouched(broken)


def test_the_undo_of_an_import_takes_back_the_rest(people, tmp_path):
    own, _other = people
    result = imported(tmp_path, VICTIM | {"city": "Bonn"}, OTHER | {"city": "Bonn"})
    assert counts(result) == {"updated": 2}
    overwrite(own, "mallory@example.net", "phone")
    done = undo(result["batch"])
    assert done["reversed"] == 2
    assert {customer.city for customer in Customer.objects.all()} == {"Köln"}


def test_it_goes_into_the_bin_and_comes_back_as_it_was(broken, steward):
    _customer, _value, _index = broken
    with acting(actor=steward, door="admin"):
        bin_customers(actor=steward, customers=Customer.objects.all(), reason="asked")
        restore_customers(actor=steward, customers=Customer.with_bin.all())
    assert is_untouched(broken)


def test_check_encryption_names_it_and_show_keys_counts_on(broken):
    customer, value, _index = broken
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_encryption", "--json", stdout=out, stderr=io.StringIO())
    assert ended.value.code == 1
    found = json.loads(out.getvalue())["findings"]
    assert {(one["model"], one["field"], one["id"]) for one in found} == {
        ("customers.Customer", "email", str(customer.pk))
    }
    assert value == "" or value not in out.getvalue()
    with contextlib.suppress(SystemExit):  # its verdict: not all are under a key of the ring
        call_command("show_keys", stdout=io.StringIO(), stderr=io.StringIO())


def test_bulk_writes_leave_it_byte_for_byte(broken):
    with somebody_acts():
        customers = list(Customer.objects.all())
        for customer in customers:
            customer.region = "NRW"
        assert Customer.objects.audited_update(customers, ["region", "email"]) == 2
        assert Customer.objects.audited_set(language="de") == 2
    assert is_untouched(broken)


@pytest.mark.parametrize("index", [None, b"0123456789abcdef"])
def test_a_wrong_index_is_found_and_mended_by_typing_the_value_anew(people, index, client):
    own, _other = people
    overwrite(own, index, "email_index")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_encryption", "--json", stdout=out, stderr=io.StringIO())
    found = json.loads(out.getvalue())["findings"]
    assert [(one["field"], one["problem"]) for one in found] == [
        ("email_index", "index does not fit")
    ]
    assert client.get(page(own)).status_code == 200
    for address in ("klara.new@example.org", "klara@example.org"):
        form = typed(client.get(page(own)))
        assert client.post(page(own), form | {"email": address}).status_code == 302
    assert Customer.objects.get(email="klara@example.org").pk == own.pk


def test_a_page_opened_while_a_key_was_missing_erases_nothing_once_it_is_back(people, client):
    own, _other = people
    token = stored(own)
    overwrite(own, BROKEN["of an unknown key"](own, own))
    form = typed(client.get(page(own)))
    overwrite(own, token)  # the operator put the right key ring back
    response = client.post(page(own), form | {"city": "Bonn"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    again = Customer.objects.get(pk=own.pk)
    assert (again.city, again.email) == ("Bonn", "klara@example.org")
    assert stored(own) == token


def test_a_row_that_waits_and_cannot_be_opened_stops_no_import(people, tmp_path):
    alike = OTHER | {"id": "50", "first_name": "Otto", "city": "Bonn"}
    assert counts(imported(tmp_path, alike)) == {"review": 1}
    waits = ImportRow.objects.get(outcome="review")
    overwrite(waits, "cut off", "payload", "customers_importrow")
    third = alike | {"id": "51"}
    result = imported(tmp_path, third, OTHER | {"id": "52", "email": "x@example.org", "phone": ""})
    assert counts(result) == {"review": 1, "created": 1}
    assert stored(waits, "payload", "customers_importrow") == "cut off"


def test_a_decision_to_update_does_not_write_over_what_cannot_be_opened(people, tmp_path, steward):
    own, _other = people
    overwrite(own, "mallory@example.net")
    assert counts(imported(tmp_path, VICTIM | {"email": "klara.new@example.org"})) == {"review": 1}
    waits = ImportRow.objects.get(outcome="review")
    with acting(actor=steward, door="admin"), pytest.raises(CannotDecide, match="cannot be opened"):
        decide(actor=steward, row=waits.pk, decision="updated")
    assert stored(own) == "mallory@example.net"
    with acting(actor=steward, door="admin"):
        decide(actor=steward, row=waits.pk, decision="skipped")


def test_an_identifier_of_a_source_that_cannot_be_opened_stops_nothing(people, client, tmp_path):
    own, _other = people
    record = SourceRecord.objects.get(customer=own)
    overwrite(record, "cut off", "external_id", "customers_sourcerecord")
    assert "cannot be opened" in client.get(page(own)).text
    assert counts(imported(tmp_path, VICTIM | {"city": "Bonn"})) == {"updated": 1}
    assert stored(record, "external_id", "customers_sourcerecord") == "cut off"


def test_an_undo_to_a_value_that_cannot_be_opened_leaves_no_index_of_another(people, tmp_path):
    own, _other = people
    table = Customer.history.model._meta.db_table
    result = imported(tmp_path, VICTIM | {"email": "klara.new@example.org"})
    assert counts(result) == {"updated": 1}
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET email = %s WHERE history_type = '+' AND id = %s",
            ["cut off", Customer._meta.pk.get_db_prep_value(own.pk, connection)],
        )
    undo(result["batch"])
    assert stored(own) == "cut off"
    assert stored(own, "email_index") is None
    assert not Customer.objects.filter(email="klara.new@example.org").exists()


def test_a_history_that_cannot_be_opened_is_told_and_hinders_no_change(people, client):
    own, _other = people
    table = Customer.history.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET email = %s, notes = %s", ["cut off", "x"])
    form = typed(client.get(page(own)))
    assert client.post(page(own), form | {"city": "Bonn"}).status_code == 302
    form = typed(client.get(page(own)))
    change(Customer.objects.get(pk=own.pk), actor=staff("li", Role.SALES), email="k@example.org")
    assert client.post(page(own), form | {"city": "Essen"}).status_code == 302
    again = Customer.objects.get(pk=own.pk)
    assert (again.city, again.email) == ("Essen", "k@example.org")
    history = client.get(f"{page(own)[: -len('change/')]}history/").text
    assert "cannot be opened" in history
