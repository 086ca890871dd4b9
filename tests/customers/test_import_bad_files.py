"""Files nobody would wish for: a clear error or clean customers, and nothing lost."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from customers.models import Customer, ImportBatch, ImportRow, Source
from encryption.cipher import seal

from .importing import ANNA, KLAUS, counts, import_file, write_csv

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


def refused(path, *arguments):
    with pytest.raises(CommandError) as problem:
        call_command("import_customers", str(path), "--source", "web shop", *arguments)
    assert problem.value.returncode == 2
    assert (ImportBatch.objects.count(), Source.objects.count()) == (0, 0)
    return str(problem.value)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty"),
        (b"first_name,email\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG"),
        (b"name,city\nM\xe8\x81\xfe,\xd3x\n", "--encoding"),
        (b"PK\x03\x04" + bytes(100), ""),
        (b"\x00" * 5000, ""),
    ],
)
def test_what_is_no_table_of_customers_is_refused_in_words(file, content, words):
    file.write_bytes(content)
    message = refused(file)
    assert words in message
    assert len(message) > 30


def test_bytes_that_stop_being_utf8_far_down_are_met_before_anything_is_written(file):
    good = b"".join(b"Klaus%d,k%d@example.org\n" % (n, n) for n in range(8000))
    mark = b"\xef\xbb\xbf"  # it says of itself that it is UTF-8
    file.write_bytes(mark + b"first_name,email\n" + good + b"M\xfcller,x@example.org\n")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_customers", str(file), "--source", "web shop")
    assert Customer.objects.count() == 0


def test_a_file_that_is_not_there(tmp_path):
    assert "cannot be read: No such file" in refused(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    "mapping, words",
    [
        ("{", "is not JSON"),
        ("[1]", "one JSON object"),
        ('{"first_name": "firstname"}', "no field of a customer"),
        ('{"nothing": "email"}', "no column “nothing”"),
        ('{"first_name": "email", "last_name": "email"}', "both mapped"),
        ('{"first_name": ""}', "No column"),
    ],
)
def test_a_mapping_that_fits_nothing_is_refused(file, tmp_path, mapping, words):
    wanted = tmp_path / "mapping.json"
    wanted.write_text(mapping)
    assert words in refused(write_csv(file, KLAUS), "--mapping", str(wanted))


def test_columns_nobody_knows_are_refused_with_their_names(file):
    message = refused(write_csv(file, {"abc": "1", "xyz": "2"}))
    assert "abc, xyz" in message


def test_an_external_id_column_that_is_not_there(file):
    assert "no column “nr”" in refused(write_csv(file, KLAUS), "--external-id", "nr")


def test_carriage_returns_alone_end_lines(file):
    file.write_bytes(b"first_name,email\rKlaus,klaus@example.org\rAnna,anna@example.org\r")
    assert counts(import_file(file)) == {"created": 2}


def test_a_stray_quote_and_ragged_rows_cost_their_own_rows_at_most(file):
    file.write_text(
        "first_name,last_name,email,note\n"
        'Klaus,Hofmann,klaus@example.org,a 5" pipe\n'
        "Anna,Schmidt\n"
        "Otto,Berg,otto@example.org,one,two,three\n"
        "Ida,Stein,ida@example.org,fine\n"
    )
    result = import_file(file)
    assert counts(result) == {"created": 3, "set_aside": 1}
    assert ImportRow.objects.get(outcome="set_aside").number == 3
    assert Customer.objects.get(given_name="Klaus").notes == 'a 5" pipe'


def test_any_language_and_emoji_come_in_as_they_are(file):
    rows = [
        {"first_name": "伟", "last_name": "张", "email": "zw@example.com"},
        {"first_name": "שרה", "last_name": "כהן", "email": "sara@example.com"},
        {"first_name": "محمد", "last_name": "العربي", "email": "m@example.com"},
        {"first_name": "Zoë 🦊", "last_name": "O'Brien-de la Cruz", "email": "zoe@example.com"},
    ]
    assert counts(import_file(write_csv(file, *rows))) == {"created": 4}
    for row in rows:
        customer = Customer.objects.get(email=row["email"])
        assert (customer.given_name, customer.family_name) == (row["first_name"], row["last_name"])
    assert Customer.objects.get(email="zw@example.com").display_name == "张伟"


def test_formulas_and_markup_are_text_like_any_other(file):
    evil = "<img src=x onerror=alert(1)>"
    row = KLAUS | {"first_name": evil, "city": "=HYPERLINK(0)", "note": "@SUM(A1)"}
    import_file(write_csv(file, row))
    customer = Customer.objects.get()
    assert customer.given_name.lower() == evil.lower()
    assert (customer.city, customer.notes) == ("=HYPERLINK(0)", "@SUM(A1)")


def test_a_sealed_value_copied_into_a_file_is_never_opened(file):
    import_file(write_csv(file, KLAUS))
    token = Customer.objects.get().__dict__["email"].token
    forged = seal("secret", context="customers.customer.notes", row="x")
    rows = [ANNA | {"note": token}, ANNA | {"first_name": "Ida", "email": forged, "phone": ""}]
    result = import_file(write_csv(file, *rows))
    assert result["created"] == 2
    assert result["cells_emptied"] == 2
    assert all(not customer.notes for customer in Customer.objects.all())


def test_what_no_column_can_hold_is_emptied_and_the_row_goes_through(file):
    row = KLAUS | {"city": "x" * 101, "zip": "9" * 21, "gender": "unknowable"}
    result = import_file(write_csv(file, row))
    customer = Customer.objects.get()
    assert counts(result) == {"created": 1}
    assert result["cells_emptied"] >= 2
    assert (customer.city, customer.postal_code, customer.gender) == ("", "", "")


def test_nothing_of_a_file_stands_in_plain_text_in_the_database(file, tmp_path):
    secrets = KLAUS | {
        "street": "Geheimweg 77",
        "note": "likes canaries",
        "birth_date": "1977-07-07",
        "national_id": "13733810567",
    }
    broken = ANNA | {"email": "canary(at)nowhere", "birth_date": "1888-99-99"}
    import_file(write_csv(file, secrets, broken, secrets | {"city": "Bonn"}, {"street": "Weg 78"}))
    with connection.cursor() as cursor:
        dump = "\n".join(connection.connection.iterdump()) if connection.vendor == "sqlite" else ""
        cursor.execute("SELECT count(*) FROM customers_importrow")
    if not dump:
        pytest.skip("reads the tables of SQLite")
    for canary in (
        "klaus@example.org",
        "7969515",
        "Geheimweg",
        "likes canaries",
        "1977-07-07",
        "13733810567",
        "canary(at)nowhere",
        "1888-99-99",
        "Weg 78",
    ):
        assert canary not in dump, canary


def test_a_database_that_does_not_answer_is_said_in_words(file, monkeypatch):
    from django.db import OperationalError

    from customers.imports import batches

    def locked(**values):
        raise OperationalError("database is locked")

    monkeypatch.setattr(batches, "begin_file", locked)
    with pytest.raises(CommandError, match="database did not answer") as problem:
        call_command("import_customers", str(write_csv(file, KLAUS)), "--source", "x")
    assert problem.value.returncode == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [("database is locked", "locked by another program"), ("disk is full", "Make room")],
)
def test_a_database_that_takes_nothing_for_long_is_said_in_words_and_the_import_goes_on_later(
    file, monkeypatch, said, told
):
    from django.db import OperationalError

    from customers.imports.write import Writer
    from customers.management.commands import import_customers

    calls = []

    def locked(self, finish):
        calls.append(1)
        raise OperationalError(said)

    monkeypatch.setattr(import_customers, "NOT_YET", 0)
    monkeypatch.setattr(import_customers.connection, "close", lambda: None)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Writer, "write", locked)
        with pytest.raises(CommandError, match=told):
            call_command("import_customers", str(write_csv(file, KLAUS)), "--source", "x")
    assert len(calls) > 1
    assert Customer.objects.count() == 0
    assert counts(import_file(file, source="x")) == {"created": 1}


def test_the_result_goes_to_a_file_and_the_counts_to_standard_error(file, tmp_path):
    errors = io.StringIO()
    target = tmp_path / "result.json"
    call_command(
        "import_customers",
        str(write_csv(file, KLAUS)),
        "--source",
        "x",
        "--json",
        str(target),
        stderr=errors,
    )
    assert json.loads(target.read_text())["created"] == 1
    assert (
        errors.getvalue()
        .strip()
        .endswith(
            "1 rows imported: 1 created, 0 updated, 0 unchanged, 0 repeated, 0 review, 0 set aside; "
            "0 cells emptied, 0 employers created, 0 further contact points."
        )
    )


def test_an_expired_import_keeps_counts_but_no_values(file):
    from datetime import timedelta

    from django.utils import timezone

    from customers.imports.upload import sealed_path
    from customers.tasks import expire_import_rows

    import_file(write_csv(file, KLAUS | {"email": "x(at)y"}, {"city": "Bonn"}))
    import_file(write_csv(file, KLAUS | {"city": "Bonn"}))
    assert ImportRow.objects.filter(payload__isnull=False).count() == 3
    expire_import_rows()
    assert ImportRow.objects.filter(payload__isnull=False).count() == 3
    ImportBatch.objects.update(finished_at=timezone.now() - timedelta(days=31))
    orphan = sealed_path("orphan.sealed")
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"x")
    import os

    os.utime(orphan, (0, 0))
    expire_import_rows()
    kept = ImportRow.objects.filter(payload__isnull=False)
    assert [row.outcome for row in kept] == ["review"]
    assert ImportBatch.objects.first().counts
    assert not orphan.exists()
