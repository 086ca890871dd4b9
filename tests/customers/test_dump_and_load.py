"""Everything there is, dumped sealed and loaded into an empty database: table by table the same."""

import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import AutoField

from customers.models import (
    Address,
    ContactPoint,
    Customer,
    FollowUp,
    Interaction,
    SavedView,
)
from encryption.survey import open_everything
from staff.models import User
from staff.roles import Role
from tests.customers.importing import KLAUS, change, import_file, write_csv
from tests.customers.people import person, somebody_acts, staff

pytestmark = pytest.mark.django_db(transaction=True)
# What every database makes for itself.
OWN = ("contenttypes", "auth.permission", "auth.group", "sessions", "admin.logentry")
KEYS, STAFF = "encryption.KeyCheck", "audit.HistoricalUser"
PLAIN = ("anna@example.com", "+4916079695150", "Hauptstraße", "asked for a quote", "call back")


def tables():
    """Every row of every table of ours, as it is stored."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy or meta.label_lower.startswith(OWN):
            continue
        with connection.cursor() as cursor:
            columns = ", ".join(
                connection.ops.quote_name(field.column)
                for field in meta.local_concrete_fields
                if not isinstance(field, AutoField)  # numbers of links between tables
            )
            cursor.execute(f"SELECT {columns} FROM {connection.ops.quote_name(meta.db_table)}")
            rows = [
                tuple(bytes(v) if isinstance(v, memoryview) else _json(v) for v in row)
                for row in cursor.fetchall()
            ]
        found[meta.label] = sorted(rows, key=repr)
    del found[KEYS]  # each database notes for itself which keys it was sealed with
    # And numbers its groups as it comes to them.
    roles = User.groups.through.objects.values_list("user", "group__name")
    found["staff.User_groups"] = sorted(roles, key=repr)
    return found


def _json(value):
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def a_desk(tmp_path):
    lina = staff("lina", Role.SALES)
    anna = person(email="anna@example.com", phone="+4916079695150", street="Hauptstraße 1",
                  birth_date="1980-05-06", tags="vip", owner=lina)  # fmt: skip
    import_file(write_csv(tmp_path / "in.csv", KLAUS, {"first_name": "", "city": "Nowhere"}))
    with somebody_acts(lina):
        ContactPoint(customer=anna, kind="phone", value="+493012345678").save()
        Address(customer=anna, street="Hauptstraße 2", city="Köln").save()
        said = Interaction(customer=anna, staff=lina, text="asked for a quote")
        said.save()
        FollowUp(customer=anna, interaction=said, what="call back", due_at=said.happened_at,
                 assigned_to=lina).save()  # fmt: skip
        SavedView(owner=lina, name="Mine", query="owner=me").save()
    change(anna, actor=lina, city="Bonn", phone="+4916079695151")
    with somebody_acts(lina):
        Address.objects.all().delete()
    call_command("make_demo", "--customers", "24", "--yes", verbosity=0)


def dump(path):
    with path.open("w", encoding="utf-8") as file:
        call_command("dumpdata", "--natural-foreign", exclude=OWN, stdout=file)
    return path


def test_all_tables_come_back_as_they_were(tmp_path):
    a_desk(tmp_path)
    before = tables()
    dumped = dump(tmp_path / "dump.json")
    text = dumped.read_text()
    for plain in PLAIN:
        assert plain not in text
    call_command("flush", interactive=False, verbosity=0)
    assert not Customer.with_bin.exists()
    call_command("loaddata", str(dumped), verbosity=0)
    after = tables()
    assert before["customers.Customer"]
    assert before["customers.HistoricalAddress"]
    # That a load gave somebody a role is a deed of its own, and is recorded as one.
    given = [row for row in after[STAFF] if row not in before[STAFF]]
    assert given
    assert all("given: " in repr(row) for row in given)
    after[STAFF] = [row for row in after[STAFF] if row not in given]
    for label, rows in before.items():
        assert after[label] == rows, label
    assert open_everything().findings == []
    anna = Customer.objects.get(phone="+4916079695151")
    assert (anna.email, anna.street) == ("anna@example.com", "Hauptstraße 1")
    assert anna.interactions.get().text == "asked for a quote"


def test_loading_twice_changes_nothing(tmp_path):
    a_desk(tmp_path)
    before = tables()
    dumped = dump(tmp_path / "dump.json")
    call_command("loaddata", str(dumped), verbosity=0)
    after = tables()
    assert {label for label in before if after[label] != before[label]} == set()


def test_a_row_that_came_without_its_history_gets_one(tmp_path):
    person(email="anna@example.com")
    dumped = tmp_path / "dump.json"
    with dumped.open("w", encoding="utf-8") as file:
        call_command("dumpdata", "customers.customer", stdout=file)
    call_command("flush", interactive=False, verbosity=0)
    call_command("loaddata", str(dumped), verbosity=0)
    anna = Customer.objects.get()
    assert [row.history_type for row in anna.history.all()] == ["+"]


def test_a_row_that_was_changed_by_a_load_says_so(tmp_path):
    anna = person(city="Bonn")
    dumped = tmp_path / "dump.json"
    with dumped.open("w", encoding="utf-8") as file:
        call_command("dumpdata", "customers.customer", stdout=file)
    change(anna, actor=None, city="Bern")
    call_command("loaddata", str(dumped), verbosity=0)
    assert [row.city for row in anna.history.order_by("history_id")] == ["Bonn", "Bern", "Bonn"]


def test_a_dump_of_another_key_ring_is_refused_whole(tmp_path):
    person(email="anna@example.com")
    dumped = dump(tmp_path / "dump.json")
    entries = json.loads(dumped.read_text())
    for entry in entries:
        if entry["model"] == "encryption.keycheck":
            entry["fields"]["check_value"] = "0" * 16
    dumped.write_text(json.dumps(entries))
    call_command("flush", interactive=False, verbosity=0)
    with pytest.raises(CommandError, match="key ring"):
        call_command("loaddata", str(dumped), verbosity=0)
    assert not Customer.with_bin.exists()
