"""Why the cipher is ours: what the stock package's fields do, beside what ours do.

django-encrypted-model-fields 0.6.5 on Django 5.2 (docs/decisions/0001). If one of the stock halves
fails after an upgrade, the package has been mended there: say so in the decision.
"""

from datetime import UTC, date, datetime

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Lower
from django.forms import modelform_factory
from django.test.utils import CaptureQueriesContext
from encrypted_model_fields import fields as stock

from encryption.errors import NotSealed, Tampered, UnknownKey
from tests.encryption.conftest import store, stored
from tests.encryption.testapp.models import Everything, Person, StockPerson

pytestmark = pytest.mark.django_db

ANN = {"name": "Ann", "email": "ann@example.com", "notes": "Likes tea."}


@pytest.fixture
def theirs():
    return StockPerson.objects.create(**ANN)


@pytest.fixture
def ours():
    return Person.objects.create(**ANN)


@pytest.fixture
def their_other_key(monkeypatch):
    return lambda: monkeypatch.setattr(
        stock, "CRYPTER", MultiFernet([Fernet(Fernet.generate_key())])
    )


def test_bulk_update_destroys(theirs, ours):
    other = StockPerson.objects.create(name="Bob", email="bob@example.com")
    StockPerson.objects.bulk_update([theirs, other], ["email"])
    destroyed = StockPerson.objects.get(pk=theirs.pk).email
    assert "CASE WHEN <WhereNode" in destroyed
    assert "bob@example.com" in destroyed

    Person.objects.bulk_update([ours, Person.objects.create(name="Bob")], ["email"])
    assert Person.objects.get(pk=ours.pk).email == "ann@example.com"


def test_an_expression_is_stored_as_its_own_text(theirs, ours):
    StockPerson.objects.update(notes=F("name"))
    assert StockPerson.objects.get().notes.startswith("Col(")
    made = StockPerson.objects.create(name="x", notes=Value("text"))
    assert StockPerson.objects.get(pk=made.pk).notes == "Value('text')"

    with pytest.raises(FieldError):
        Person.objects.update(notes=F("name"))
    with pytest.raises(FieldError):
        Person.objects.create(name="x", notes=Value("text"))


def test_a_wrong_key_is_swallowed_and_the_value_sealed_twice(
    theirs, ours, their_other_key, other_ring
):
    before = stored(theirs, "notes")
    their_other_key()
    loaded = StockPerson.objects.get()
    assert loaded.notes == before
    loaded.save()
    assert len(stored(theirs, "notes")) > len(before)

    before = stored(ours, "notes")
    other_ring()
    with pytest.raises(UnknownKey):
        _ = Person.objects.get().notes
    assert stored(ours, "notes") == before


def test_one_bad_date_breaks_the_whole_list(theirs, ours):
    store(theirs, "born", "junk")
    with pytest.raises(ValidationError):
        list(StockPerson.objects.all())

    store(ours, "born", "junk")
    assert [person.notes for person in Person.objects.all()] == ["Likes tea."]
    with pytest.raises(NotSealed):
        _ = Person.objects.get().born


def test_a_form_opens_a_token_for_whoever_pastes_it(theirs, ours):
    form = modelform_factory(StockPerson, fields=["name", "notes"])(
        {"name": "Eve", "notes": stored(theirs, "email")}
    )
    assert form.save().notes == "ann@example.com"

    form = modelform_factory(Person, fields=["name", "notes"])(
        {"name": "Eve", "notes": stored(ours, "email")}
    )
    assert form.errors.as_data()["notes"][0].code == "sealed_token"


def test_plain_text_in_the_column_is_taken_for_true(theirs, ours):
    store(theirs, "email", "forged@example.com")
    assert StockPerson.objects.get().email == "forged@example.com"

    store(ours, "email", "forged@example.com")
    with pytest.raises(NotSealed):
        _ = Person.objects.get().email


def test_a_token_of_another_row_or_column_opens(theirs, ours):
    store(theirs, "notes", stored(theirs, "email"))
    assert StockPerson.objects.get().notes == "ann@example.com"

    store(ours, "notes", stored(ours, "email"))
    with pytest.raises(Tampered):
        _ = Person.objects.get().notes
    other = Person.objects.create(name="Bob")
    store(other, "email", stored(ours, "email"))
    with pytest.raises(Tampered):
        _ = Person.objects.get(name="Bob").email


def test_filters_match_nothing_or_everything_and_say_nothing(theirs, ours):
    assert StockPerson.objects.filter(email="ann@example.com").count() == 0
    assert StockPerson.objects.exclude(email="ann@example.com").count() == 1
    assert StockPerson.objects.filter(email__icontains="g").count() == 1
    for _ in range(2):
        StockPerson.objects.get_or_create(email="ann@example.com", defaults={"name": "Ann"})
    assert StockPerson.objects.count() == 3

    assert Person.objects.filter(email="ann@example.com").count() == 1
    assert Person.objects.exclude(email="ann@example.com").count() == 0
    with pytest.raises(FieldError):
        Person.objects.filter(email__icontains="g")
    assert Person.objects.get_or_create(email="ann@example.com") == (ours, False)


def test_unique_is_not_unique_and_puts_the_value_into_sql():
    StockPerson.objects.create(name="a", code="secret")
    twin = StockPerson(name="b", code="secret")
    with CaptureQueriesContext(connection) as caught:
        twin.full_clean()
    twin.save()
    assert any("secret" in query["sql"] for query in caught) or StockPerson.objects.count() == 2


def test_the_database_computes_with_tokens(theirs, ours):
    lowered = StockPerson.objects.annotate(low=Lower("email")).get().low
    assert lowered == stored(theirs, "email").lower()
    with pytest.raises(FieldError):
        Person.objects.annotate(low=Lower("email"))


def test_moments_drift_with_the_time_zone(settings):
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    theirs = StockPerson.objects.create(name="x", moment=moment)
    ours = Everything.objects.create(moment=moment)
    with settings_time_zone(settings, "Asia/Shanghai"):
        if connection.vendor == "sqlite":
            assert StockPerson.objects.get(pk=theirs.pk).moment != moment
        assert Everything.objects.get(pk=ours.pk).moment == moment


def settings_time_zone(settings, name):
    settings.TIME_ZONE = name
    return transaction.atomic()


def test_whole_numbers_cannot_be_saved_on_postgresql():
    with pytest.raises(KeyError):
        connection_free_number("EncryptedIntegerField")
    assert Everything.objects.create(number=5).number == 5


def connection_free_number(name):
    """What the stock fields do on saving with psycopg 3."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    field = getattr(stock, name)()
    return DatabaseOperations(connection).adapt_integerfield_value(5, field.get_internal_type())


def test_a_subclass_loses_its_range_and_max_length_is_forgotten():
    class MyEncryptedIntegerField(stock.EncryptedIntegerField):
        pass

    assert MyEncryptedIntegerField.__name__[9:] != "IntegerField"
    assert stock.EncryptedCharField(max_length=9).clone().max_length is None
    assert Person._meta.get_field("phone").clone().max_length == 32


def test_a_token_tells_when_it_was_made_and_takes_more_room(theirs, ours):
    made = stock.CRYPTER._fernets[0].extract_timestamp(stored(theirs, "email").encode())
    assert abs(datetime.now(UTC).timestamp() - made) < 60
    assert len(stored(ours, "email")) < len(stored(theirs, "email"))


def test_half_a_character_breaks_saving(theirs):
    theirs.notes = "\ud800"
    with pytest.raises(UnicodeEncodeError), transaction.atomic():
        theirs.save()
    with pytest.raises(ValidationError, match="half a character"):
        Person.objects.create(name="x", notes="\ud800")


def test_a_serialized_person_stands_in_the_open(theirs, ours):
    from django.core import serializers

    assert "ann@example.com" in serializers.serialize("json", [theirs])
    assert "ann@example.com" not in serializers.serialize("json", [ours])


def test_dates_and_everything_else_that_works_keeps_working(ours):
    ours.born = date(2000, 1, 1)
    ours.save()
    assert Person.objects.get().born == date(2000, 1, 1)
