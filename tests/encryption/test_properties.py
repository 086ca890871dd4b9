"""Any value of any type comes back exactly, by whatever way it was written, or is refused."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encryption import fields
from encryption.errors import CannotOpen
from encryption.sealed import Sealed, sealed_values
from tests.encryption.testapp.models import Everything

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = {
    "char": TEXT,
    "text": TEXT,
    "email": st.emails(),
    "day": st.dates(),
    "moment": st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones()),
    "flag": st.booleans(),
    "number": st.integers(-(2**31), 2**31 - 1),
    "positive": st.integers(0, 2**31 - 1),
    "small": st.integers(-(2**15), 2**15 - 1),
    "tiny": st.integers(0, 2**15 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
}
THINGS = st.fixed_dictionaries({}, optional={name: st.none() | s for name, s in VALUES.items()})
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def exact(value):
    """Python finds no moment of an hour that clocks repeat equal to itself in UTC."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def values_of(thing):
    return {name: getattr(thing, name) for name in VALUES}


def exactly(values):
    return {name: exact(value) for name, value in values.items()}


@pytest.mark.django_db
@many
@given(THINGS, THINGS)
def test_every_way_of_writing_is_exact(first, second):
    expected = exactly(dict.fromkeys(VALUES) | first)
    saved = Everything.objects.create(**first)
    bulk = Everything.objects.bulk_create([Everything(**first)])[0]
    for thing in (saved, bulk):
        assert values_of(Everything.objects.get(pk=thing.pk)) == expected
    expected |= exactly(second)
    loaded = Everything.objects.get(pk=saved.pk)
    for thing in (loaded, bulk):
        for name, value in second.items():
            setattr(thing, name, value)
    loaded.save()
    if second:
        Everything.objects.bulk_update([bulk], list(second))
    for thing in (saved, bulk):
        assert values_of(Everything.objects.get(pk=thing.pk)) == expected
    with sealed_values():
        held = values_of(Everything.objects.get(pk=saved.pk))
    assert all(value is None or isinstance(value, Sealed) for value in held.values())


@many
@given(st.sampled_from(sorted(VALUES)), st.data())
def test_every_type_refuses_a_changed_token(name, data):
    thing = Everything(**{name: data.draw(VALUES[name])})
    field = Everything._meta.get_field(name)
    token = field.pre_save(thing, add=True).token
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    with pytest.raises(CannotOpen):
        field.open_sealed(token[:at] + other + token[at + 1 :], thing.pk)
    with pytest.raises(CannotOpen):
        field.open_sealed(token, Everything().pk)


@many
@given(st.sampled_from(sorted(VALUES)), st.data())
def test_text_of_a_value_reads_back(name, data):
    field = Everything._meta.get_field(name)
    value = data.draw(VALUES[name])
    assert field.load_text(field.dump_text(value)) == exact(value)
    assert isinstance(
        field.load_text(field.dump_text(value)), type(value) if name != "moment" else date
    )


def test_a_field_of_no_model_deconstructs():
    field = fields.EncryptedTextField(null=True)
    assert field.deconstruct() == (None, "encryption.fields.EncryptedTextField", [], {"null": True})
    field = fields.EncryptedTextField(bound_to="id", context="a.b.c")
    assert field.deconstruct()[3] == {"bound_to": "id", "context": "a.b.c"}


def test_moments_come_back_in_utc():
    field = Everything._meta.get_field("moment")
    assert field.load_text("2026-01-01 12:00:00") == datetime(2026, 1, 1, 12, tzinfo=UTC)
