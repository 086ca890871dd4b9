"""Protected fields behave as plain ones do, and the database never sees a value."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from encryption.sealed import Sealed, sealed_values
from tests.encryption.testapp.models import Everything, Person

pytestmark = pytest.mark.django_db

EVERY_TYPE = {
    "char": "Zoë 李 🦊",
    "text": "line\nline\x00",
    "email": "zoe@example.com",
    "day": date(1999, 12, 31),
    "moment": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    "flag": False,
    "number": -5,
    "positive": 7,
    "small": -3,
    "tiny": 0,
    "big": 2**60,
}


def raw(instance, column):
    table = instance._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {table} WHERE id = %s",
            [instance._meta.pk.get_db_prep_value(instance.pk, connection)],
        )
        return cursor.fetchone()[0]


def test_every_type_comes_back_as_it_was_saved():
    saved = Everything.objects.create(**EVERY_TYPE)
    for _ in range(3):
        loaded = Everything.objects.get(pk=saved.pk)
        assert {name: getattr(loaded, name) for name in EVERY_TYPE} == EVERY_TYPE
        loaded.save()


def test_every_column_holds_a_token_and_nothing_else():
    saved = Everything.objects.create(**EVERY_TYPE)
    for name in EVERY_TYPE:
        assert raw(saved, name).startswith("p1.s")


def test_an_equal_value_keeps_its_token_byte_for_byte():
    person = Person.objects.create(name="A", email="a@example.com", born=date(2000, 1, 1))
    before = raw(person, "email"), raw(person, "born")
    loaded = Person.objects.get()
    loaded.email, loaded.born = "a@example.com", "2000-01-01"
    loaded.save()
    assert (raw(person, "email"), raw(person, "born")) == before


def test_a_person_is_found_by_any_spelling_of_the_address():
    person = Person.objects.create(name="A", email="a.b@example.com")
    assert Person.objects.get(email=" A.B@Example.com") == person
    assert Person.objects.filter(email__in=["A.B@EXAMPLE.COM", None]).count() == 1
    assert Person.objects.exclude(email="a.b@example.com").count() == 0


def test_reading_opens_and_sealed_values_do_not():
    Person.objects.create(name="A", email="a@example.com")
    person = Person.objects.get()
    with sealed_values():
        assert isinstance(person.email, Sealed)
        assert str(person.email) == "<sealed>"
    assert person.email == "a@example.com"


def test_history_copies_the_tokens_and_opens_under_the_original_row():
    with sealed_values():
        person = Person.objects.create(name="A", email="a@example.com")
    row = person.history.get()
    assert row.email == "a@example.com"
    assert raw(person, "email") == type(row).objects.values_list("email", flat=True).get().token


def test_an_old_index_never_finds_a_changed_value():
    person = Person.objects.create(name="A", email="a@example.com")
    person.email = "b@example.com"
    person.save(update_fields=["email"])
    assert not Person.objects.filter(email="a@example.com").exists()
    person.email = "c@example.com"
    Person.objects.bulk_update([person], ["email"])
    assert Person.objects.get(email="c@example.com").email == "c@example.com"
    Person.objects.update(email=None)
    assert not Person.objects.filter(email="c@example.com").exists()
    assert raw(person, "email_index") is None
