"""Undoing an import: the state after equals the state before, but for what people changed."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from customers.models import Customer, ImportBatch, ImportRow, Source, SourceRecord
from customers.models.imports import BatchState
from staff.models import User

from .importing import ANNA, KLAUS, change, counts, everything, import_file, undo, write_csv

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def li_na():
    return User.objects.create_user("li.na", first_name="Li", last_name="Na")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


def rows_with_ids(*rows):
    return [{"id": str(number)} | row for number, row in enumerate(rows, start=1)]


def test_undoing_a_first_import_leaves_nothing_of_it_but_history(file):
    before = everything()
    rows = [
        KLAUS | {"company": "Ridge", "tags": "vip"},
        ANNA,
        KLAUS | {"city": "Bonn"},
        {"city": "x"},
    ]
    result = import_file(write_csv(file, *rows))
    undone = undo(result["batch"])
    assert (undone["reversed"], undone["kept"], undone["failed"]) == (2, [], [])
    assert undone["employers_removed"] == 1
    assert everything() == before
    trail = Customer.history.model.objects.filter(given_name="Klaus").order_by("history_id")
    assert [row.history_type for row in trail] == ["+", "-"]
    assert trail.last().history_change_reason == "undo of import #1 from web shop"


def test_undoing_an_update_brings_every_value_back(file):
    import_file(write_csv(file, *rows_with_ids(KLAUS, ANNA)))
    before = everything()
    changed = KLAUS | {
        "last_name": "Hoffmann",
        "email": "new@example.org",
        "phone": "+49 160 1111111",
        "city": "Bonn",
        "company": "Ridge",
        "tags": "vip",
        "note": "called",
        "birth_date": "1980-02-03",
    }
    result = import_file(
        write_csv(file, *rows_with_ids(changed, ANNA, KLAUS | {"email": "k2@example.org"}))
    )
    assert everything() != before
    assert undo(result["batch"])["reversed"] >= 1
    after = everything()
    # Which columns the source has was remembered anew, and is remembered as before again.
    assert after == before
    assert Customer.objects.filter(email="klaus@example.org").count() == 1
    assert Customer.objects.filter(email="new@example.org").count() == 0


def test_a_customer_changed_since_is_kept_and_named(file, li_na):
    result = import_file(write_csv(file, KLAUS, ANNA))
    klaus = Customer.objects.get(given_name="Klaus")
    change(klaus, actor=li_na, phone="+4915199999999")
    tried = undo(result["batch"], "--dry-run")
    undone = undo(result["batch"])
    kept = undone["kept"][0]
    assert tried["kept"] == undone["kept"]
    assert tried["reversed"] == undone["reversed"] == 1
    assert (kept["customer"], kept["number"], kept["who"]) == (str(klaus.pk), klaus.number, "Li Na")
    assert kept["when"]
    assert list(Customer.objects.values_list("given_name", flat=True)) == ["Klaus"]
    assert Customer.objects.get().phone == "+4915199999999"
    assert SourceRecord.objects.count() == 1


def test_a_change_between_two_rows_of_the_import_counts_as_a_change_since(file, li_na):
    first = import_file(write_csv(file, *rows_with_ids(KLAUS)))
    change(Customer.objects.get(), actor=li_na, notes="call again")
    import_file(write_csv(file, *rows_with_ids(KLAUS | {"city": "Bonn"})))
    assert undo(first["batch"])["reversed"] == 0
    assert Customer.objects.get().notes == "call again"


def test_imports_undone_one_after_the_other_end_where_they_began(file):
    empty = everything()
    first = import_file(write_csv(file, *rows_with_ids(KLAUS)))
    after_first = everything()
    second = import_file(write_csv(file, *rows_with_ids(KLAUS | {"city": "Bonn"}, ANNA)))
    undo(second["batch"])
    assert everything() == after_first
    undo(first["batch"])
    assert everything() == empty


def test_a_later_import_keeps_what_it_changed(file):
    first = import_file(write_csv(file, *rows_with_ids(KLAUS)))
    import_file(write_csv(file, *rows_with_ids(KLAUS | {"city": "Bonn"})))
    undone = undo(first["batch"])
    assert undone["reversed"] == 0
    assert len(undone["kept"]) == 1
    assert Customer.objects.get().city == "Bonn"


def test_a_dry_run_of_an_undo_writes_nothing_and_counts_the_same(file):
    result = import_file(write_csv(file, KLAUS | {"company": "Ridge"}, ANNA))
    before = everything()
    tried = undo(result["batch"], "--dry-run")
    assert everything() == before
    assert tried == undo(result["batch"])


def test_undoing_twice_says_so(file):
    result = import_file(write_csv(file, KLAUS))
    undo(result["batch"])
    with pytest.raises(CommandError, match="was undone already") as refused:
        call_command("undo_import", result["batch"])
    assert refused.value.returncode == 2


def test_an_import_at_work_is_not_undone(file):
    result = import_file(write_csv(file, KLAUS))
    ImportBatch.objects.update(state=BatchState.RUNNING)
    with pytest.raises(CommandError, match="still at work"):
        call_command("undo_import", result["batch"])
    assert Customer.objects.count() == 1


def test_an_import_is_named_by_its_number_or_its_id(file):
    import_file(write_csv(file, KLAUS))
    assert undo("1")["reversed"] == 1
    with pytest.raises(CommandError, match="There is no import '99'"):
        call_command("undo_import", "99")


def test_an_employer_somebody_else_works_for_stays(file, li_na):
    result = import_file(write_csv(file, KLAUS | {"company": "Ridge"}))
    ridge = Customer.objects.get(kind="organisation")
    change(Customer(given_name="Otto", family_name="Berg", employer=ridge), actor=li_na)
    undone = undo(result["batch"])
    assert (undone["reversed"], undone["employers_removed"]) == (1, 0)
    assert Customer.objects.get(given_name="Otto").employer == ridge


def test_an_organisation_that_is_needed_is_said_to_have_failed(file, li_na):
    result = import_file(write_csv(file, {"company": "Ridge Textiles", "city": "Leeds"}))
    ridge = Customer.objects.get()
    change(Customer(given_name="Otto", family_name="Berg", employer=ridge), actor=li_na)
    undone = undo(result["batch"])
    assert (undone["reversed"], undone["failed"][0]["number"]) == (0, ridge.number)


def test_rows_that_wait_are_withdrawn_and_their_values_forgotten(file):
    import_file(write_csv(file, KLAUS))
    result = import_file(write_csv(file, KLAUS | {"city": "Bonn"}))
    assert counts(result) == {"review": 1}
    undo(result["batch"])
    row = ImportRow.objects.get(outcome="review")
    assert (row.decision, row.payload) == ("withdrawn", None)
    # The same file may be imported again, and waits again.
    assert counts(import_file(file)) == {"review": 1}


def test_numbers_are_not_given_again(file):
    result = import_file(write_csv(file, KLAUS))
    first = Customer.objects.get().number
    undo(result["batch"])
    import_file(file)
    assert Customer.objects.get().number > first
    assert Source.objects.count() == 1


def test_a_second_source_that_said_nothing_new_is_forgotten_too(file):
    before = everything()
    first = import_file(write_csv(file, KLAUS, ANNA))
    between = everything()
    second = import_file(write_csv(file, KLAUS, ANNA), source="fair", on_duplicate="update")
    assert second["unchanged"] == 2
    assert SourceRecord.objects.count() == 4
    undo(second["batch"])
    assert everything() == between
    undo(first["batch"])
    assert everything() == before


def test_a_kept_customer_is_counted_once_however_many_rows_led_to_it(file, li_na, monkeypatch):
    monkeypatch.setattr("customers.imports.undo.AT_ONCE", 1)
    result = import_file(write_csv(file, KLAUS, ANNA, KLAUS))
    assert (result["created"], result["repeated"]) == (2, 1)
    change(Customer.objects.get(given_name="Klaus"), actor=li_na, city="Bonn")
    undone = undo(result["batch"])
    assert (undone["reversed"], undone["kept_count"], len(undone["kept"])) == (1, 1, 1)
