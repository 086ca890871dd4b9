"""What becomes of each row: created, updated, unchanged, repeated, review or set aside."""

import json

import pytest
from django.core.management import CommandError

from customers.models import Customer, ImportBatch, ImportRow, Source, SourceRecord
from staff.models import User

from .importing import ANNA, KLAUS, change, counts, import_file, write_csv

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def li_na():
    return User.objects.create_user("li.na", first_name="Li", last_name="Na")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


def test_a_row_becomes_a_customer_with_number_names_history_and_source(file):
    result = import_file(write_csv(file, KLAUS))
    customer = Customer.objects.get(email="klaus@example.org")
    assert counts(result) == {"created": 1}
    assert (customer.display_name, customer.city, customer.country) == (
        "Klaus Hofmann",
        "Köln",
        "DE",
    )
    assert customer.phone == "+491607969515"
    assert customer.number.startswith("C-")
    assert {bytes(part.part) for part in customer.name_parts.all()} == {b"klaus", b"hofmann"}
    record = customer.history.get()
    assert (record.history_type, record.history_door, record.history_actor) == (
        "+",
        "command",
        "system",
    )
    assert "import #1" in record.history_change_reason
    assert customer.source_records.get().source == Source.objects.get(name="web shop")


def test_the_same_file_twice_changes_nothing(file):
    write_csv(file, KLAUS, ANNA)
    import_file(file)
    assert counts(import_file(file)) == {"unchanged": 2}
    assert Customer.objects.count() == 2
    assert all(customer.history.count() == 1 for customer in Customer.objects.all())


def test_the_same_row_twice_in_one_file_is_one_customer(file):
    result = import_file(write_csv(file, KLAUS, ANNA, KLAUS))
    assert counts(result) == {"created": 2, "repeated": 1}


def test_rows_equal_after_cleaning_are_the_same_row(file):
    shouted = KLAUS | {"first_name": "  KLAUS ", "email": "Klaus@Example.ORG"}
    assert counts(import_file(write_csv(file, KLAUS, shouted))) == {"created": 1, "repeated": 1}


def test_a_known_external_id_updates_its_customer(file):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    result = import_file(write_csv(file, {"id": "7"} | KLAUS | {"city": "Bonn"}))
    customer = Customer.objects.get()
    assert counts(result) == {"updated": 1}
    assert customer.city == "Bonn"
    assert [row.city for row in customer.history.all()] == ["Bonn", "Köln"]


def test_the_same_external_id_of_another_source_is_another_record(file):
    write_csv(file, {"id": "7"} | KLAUS)
    import_file(file)
    assert counts(import_file(file, source="trade fair")) == {"review": 1}


def test_a_column_named_on_the_command_line_is_the_external_id(file):
    write_csv(file, {"Member": "A-1"} | KLAUS)
    import_file(file, "--external-id", "Member")
    changed = write_csv(file, {"Member": "A-1"} | KLAUS | {"city": "Bonn"})
    assert counts(import_file(changed, "--external-id", "Member")) == {"updated": 1}
    assert SourceRecord.objects.get().external_id == "A-1"


def test_one_external_id_twice_in_a_file_ends_as_its_last_row(file):
    rows = [{"id": "7"} | KLAUS, {"id": "7"} | KLAUS | {"city": "Bonn"}, {"id": "7"} | KLAUS]
    result = import_file(write_csv(file, *rows))
    assert counts(result) == {"created": 1, "updated": 2}
    assert Customer.objects.get().city == "Köln"


def test_empty_and_impossible_cells_never_erase(file):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    broken = {"id": "7"} | KLAUS | {"city": "", "email": "not an address", "phone": "N/A"}
    result = import_file(write_csv(file, broken))
    customer = Customer.objects.get()
    assert counts(result) == {"unchanged": 1}
    assert result["cells_emptied"] == 1
    assert (customer.city, customer.email) == ("Köln", "klaus@example.org")


def test_what_staff_changed_since_waits_for_review(file, li_na):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    change(Customer.objects.get(), actor=li_na, phone="+4915199999999")
    fresh = {"id": "7"} | KLAUS | {"phone": "+49 160 1111111"}
    assert counts(import_file(write_csv(file, fresh))) == {"review": 1}
    assert Customer.objects.get().phone == "+4915199999999"
    assert ImportRow.objects.get(outcome="review").reasons == ["changed_by_staff"]


def test_a_change_of_staff_elsewhere_does_not_stop_an_update(file, li_na):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    change(Customer.objects.get(), actor=li_na, notes="call again")
    result = import_file(write_csv(file, {"id": "7"} | KLAUS | {"city": "Bonn"}))
    customer = Customer.objects.get()
    assert counts(result) == {"updated": 1}
    assert (customer.city, customer.notes) == ("Bonn", "call again")


def test_what_staff_changed_and_changed_back_is_no_change(file, li_na):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    change(Customer.objects.get(), actor=li_na, phone="+4915199999999")
    change(Customer.objects.get(), actor=li_na, phone="+491607969515")
    fresh = {"id": "7"} | KLAUS | {"phone": "+49 160 1111111"}
    assert counts(import_file(write_csv(file, fresh))) == {"updated": 1}


def test_a_row_that_waits_is_not_asked_about_twice(file, li_na):
    import_file(write_csv(file, KLAUS))
    other = KLAUS | {"city": "Bonn"}
    assert counts(import_file(write_csv(file, other))) == {"review": 1}
    assert counts(import_file(write_csv(file, other))) == {"unchanged": 1}


def test_a_customer_in_the_bin_is_not_brought_back_by_an_import(file, li_na):
    from customers.services import bin_customers

    import_file(write_csv(file, {"id": "7"} | KLAUS))
    bin_customers(actor=li_na, customers=Customer.objects.all(), reason="asked us to")
    result = import_file(write_csv(file, {"id": "7"} | KLAUS | {"city": "Bonn"}))
    assert counts(result) == {"review": 1}
    assert Customer.objects.count() == 0


def test_nobody_at_all_is_set_aside_and_the_rest_goes_through(file):
    result = import_file(write_csv(file, KLAUS, {"city": "Bonn"}, ANNA))
    assert counts(result) == {"created": 2, "set_aside": 1}
    row = ImportRow.objects.get(outcome="set_aside")
    assert (row.number, row.reasons) == (2, ["no_identity"])
    assert json.loads(row.payload)["cells"]["city"] == "Bonn"


def test_an_emptied_cell_is_kept_sealed(file):
    import_file(write_csv(file, KLAUS | {"email": "klaus(at)example"}))
    row = ImportRow.objects.get()
    assert row.emptied[0][0] == "email"
    assert json.loads(row.payload)["left_out"][0][2] == "klaus(at)example"
    assert ImportBatch.objects.get().emptied


def test_an_employer_is_found_or_made_once_whatever_its_spelling(file):
    rows = [KLAUS | {"company": "Quantum Optics AG"}, ANNA | {"company": "QUANTUM OPTICS ag "}]
    result = import_file(write_csv(file, *rows))
    employer = Customer.objects.get(kind="organisation")
    assert result["employers_created"] == 1
    assert employer.organisation_name == "Quantum Optics AG"
    assert employer.employees.count() == 2
    assert import_file(file, source="other")["employers_created"] == 0


def test_a_row_with_only_a_company_is_an_organisation(file):
    import_file(write_csv(file, {"company": "Ridge Textiles", "city": "Leeds"}))
    customer = Customer.objects.get()
    assert (customer.kind, customer.display_name) == ("organisation", "Ridge Textiles")


def test_a_dry_run_writes_nothing_and_counts_the_same(file, django_assert_num_queries):
    rows = [
        KLAUS | {"company": "Quantum Optics AG"},
        KLAUS,
        ANNA,
        ANNA,
        KLAUS | {"city": "Bonn"},
        {"city": "nobody"},
        ANNA | {"email": "x@", "company": "quantum optics ag"},
    ]
    tried = import_file(write_csv(file, *rows), "--dry-run")
    assert (Customer.objects.count(), Source.objects.count(), ImportBatch.objects.count()) == (
        0,
        0,
        0,
    )
    done = import_file(file)
    assert tried["batch"] is None
    assert {**tried, "batch": done["batch"]} == done


def test_a_dry_run_with_external_ids_counts_the_same(file):
    rows = [{"id": "7"} | KLAUS, {"id": "8"} | ANNA, {"id": "7"} | KLAUS | {"city": "Bonn"}]
    tried = import_file(write_csv(file, *rows), "--dry-run")
    assert counts(tried) == counts(import_file(file)) == {"created": 2, "updated": 1}
    assert counts(import_file(file, "--dry-run")) == counts(import_file(file))


def test_a_mapping_file_says_which_column_is_which(file, tmp_path):
    write_csv(file, {"A": "Klaus", "B": "Hofmann", "C": "Waldallee", "D": "48", "E": "?"})
    wanted = tmp_path / "mapping.json"
    wanted.write_text('{"A": "given_name", "B": "family_name", "C": "street", "D": "street"}')
    result = import_file(file, "--mapping", str(wanted))
    assert result["unmapped"] == ["E"]
    assert Customer.objects.get().street == "Waldallee 48"
    # Remembered: the next file of this source needs no mapping.
    write_csv(file, {"A": "Anna", "B": "Schmidt", "C": "Ring", "D": "1", "E": "?"})
    assert counts(import_file(file)) == {"created": 1}
    assert Customer.objects.get(given_name="Anna").street == "Ring 1"


def test_history_belongs_to_who_imported(file, li_na):
    import_file(write_csv(file, KLAUS), "--actor", "li.na")
    record = Customer.objects.get().history.get()
    assert (record.history_actor_id, record.history_actor) == (li_na.pk, "Li Na")


@pytest.mark.parametrize("country", ["UK", "XX", "Germany"])
def test_a_country_that_is_none_is_refused_before_anything_is_read(tmp_path, country):
    with pytest.raises(CommandError) as caught:
        import_file(write_csv(tmp_path / "one.csv", KLAUS), "--country", country)

    assert "is no ISO 3166 country code" in str(caught.value)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_source_nobody_could_name_again_is_refused_before_anything_is_read(tmp_path, name):
    with pytest.raises(CommandError) as caught:
        import_file(write_csv(tmp_path / "one.csv", KLAUS), source=name)

    assert "--source" in str(caught.value)
    assert not Customer.objects.exists()
    assert not Source.objects.exists()
