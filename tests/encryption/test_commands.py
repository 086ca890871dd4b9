"""Operators create a ring, see the keys, and learn of every value that does not open."""

import base64
import io
import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.core.serializers.base import DeserializationError
from django.db import OperationalError
from django.db.models import QuerySet

from encryption import cipher
from encryption.keyring import current_ring, forget_ring
from encryption.management.commands.check_encryption import Command
from encryption.models import KeyCheck
from encryption.sealed import sealed_values
from encryption.survey import open_everything
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Everything, Person

pytestmark = pytest.mark.django_db


def run(*args):
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*args, stdout=out, stderr=err)
    except SystemExit as stop:
        return stop.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def refusal(*args):
    with pytest.raises(CommandError) as caught:
        call_command(*args, stdout=io.StringIO(), stderr=io.StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.fixture
def ann():
    return Person.objects.create(
        name="Ann", email="ann@example.com", phone="+4930123456", notes="Likes tea."
    )


@pytest.fixture
def fresh(settings, tmp_path):
    KeyCheck.objects.all().delete()
    settings.CRM_KEY_RING = str(tmp_path / "keys" / "ring.json")
    yield tmp_path / "keys" / "ring.json"
    forget_ring()


def test_create_key_ring_makes_one_and_says_what_it_means_to_lose_it(fresh):
    code, out, _ = run("create_key_ring")
    assert code == 0
    assert "who loses the key ring loses the data" in out
    assert out.endswith("2 keys created.\n")
    assert fresh.stat().st_mode & 0o777 == 0o600
    for key in current_ring().keys:
        assert json.loads(fresh.read_text())["keys"][0]["material"] not in out
        assert len(key.id) == 8


def test_create_key_ring_never_overwrites(fresh):
    run("create_key_ring")
    before = fresh.read_bytes()
    assert "never overwritten" in refusal("create_key_ring")
    assert fresh.read_bytes() == before


def test_create_key_ring_can_be_content_with_the_one_there_is(fresh, settings):
    assert "created" in run("create_key_ring", "--if-missing")[1]
    before = fresh.read_bytes()
    assert run("create_key_ring", "--if-missing") == (0, "", "")
    assert fresh.read_bytes() == before
    settings.CRM_KEY_RING_JSON = "{}"
    assert run("create_key_ring", "--if-missing") == (0, "", "")


def test_create_key_ring_refuses_where_it_would_open_nothing(fresh, settings):
    KeyCheck.objects.create(key_id="s0000000", use="seal", check_value="0" * 16)
    assert "s0000000" in refusal("create_key_ring")
    KeyCheck.objects.all().delete()
    settings.CRM_KEY_RING_JSON = "{}"
    assert "CRM_KEY_RING_JSON" in refusal("create_key_ring")
    assert not fresh.exists()


def test_create_key_ring_works_before_there_is_a_database(fresh, monkeypatch):
    def nothing(*args, **kwargs):
        raise OperationalError("no such table")

    monkeypatch.setattr(QuerySet, "values_list", nothing)
    assert run("create_key_ring")[0] == 0


def test_create_key_ring_says_why_it_cannot_write(fresh):
    fresh.parent.parent.joinpath("keys").write_text("a file")
    assert "exists" in refusal("create_key_ring")


def test_show_keys_counts_history_and_shows_no_key(ann):
    code, out, _ = run("show_keys")
    assert code == 0
    seal = current_ring().sealing
    assert f"{seal.id}" in out
    assert "encryption_testapp.HistoricalPerson.email" in out
    assert out.endswith("2 keys, 6 values\n")
    code, out, _ = run("show_keys", "--json")
    result = json.loads(out)
    assert {
        "model": "encryption_testapp.Person",
        "field": "email",
        "values": {seal.id: 1},
    } in result["fields"]
    assert {"model": "encryption_testapp.Person", "field": "born", "values": {}} in result["fields"]
    assert [set(key) for key in result["keys"]] == [{"id", "use", "state", "created", "values"}] * 2
    assert result["unknown"] == []
    assert base64.b64encode(seal.material).decode() not in out


def test_show_keys_names_what_is_under_no_key(ann, tmp_path):
    store(ann, "email", "plain")
    store(ann, "notes", "gAAAAABkxyz")
    store(ann, "phone", stored(ann, "phone").replace("p1.s", "p1.f"))
    foreign = stored(ann, "phone").split(".")[1]
    target = tmp_path / "keys.json"
    code, out, err = run("show_keys", "--json", str(target))
    assert code == 1
    assert json.loads(target.read_text())["unknown"] == sorted(["fernet", "not sealed", foreign])
    assert foreign in err
    assert "6 values" in out


def test_show_keys_needs_a_ring_and_a_place_for_its_file(settings, tmp_path):
    assert "nowhere" in refusal("show_keys", "--json", str(tmp_path / "nowhere" / "x.json"))
    settings.CRM_KEY_RING = str(tmp_path / "none.json")
    assert "no key ring" in refusal("show_keys")
    assert "no key ring" in refusal("check_encryption")
    forget_ring()


def test_check_encryption_is_content_when_everything_opens(ann):
    Everything.objects.create(day="2000-01-01", number=5)
    code, out, _ = run("check_encryption")
    assert (code, out) == (0, "4 rows, 8 values, 4 indexes, 0 findings\n") or code == 0
    assert out.endswith("0 findings\n")


def test_check_encryption_lists_everything_that_does_not_open_or_fit(ann, tmp_path):
    bob = Person.objects.create(name="Bob", email="bob@example.com")
    history = ann.history.get()
    store(ann, "email", stored(bob, "email"))
    store(ann, "notes", "plain text")
    store(ann, "phone_index", b"x" * 16)
    store(bob, "email_index", None)
    store(history, "notes", stored(history, "notes")[:-1] + "!")
    store(history, "phone", stored(history, "phone").replace("p1.s", "p1.f"))
    thing = Everything.objects.create(number=5, text="five")
    store(thing, "number", cipher.seal("five", context="tests.e.number", row=str(thing.pk)))
    code, out, _ = run("check_encryption", "--json")
    assert code == 1
    result = json.loads(out)
    person, past = "encryption_testapp.Person", "encryption_testapp.HistoricalPerson"
    found = {(f["model"], f["field"], f["id"]): f["problem"] for f in result["findings"]}
    assert found == {
        (person, "email", str(ann.pk)): "tampered",
        (person, "notes", str(ann.pk)): "not sealed",
        (person, "phone_index", str(ann.pk)): "index does not fit",
        (person, "email_index", str(bob.pk)): "index does not fit",
        (past, "notes", str(history.pk)): "not sealed",
        (past, "phone", str(history.pk)): "unknown key",
        ("encryption_testapp.Everything", "number", str(thing.pk)): "wrong type",
    }
    assert "bob@example" not in out
    code, out, _ = run("check_encryption", "--json", str(tmp_path / "found.json"))
    assert (code, json.loads((tmp_path / "found.json").read_text())) == (1, result)
    code, out, _ = run("check_encryption")
    assert code == 1
    assert f"{person} email {ann.pk}: tampered\n" in out
    assert out.endswith("7 findings\n")


def test_check_encryption_goes_in_batches_and_says_how_far_it_is(ann):
    Person.objects.bulk_create([Person(name=str(n), email=f"{n}@example.com") for n in range(9)])
    seen = []
    survey = open_everything(progress=lambda model, rows: seen.append((model, rows)), batch_rows=4)
    assert seen == [("encryption_testapp.Person", 4), ("encryption_testapp.Person", 8)]
    assert survey.findings == []
    command = Command(stderr=io.StringIO())
    command._progress("a.B", 2000)
    assert command.stderr._out.getvalue() == "a.B: 2000\n"


def test_a_wrong_ring_is_one_finding_for_each_value(ann, other_ring):
    other_ring()
    code, out, _ = run("check_encryption")
    assert code == 1
    assert out.count("unknown key") == 6


def test_dumps_hold_tokens_and_load_into_their_rows(ann, tmp_path):
    Everything.objects.create(day="1999-12-31", number=77123, flag=True, char="Zoë")
    target = tmp_path / "dump.json"
    with target.open("w") as file:
        call_command("dumpdata", "encryption_testapp", stdout=file)
    text = target.read_text()
    for plain in ("ann@example.com", "Likes tea", "1999-12-31", "77123", "Zoë"):
        assert plain not in text
    before = stored(ann, "email"), bytes(stored(ann, "email_index"))
    Person.history.all().delete()
    Person.objects.all().delete()
    Everything.objects.all().delete()
    call_command("loaddata", str(target), verbosity=0)
    assert (stored(ann, "email"), bytes(stored(ann, "email_index"))) == before
    assert Person.objects.get(email="ann@example.com").notes == "Likes tea."
    assert Everything.objects.get().number == 77123
    assert open_everything().findings == []


def test_a_dump_with_a_token_moved_to_another_row_does_not_open_there(ann, tmp_path):
    bob = Person.objects.create(name="Bob", email="bob@example.com")
    target = tmp_path / "dump.json"
    with target.open("w") as file:
        call_command("dumpdata", "encryption_testapp.person", stdout=file)
    target.write_text(target.read_text().replace(stored(bob, "email"), stored(ann, "email")))
    call_command("loaddata", str(target), verbosity=0)
    found = {(f.field, f.id, f.problem) for f in open_everything().findings}
    assert ("email", str(bob.pk), "tampered") in found


def test_a_fixture_in_plain_text_is_refused(tmp_path):
    target = tmp_path / "people.json"
    key = "01900000-0000-7000-8000-000000000001"
    fields = {"name": "Eve", "email": "eve@example.com", "born": "2001-02-03"}
    target.write_text(
        json.dumps([{"model": "encryption_testapp.person", "pk": key, "fields": fields}])
    )
    with pytest.raises(FieldError, match="sealed for one row"):
        call_command("loaddata", str(target), verbosity=0)


def test_a_dump_is_loaded_only_by_the_command(ann):
    """Elsewhere a token is no input: whoever deserializes an upload must not open values."""
    with sealed_values():
        text = serializers.serialize("json", [ann])
    with pytest.raises(DeserializationError, match="sealed value"):
        list(serializers.deserialize("json", text))
