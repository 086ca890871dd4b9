"""However a value is written, value and index are exact afterwards, or nothing was written."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Lower
from django.test.utils import isolate_apps
from uuid_utils.compat import uuid7

from encryption import fields
from encryption.errors import Tampered
from encryption.models import ProtectedModel
from encryption.sealed import Sealed, sealed_values
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Everything, Person, Plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Person.objects.create(name="Ann", email="ann@example.com", phone="+4930123456")


def assert_is(person, email):
    """Value and index are this e-mail, in the database."""
    assert Person.objects.get(pk=person.pk).email == email
    assert list(Person.objects.filter(email=email)) == [person]


@pytest.mark.parametrize(
    "update_fields", [None, ["email"], ["name", "email"], ["email", "email_index"]]
)
def test_saving_keeps_the_index_fresh(ann, update_fields):
    ann.email = "new@example.com"
    ann.save(update_fields=update_fields)
    assert_is(ann, "new@example.com")
    assert not Person.objects.filter(email="ann@example.com").exists()


def test_saving_another_field_touches_neither_value_nor_index(ann):
    before = stored(ann, "email"), stored(ann, "email_index")
    loaded = Person.objects.only("name", "boss").get()
    loaded.name = "Anna"
    loaded.save()
    loaded.save(update_fields=["name"])
    assert (stored(ann, "email"), stored(ann, "email_index")) == before


@pytest.mark.parametrize("loaded", [["email"], ["name"], ["email_index"]])
def test_a_deferred_index_follows_a_changed_value(ann, loaded):
    partial = Person.objects.only(*loaded).get()
    partial.email = "new@example.com"
    partial.save()
    assert_is(ann, "new@example.com")


def test_a_deferred_index_of_an_untouched_value_stays(ann):
    index = stored(ann, "email_index")
    partial = Person.objects.only("email").get()
    partial.save(update_fields=["email"])
    partial.save()
    assert stored(ann, "email_index") == index


def test_bulk_writes_are_exact():
    people = [
        Person(name=str(n), email=f"p{n}@example.com", born=date(1990, 1, n + 1)) for n in range(20)
    ]
    Person.objects.bulk_create(people, batch_size=7)
    loaded = list(Person.objects.all())
    for person in loaded:
        person.email = f"q{person.name}@example.com"
        person.notes = "n" if person.name == "3" else None
    assert Person.objects.bulk_update(loaded, ["email", "notes", "born"], batch_size=6) == 20
    for person in loaded:
        assert_is(person, f"q{person.name}@example.com")
        assert Person.objects.get(pk=person.pk).born == date(1990, 1, int(person.name) + 1)
    assert Person.objects.filter(email="p3@example.com").count() == 0
    assert [p.notes for p in Person.objects.filter(notes__isnull=False)] == ["n"]


def test_bulk_update_keeps_the_tokens_of_equal_values(ann):
    token = stored(ann, "email")
    ann.email = "ann@example.com"
    Person.objects.bulk_update([ann], ["email", "email_index"])
    assert stored(ann, "email") == token
    assert_is(ann, "ann@example.com")


def test_bulk_update_writes_no_row_outside_its_query_set(ann):
    ann.email = "new@example.com"
    assert Person.objects.filter(name="Bob").bulk_update([ann], ["email"]) == 0
    assert_is(Person.objects.get(), "ann@example.com")


def test_update_empties_value_and_index_and_nothing_else_of_them(ann):
    Person.objects.update(name="Anna", email=None)
    assert stored(ann, "email") is None
    assert stored(ann, "email_index") is None
    assert stored(ann, "phone_index") is not None


REFUSED = [
    "plain@example.com",
    F("name"),
    F("email"),
    Lower("email"),
    Lower(Value("X")),
    Value("x@example.com"),
    Case(When(name="Ann", then=Value("x")), default=Value("y")),
    Case(When(name="Ann", then=Value(None)), default=F("name")),
    Cast(Value("x"), output_field=models.TextField()),
    Subquery(Plain.objects.values("note")[:1]),
    RawSQL("'x'", []),
]


@pytest.mark.parametrize("value", REFUSED, ids=[str(type(value).__name__) for value in REFUSED])
def test_no_literal_and_no_expression_is_stored(ann, value):
    before = stored(ann, "email")
    with pytest.raises(FieldError):
        Person.objects.update(email=value)
    if hasattr(value, "resolve_expression"):
        ann.email = value
        with pytest.raises(FieldError, match="Compute the value in Python"):
            ann.save()
        with pytest.raises(FieldError, match="Compute the value in Python"):
            Person.objects.bulk_update([ann], ["email"])
        with pytest.raises(FieldError):
            Person.objects.bulk_create([Person(name="New", email=value)])
        with pytest.raises(FieldError):
            Person.objects.create(name="New", email=value)
    assert stored(ann, "email") == before
    assert Person.objects.count() == 1


@pytest.mark.parametrize("value", REFUSED, ids=[str(type(value).__name__) for value in REFUSED])
def test_a_plain_manager_is_refused_too(value):
    plain = Plain.objects.create(note="x")
    before = stored(plain, "note")
    with pytest.raises(FieldError), transaction.atomic():
        Plain.objects.update(note=value if not isinstance(value, F) else F("id"))
    assert stored(plain, "note") == before


def test_an_index_is_never_set_by_hand(ann):
    for value in (b"x" * 16, None):
        with pytest.raises(FieldError, match="follows email"):
            Person.objects.update(email_index=value)


def test_an_index_of_a_value_that_does_not_open_is_left_as_it_is(ann):
    index = stored(ann, "email_index")
    store(ann, "email", "junk")
    partial = Person.objects.only("name").get()
    with sealed_values():
        assert partial.email.token == "junk"
        partial.save(update_fields=["email"])
    assert (stored(ann, "email"), stored(ann, "email_index")) == ("junk", index)


def test_a_changed_key_seals_anew_or_is_refused(ann):
    ann = Person.objects.get()
    token, old = stored(ann, "email"), ann.pk
    ann.pk = uuid7()
    ann.save()
    assert Person.objects.count() == 2
    assert stored(ann, "email") != token
    assert Person.objects.get(pk=ann.pk).email == "ann@example.com"
    assert Person.objects.filter(email="ann@example.com").count() == 2
    assert Person.objects.get(pk=old).email == "ann@example.com"
    with pytest.raises(FieldError, match="belong to their row's key"):
        Person.objects.filter(pk=old).update(id=uuid7())
    with pytest.raises(FieldError, match="belong to their row's key"):
        Person.objects.filter(pk=old).update(pk=uuid7())


def test_a_copy_of_a_damaged_value_is_refused_before_writing(ann):
    store(ann, "email", stored(ann, "phone"))
    ann = Person.objects.get()
    ann.pk = uuid7()
    with pytest.raises(Tampered), transaction.atomic():
        ann.save()
    assert Person.objects.count() == 1


def test_a_sealed_value_moves_to_another_row_or_column_only_opened(ann):
    bob = Person.objects.create(name="Bob")
    ann = Person.objects.get(name="Ann")
    with sealed_values():
        bob.email = ann.email
        bob.notes = ann.phone
    bob.save()
    assert stored(bob, "email") != stored(ann, "email")
    assert Person.objects.get(name="Bob").email == "ann@example.com"
    assert Person.objects.get(name="Bob").notes == "+4930123456"
    assert Person.objects.filter(email="ann@example.com").count() == 2


def test_a_sealed_value_of_values_is_written_only_where_it_opens(ann):
    value = Person.objects.values_list("email", flat=True).get()
    bob = Person(name="Bob", email=value)
    with pytest.raises(Tampered):
        bob.save()
    assert Person.objects.count() == 1
    ann.email = Person.objects.values_list("email", flat=True).get()
    ann.save()
    assert_is(ann, "ann@example.com")


def test_a_token_of_the_same_row_goes_back_as_it_is(ann):
    """Undoing a change restores what was stored, and the index follows."""
    with sealed_values():
        before = Person.objects.get().email
    ann.email = "new@example.com"
    ann.save()
    again = Person.objects.get()
    again.email = before
    again.save()
    assert stored(ann, "email") == before.token
    assert_is(ann, "ann@example.com")


def test_a_row_key_given_as_text_is_the_same_row():
    key = uuid7()
    person = Person(pk=str(key), name="Ann", email="ann@example.com")
    person.save()
    person.save()
    assert Person.objects.get(pk=key).email == "ann@example.com"


def test_get_or_create_finds_and_update_or_create_updates(ann):
    for spelling in ("ann@example.com", " ANN@example.com "):
        found, created = Person.objects.get_or_create(email=spelling, defaults={"name": "x"})
        assert (found, created) == (ann, False)
    new, created = Person.objects.get_or_create(email="bob@example.com", defaults={"name": "Bob"})
    assert created
    updated, created = Person.objects.update_or_create(
        email="bob@example.com", defaults={"email": "rob@example.com"}
    )
    assert (updated, created) == (new, False)
    assert_is(new, "rob@example.com")
    assert Person.objects.count() == 2


def test_an_upsert_by_the_key_is_exact_and_by_anything_else_refused(ann):
    again = Person(pk=ann.pk, name="Anna", email="anna@example.com")
    with pytest.raises(FieldError, match="unique_fields"):
        Person.objects.bulk_create(
            [again], update_conflicts=True, update_fields=["email"], unique_fields=["name"]
        )
    for key in ("id", "pk"):
        Person.objects.bulk_create(
            [again], update_conflicts=True, update_fields=["name", "email"], unique_fields=[key]
        )
        assert_is(ann, "anna@example.com")
    Person.objects.bulk_create(
        [Person(pk=ann.pk, name="A")],
        update_conflicts=True,
        update_fields=["name"],
        unique_fields=["id"],
    )
    assert_is(ann, "anna@example.com")


def test_ignored_conflicts_leave_the_row_as_it_is(ann):
    before = stored(ann, "email")
    Person.objects.bulk_create(
        [Person(pk=ann.pk, name="x", email="x@e.com")], ignore_conflicts=True
    )
    assert stored(ann, "email") == before


def test_empty_text_is_null():
    person = Person.objects.create(name="x", email="", phone="", notes="")
    assert stored(person, "email") is stored(person, "phone") is stored(person, "notes") is None
    assert Person.objects.filter(email__isnull=True).count() == 1


def test_lone_surrogates_are_refused_in_words():
    with pytest.raises(ValidationError, match="half a character"):
        Person(name="x", notes="\ud800").full_clean()
    with pytest.raises(ValidationError, match="half a character"):
        Person.objects.create(name="x", notes="a\udfff")
    assert Person.objects.count() == 0


def test_a_token_is_no_input_even_of_a_program(ann):
    for value in (stored(ann, "email"), f" {stored(ann, 'email')}\n"):
        with pytest.raises(ValidationError) as caught:
            Person.objects.create(name="Eve", notes=value)
        assert caught.value.code == "sealed_token"
    Person.objects.create(name="Eve", notes=f"see {stored(ann, 'email')}")


def test_types_convert_as_those_of_plain_fields():
    thing = Everything.objects.create(
        day="2000-01-31", number="12", flag="True", moment="2026-01-01T12:00:00+02:00", char=5
    )
    loaded = Everything.objects.get(pk=thing.pk)
    assert (loaded.day, loaded.number, loaded.flag, loaded.char) == (
        date(2000, 1, 31),
        12,
        True,
        "5",
    )
    assert loaded.moment == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert thing.day == loaded.day
    for bad in (
        {"day": "31.02.2000"},
        {"flag": "perhaps"},
        {"number": "twelve"},
        {"moment": "noon"},
    ):
        with pytest.raises(ValidationError, match="no valid value") as caught:
            Everything.objects.create(**bad)
        assert next(iter(bad.values())) not in str(caught.value)


def test_a_moment_without_a_zone_is_the_default_zones(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    noon = datetime(2026, 1, 1, 4, tzinfo=UTC)
    for given in (datetime(2026, 1, 1, 12), "2026-01-01 12:00"):
        assert Everything.objects.create(moment=given).moment == noon
    assert Everything.objects.create(moment=date(2026, 1, 1)).moment.hour == 0
    settings.USE_TZ = False
    assert Everything.objects.create(moment=datetime(2026, 1, 1, 12)).moment.tzinfo is None


def test_moments_do_not_drift(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    thing = Everything.objects.create(moment=moment)
    token = stored(thing, "moment")
    for _ in range(3):
        loaded = Everything.objects.get()
        assert loaded.moment == moment
        loaded.moment = loaded.moment.astimezone(UTC)
        loaded.save()
    assert stored(thing, "moment") == token


def test_numbers_keep_the_range_of_their_type():
    for name, low, high in (
        ("number", -(2**31), 2**31 - 1),
        ("positive", 0, 2**31 - 1),
        ("small", -(2**15), 2**15 - 1),
        ("tiny", 0, 2**15 - 1),
        ("big", -(2**63), 2**63 - 1),
    ):
        Everything(**{name: low}).full_clean()
        Everything(**{name: high}).full_clean()
        for wrong in (low - 1, high + 1):
            with pytest.raises(ValidationError):
                Everything(**{name: wrong}).full_clean()


@isolate_apps("tests.encryption.testapp")
def test_a_row_without_a_key_yet_is_refused_and_checked():
    class Numbered(ProtectedModel):
        note = fields.EncryptedTextField(null=True, context="tests.numbered")

        class Meta:
            app_label = "encryption_testapp"

    with pytest.raises(FieldError, match="UUID primary key"):
        Numbered(note="x").note_field = Numbered._meta.get_field("note").pre_save(
            Numbered(note="x"), True
        )
    assert Numbered._meta.get_field("note").pre_save(Numbered(), True) is None
    numbered = Numbered(pk=7, note="x")
    sealed = Numbered._meta.get_field("note").pre_save(numbered, True)
    assert sealed.open("7") == sealed.open(7) == "x"


@isolate_apps("tests.encryption.testapp")
def test_automatic_moments_are_sealed():
    class Stamped(ProtectedModel):
        id = models.UUIDField(primary_key=True, default=uuid7)
        made = fields.EncryptedDateTimeField(auto_now_add=True, context="tests.made")
        seen = fields.EncryptedDateTimeField(auto_now=True, context="tests.seen")

        class Meta:
            app_label = "encryption_testapp"

    stamped = Stamped()
    for name, add in (("made", True), ("seen", True), ("seen", False)):
        assert isinstance(Stamped._meta.get_field(name).pre_save(stamped, add), Sealed)
    assert stamped.made <= stamped.seen


def test_a_missing_value_is_refused_by_the_database_not_stored_empty(ann):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=ann.pk).update(name=None)


def test_a_sealed_value_of_another_column_is_not_written_raw(ann):
    field, connection_ = Person._meta.get_field("email"), connection
    with sealed_values():
        phone = Person.objects.get().phone
    with pytest.raises(FieldError):
        field.get_db_prep_save(phone, connection_)
    assert field.get_db_prep_save(None, connection_) is None
    assert field.get_db_prep_value(None, connection_) is None
    with pytest.raises(FieldError, match="cannot be compared"):
        field.get_db_prep_value("x", connection_)
