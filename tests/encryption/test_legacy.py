"""Tokens of the stock package open only where the operator asked, and are sealed anew on change."""

from datetime import UTC, date, datetime

import pytest
from cryptography.fernet import Fernet, MultiFernet

from encryption.errors import NotSealed, Tampered
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Everything, Person

pytestmark = pytest.mark.django_db

OLD, OLDER = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def token(text, key=OLD):
    return Fernet(key).encrypt(text.encode()).decode()


@pytest.fixture
def accepting(settings):
    settings.ENCRYPTION_ACCEPT_FERNET = True
    settings.FIELD_ENCRYPTION_KEY = OLD
    return settings


@pytest.fixture
def person():
    person = Person.objects.create(name="Ann", email="ann@example.com")
    store(person, "email", token("old@example.com"))
    return Person.objects.get()


def test_they_stay_closed_unless_asked_for(person):
    with pytest.raises(NotSealed):
        _ = person.email


def test_they_open_with_their_key_or_keys(person, accepting):
    assert person.email == "old@example.com"
    accepting.FIELD_ENCRYPTION_KEY = [OLDER, OLD]
    assert Person.objects.get().email == "old@example.com"


def test_another_key_is_refused(person, accepting):
    accepting.FIELD_ENCRYPTION_KEY = OLDER
    with pytest.raises(Tampered):
        _ = person.email


def test_every_type_the_stock_package_wrote_reads(accepting):
    thing = Everything.objects.create()
    written = {
        "day": ("1999-12-31", date(1999, 12, 31)),
        "moment": ("2026-01-01 12:00:00", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        "flag": ("1", True),
        "number": ("-5", -5),
        "text": ("Zoë", "Zoë"),
    }
    for column, (text, _) in written.items():
        store(thing, column, token(text))
    loaded = Everything.objects.get()
    assert {name: getattr(loaded, name) for name in written} == {
        n: v for n, (_, v) in written.items()
    }


def test_an_untouched_one_stays_and_a_changed_one_is_sealed_by_us(person, accepting):
    before = stored(person, "email")
    person.save()
    assert stored(person, "email") == before
    person.email = "new@example.com"
    person.save()
    assert stored(person, "email").startswith("p1.")
    assert MultiFernet([Fernet(OLD)]).decrypt(before) == b"old@example.com"
