"""Nothing is opened until it is read, and what does not open hurts nothing else."""

import copy
import pickle
from datetime import date

import pytest
from django.core import serializers
from django.db import connection
from django.forms import modelform_factory

from encryption import cipher
from encryption.errors import CannotOpen, NotSealed, Tampered, UnknownKey
from encryption.sealed import Sealed, sealed_values
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Everything, Person, Plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return Person.objects.create(
        name="Ann", email="ann@example.com", phone="+4930123456", notes="Likes tea."
    )


@pytest.fixture
def openings(monkeypatch):
    """The contexts that are opened, in order."""
    opened = []
    real = cipher.open_token

    def noting(token, *, context, row):
        opened.append(context)
        return real(token, context=context, row=row)

    monkeypatch.setattr(cipher, "open_token", noting)
    return opened


def test_loading_opens_nothing_and_reading_opens_once(person, openings):
    (loaded,) = Person.objects.all()
    assert openings == []
    assert loaded.notes == "Likes tea."
    assert loaded.notes == "Likes tea."
    assert openings == ["tests.person.notes"]


def test_saving_a_name_opens_no_note(person, openings):
    loaded = Person.objects.get()
    loaded.name = "Anna"
    with sealed_values():  # The stock history would open every value.
        loaded.save(update_fields=["name"])
        loaded.save()
    assert openings == []


def test_deferred_values_are_loaded_when_read_and_not_opened_before(person, openings):
    loaded = Person.objects.only("name").get()
    assert "email" in loaded.get_deferred_fields()
    assert loaded.email == "ann@example.com"
    assert openings == ["tests.person.email"]
    assert Person.objects.defer("email").get().notes == "Likes tea."


def test_refreshing_opens_nothing(person, openings):
    loaded = Person.objects.get()
    loaded.email = "wrong@example.com"
    loaded.refresh_from_db()
    assert openings == []
    assert loaded.email == "ann@example.com"
    loaded.notes = "x"
    loaded.refresh_from_db(fields=["notes"])
    assert loaded.notes == "Likes tea."


def test_a_value_can_be_dropped_and_is_loaded_again(person):
    person.email = "other@example.com"
    del person.email
    assert person.email == "ann@example.com"


def test_values_are_sealed_and_show_nothing(person):
    (value,) = Person.objects.values_list("email", flat=True)
    assert isinstance(value, Sealed)
    assert f"{value} {value!r} {[value]}" == "<sealed> <sealed> [<sealed>]"
    assert value.open(row=person.pk) == value.open(row=str(person.pk)) == "ann@example.com"
    (row,) = Person.objects.values("id", "email", "born")
    assert row["email"].open(row["id"]) == "ann@example.com"
    assert row["born"] is None


def test_a_sealed_value_without_its_row_says_so(person):
    value = Person.objects.values_list("email", flat=True).get()
    with pytest.raises(CannotOpen, match="say of which row"):
        value.open()
    with pytest.raises(Tampered):
        value.open(row=Person().pk)


def test_an_opened_value_does_not_open_for_another_row(person):
    value = Person.objects.values_list("email", flat=True).get()
    value.open(row=person.pk)
    with pytest.raises(Tampered):
        value.open(row=Person().pk)
    assert value.open() == "ann@example.com"


def test_sealed_values_of_equal_tokens_are_equal(person):
    one, two = (Person.objects.values_list("email", flat=True).get() for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != "ann@example.com"
    assert one != Person.objects.values_list("phone", flat=True).get()
    assert one.key_id == one.token.split(".")[1]
    assert Sealed("plain", one.field).key_id == ""
    assert copy.copy(one) is copy.deepcopy(one) is one
    assert one.context == "tests.person.email"


def test_neither_instance_nor_sealed_value_can_be_pickled(person):
    for holder in (person, Person.objects.get(), Person.objects.values_list("email")):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(holder)


def test_copies_hold_the_same_token(person):
    loaded = Person.objects.get()
    for twin in (copy.copy(loaded), copy.deepcopy(loaded)):
        assert twin == loaded
        assert twin.email == "ann@example.com"
        with sealed_values():
            assert twin.email is loaded.email
        twin.email = "twin@example.com"
    assert loaded.email == "ann@example.com"


def test_related_rows_iterators_and_unions_open_in_their_rows(person):
    Person.objects.create(name="Bob", email="bob@example.com", boss=person)
    bob = Person.objects.select_related("boss").get(name="Bob")
    assert (bob.email, bob.boss.email) == ("bob@example.com", "ann@example.com")
    everybody = {"ann@example.com", "bob@example.com"}
    assert {p.email for p in Person.objects.iterator(chunk_size=1)} == everybody
    both = Person.objects.filter(name="Ann").union(Person.objects.filter(name="Bob"))
    assert {p.email for p in both} == everybody
    assert {
        p.email for p in Person.objects.raw("SELECT * FROM encryption_testapp_person")
    } == everybody
    assert Person.objects.in_bulk([bob.pk])[bob.pk].email == "bob@example.com"
    assert [
        p.email
        for p in Person.objects.prefetch_related("person_set").get(name="Ann").person_set.all()
    ] == ["bob@example.com"]
    values = Person.objects.filter(name="Bob").values_list("boss_id", "boss__email").get()
    assert values[1].open(values[0]) == "ann@example.com"


def test_a_model_of_another_base_is_lazy_too():
    plain = Plain.objects.create(note="x")
    loaded = Plain.objects.get()
    assert loaded.note == "x"
    loaded.refresh_from_db()
    assert loaded.note == "x"
    assert Plain.objects.defer("note").get().note == "x"
    loaded.note = "y"
    loaded.save()
    assert Plain.objects.get(pk=plain.pk).note == "y"


DAMAGE = {
    "another row": (lambda person: _of_another_row(), Tampered),
    "another column": (lambda person: stored(person, "phone"), Tampered),
    "plain text": (lambda person: "ann@example.com", NotSealed),
    "cut": (lambda person: stored(person, "email")[:-2], Tampered),
    "nothing": (lambda person: "", NotSealed),
    "unknown key": (lambda person: stored(person, "email").replace("p1.s", "p1.f"), UnknownKey),
    "stock token": (lambda person: "gAAAAABk" + "A" * 100, NotSealed),
}


def _of_another_row():
    return stored(Person.objects.create(name="Eve", email="eve@example.com"), "email")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_value_is_named_where_it_is_used_and_never_saved_over(person, damage):
    make, error = DAMAGE[damage]
    content = make(person)
    store(person, "email", content)
    index = stored(person, "email_index")
    loaded = Person.objects.get(pk=person.pk)
    assert (loaded.name, loaded.notes) == ("Ann", "Likes tea.")
    with pytest.raises(error) as caught:
        _ = loaded.email
    assert caught.value.context == "tests.person.email"
    assert caught.value.row in ("", str(person.pk))
    assert content == "" or content not in str(caught.value)
    loaded.name = "Anna"
    with sealed_values():  # The stock history would open every value.
        loaded.save()
    Person.objects.bulk_update([loaded], ["name", "email"])
    assert stored(person, "email") == content
    assert stored(person, "email_index") == index
    assert stored(person, "name") == "Anna"


def test_a_damaged_value_does_not_stop_validation_of_the_rest(person):
    store(person, "email", "junk")
    loaded = Person.objects.get()
    assert loaded.unopenable_fields() == {"email"}
    loaded.full_clean()
    loaded.full_clean(exclude=["name"])
    with sealed_values():
        loaded.save()
    assert stored(person, "email") == "junk"


def test_a_damaged_value_can_be_replaced(person):
    store(person, "email", "junk")
    loaded = Person.objects.get()
    loaded.email = "new@example.com"
    loaded.save()
    assert Person.objects.get(email="new@example.com").email == "new@example.com"
    store(person, "email", "junk")
    loaded = Person.objects.get()
    loaded.email = None
    loaded.save()
    assert stored(person, "email") is None


def test_a_sealed_text_of_the_wrong_type_is_named():
    thing = Everything.objects.create(day=date(2000, 1, 1), flag=True)
    for column, text in (("day", "tomorrow"), ("flag", "yes")):
        store(thing, column, cipher.seal(text, context=f"tests.e.{column}", row=str(thing.pk)))
        with pytest.raises(CannotOpen, match="holds this"):
            getattr(Everything.objects.get(), column)


def test_a_sealed_value_that_was_deferred_or_assigned_twice_keeps_its_origin(person):
    token = stored(person, "email")
    loaded = Person.objects.get()
    loaded.email = "x@example.com"
    loaded.email = "y@example.com"
    loaded.email = "ann@example.com"
    loaded.save()
    assert stored(person, "email") == token


def test_the_descriptor_is_on_the_class():
    assert Person.email.name == "email"


def test_a_form_shows_and_saves_values_and_leaves_untouched_tokens(person):
    form_class = modelform_factory(Person, fields=["name", "email", "notes", "born"])
    assert form_class(instance=Person.objects.get()).initial["email"] == "ann@example.com"
    before = stored(person, "email"), stored(person, "notes")
    form = form_class(
        {"name": "Anna", "email": "ann@example.com", "notes": "Coffee.", "born": "2000-02-29"},
        instance=Person.objects.get(),
    )
    assert form.changed_data == ["name", "notes", "born"]
    form.save()
    assert stored(person, "email") == before[0]
    assert stored(person, "notes") != before[1]
    saved = Person.objects.get()
    assert (saved.notes, saved.born) == ("Coffee.", date(2000, 2, 29))
    form = form_class({"name": "Anna", "email": "", "notes": "", "born": ""}, instance=saved)
    form.save()
    assert stored(person, "email") is None
    assert stored(person, "email_index") is None


@pytest.mark.parametrize("field", ["email", "notes", "born"])
def test_a_token_pasted_into_a_form_is_refused_and_not_opened(person, openings, field):
    token = stored(person, "email")
    form_class = modelform_factory(Person, fields=["name", field])
    form = form_class({"name": "Eve", field: f" {token} "})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    if field == "notes":
        assert form.errors.as_data()["notes"][0].code == "sealed_token"
        assert "copied from the database" in str(form.errors["notes"])
    assert openings == []


def test_serializers_write_tokens_for_text(person):
    with sealed_values():
        text = serializers.serialize("json", Person.objects.all())
    assert "ann@example.com" not in text
    assert stored(person, "email") in text
    assert "ann@example.com" not in serializers.serialize("json", [person])
    empty = Person._meta.get_field("email").value_to_string(Person(name="Empty"))
    assert empty == ""


def test_what_is_stored_is_text_on_every_database():
    assert {
        Everything._meta.get_field(name).db_type(connection)
        for name in ("char", "day", "flag", "number", "big")
    } == {"text"}
