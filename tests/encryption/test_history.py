"""History rows of the stock package: bound to the original, lazy, and copied unopened."""

import pytest
from django.db import models

from encryption.errors import Tampered
from encryption.sealed import sealed_values
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Person

pytestmark = pytest.mark.django_db

History = Person.history.model


@pytest.fixture
def person():
    return Person.objects.create(name="Ann", email="ann@example.com", notes="Likes tea.")


def test_the_history_field_belongs_where_the_original_does():
    ours, theirs = Person._meta.get_field("email"), History._meta.get_field("email")
    assert theirs.model is History
    assert (theirs.context, theirs.bound_to, theirs.home) == (ours.context, "id", Person)
    assert (theirs.data_class, theirs.mask) == (ours.data_class, "email")
    assert not [f for f in History._meta.fields if f.name.endswith("_index")]


def test_every_version_opens_under_the_original_row(person):
    person.email = "new@example.com"
    person.save()
    versions = [row.email for row in person.history.order_by("history_date")]
    assert versions == ["ann@example.com", "new@example.com"]
    row = person.history.last()
    assert row.instance.email == "ann@example.com"
    assert person.history.as_of(row.history_date).email == "ann@example.com"
    (change,) = person.history.first().diff_against(row).changes
    assert (change.field, change.old, change.new) == ("email", "ann@example.com", "new@example.com")
    assert History.objects.only("email").first().email == "new@example.com"


def test_within_sealed_values_the_token_is_copied(person):
    with sealed_values():
        person.name = "Anna"
        person.save()
    row = person.history.first()
    assert stored(row, "email") == stored(person, "email")
    assert row.email == "ann@example.com"


def test_a_token_moved_between_versions_of_different_people_does_not_open(person):
    other = Person.objects.create(name="Bob", email="bob@example.com").history.get()
    store(other, "email", stored(person.history.get(), "email"))
    with pytest.raises(Tampered):
        _ = History.objects.get(pk=other.pk).email


def test_a_version_restores_its_value(person):
    person.email = "new@example.com"
    person.save()
    # A model whose key has a default inserts unless told otherwise.
    person.history.last().instance.save(force_update=True)
    assert Person.objects.get(email="ann@example.com").email == "ann@example.com"
    assert not Person.objects.filter(email="new@example.com").exists()


def test_deletion_keeps_the_values(person):
    person.delete()
    assert History.objects.filter(history_type="-").get().notes == "Likes tea."


def test_the_migration_of_history_pins_context_and_row():
    for model in (Person, History):
        name, path, args, kwargs = model._meta.get_field("phone").deconstruct()
        assert (name, path, args) == ("phone", "encryption.fields.EncryptedCharField", [])
        assert kwargs == {
            "max_length": 32,
            "null": True,
            "blank": True,
            "context": "tests.person.phone",
            "bound_to": "id",
        }
    clone = Person._meta.get_field("phone").clone()
    assert (clone.max_length, clone.context, clone.bound_to) == (32, "tests.person.phone", "id")
    index = Person._meta.get_field("phone_index").clone()
    assert (index.source, index.normal_form, index.max_length) == ("phone", "phone.v1", 16)
    assert isinstance(index, models.BinaryField)
