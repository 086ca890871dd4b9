"""The canary hunt: protected values are written, read, searched, refused and dumped, and then
looked for in everything this process left behind."""

import io
import logging
import tempfile
from pathlib import Path

import pytest
from django.contrib.messages.storage.base import Message
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import FieldError, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encryption.errors import CannotOpen
from encryption.files import SealedWriter
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Person

CANARIES = {
    "email": "zebrafinch.ann@example.com",
    "phone": "+4930555012345",
    "notes": "zebrafinch note: likes tea",
    "born": "1923-04-05",
}
MARKS = ("zebrafinch", "555012345", "1923-04-05")


def live(tmp_path):
    """What a day does with one person's data."""
    person = Person.objects.create(name="Ann", **CANARIES)
    person = Person.objects.get(email=CANARIES["email"])
    assert person.notes == CANARIES["notes"]
    logging.getLogger("crm").debug("%s %r %s", person, person, Person.objects.values("email"))
    person.notes = CANARIES["notes"] + "!"
    person.save()
    Person.objects.bulk_update([person], ["email", "notes"])
    list(Person.objects.filter(phone__in=[CANARIES["phone"]]).values("phone", "born"))
    SessionStore().encode({"person": str(person.pk)})
    Message(20, f"{person} saved").message.encode()
    with (tmp_path / "upload").open("wb") as file, SealedWriter(file) as writer:
        writer.write(CANARIES["notes"].encode() * 10_000)
    for refused in (
        lambda: Person.objects.filter(email__icontains=CANARIES["email"]),
        lambda: Person.objects.update(email=CANARIES["email"]),
        lambda: Person.objects.create(name="x", born=CANARIES["notes"]),
        lambda: Person.objects.create(name="x", notes=stored(person, "email")),
    ):
        try:
            refused()
        except (FieldError, ValidationError) as error:
            logging.getLogger("crm").debug("refused: %s", error, exc_info=error)
    store(person, "phone", stored(person, "email"))
    with pytest.raises(CannotOpen) as caught:
        _ = Person.objects.get().phone
    logging.getLogger("crm").error("not opened", exc_info=caught.value)
    dump = io.StringIO()
    call_command("dumpdata", "encryption_testapp", stdout=dump)
    (tmp_path / "dump.json").write_text(dump.getvalue())
    with pytest.raises(SystemExit):
        call_command("check_encryption", "--json", str(tmp_path / "found.json"))


@pytest.mark.django_db
def test_no_value_stands_anywhere_in_plain_text(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as caught:
        live(tmp_path)
    left = {"log": caplog.text, "sql": "\n".join(query["sql"] for query in caught)}
    if connection.vendor == "sqlite":
        left["database"] = connection.connection.serialize().decode("latin-1")
        assert "p1.s" in left["database"]
    left |= {
        str(path): path.read_text("latin-1") for path in Path(tmp_path).rglob("*") if path.is_file()
    }
    assert "INSERT INTO" in left["sql"]
    assert "dump.json" in " ".join(left)
    for place, text in left.items():
        for mark in MARKS:
            assert mark not in text.lower(), (place, mark)
