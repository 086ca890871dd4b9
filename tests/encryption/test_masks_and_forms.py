"""Masks tell little, and normal forms make spellings of one value one value."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption.classes import DataClass
from encryption.masks import MASKS, masked
from encryption.normal_forms import NORMAL_FORMS


@pytest.mark.parametrize(
    "mask, value, shown",
    [
        ("email", "alice@example.com", "a***@example.com"),
        ("email", "a@example.com", "••••"),
        ("email", "no address", "••••"),
        ("phone", "13812341234", "138****1234"),
        ("phone", "+493012345678", "+49****5678"),
        ("phone", "110", "••••"),
        ("last4", "110101199001011237", "••••1237"),
        ("last4", "1234567", "••••"),
        ("year", date(1999, 12, 31), "1999"),
        ("year", "1999", "••••"),
        ("full", "anything", "••••"),
    ],
)
def test_a_mask_shows_what_it_should(mask, value, shown):
    assert masked(value, mask) == shown


@pytest.mark.parametrize("mask", MASKS)
def test_nothing_stays_nothing(mask):
    assert masked(None, mask) == masked("", mask) == ""


@given(st.sampled_from(sorted(MASKS)), st.text(min_size=1, max_size=7))
def test_no_mask_shows_a_short_value(mask, value):
    shown = masked(value, mask)
    assert shown == "••••" or ("@" in value and shown.startswith(value[0] + "***@"))


@given(st.sampled_from(sorted(NORMAL_FORMS)), st.text("0123456789+()-/. \u00a0\u200bXxéÉß李ａ０@"))
def test_a_normal_form_is_its_own_normal_form(name, text):
    once = NORMAL_FORMS[name](text)
    assert NORMAL_FORMS[name](once) == once


@pytest.mark.parametrize(
    "name, spellings",
    [
        ("email.v1", ["A.B@Example.com", " a.b@example.com ", "ａ.b@example.com"]),
        ("phone.v1", ["+493012345678", "+49 (0)30 1234-5678", "0049.30.12345678", "0049 (0) 30 12345678", "\u202a+49 30 1234 5678\u202c"]),
        ("phone.v1", ["03012345678", "030 / 1234 56 78", "０３０-12345678"]),
        ("id_number.v1", ["11010119900101123X", "110101 19900101 123x", "110101-19900101-123X"]),
    ],
)  # fmt: skip
def test_spellings_of_one_value_have_one_form(name, spellings):
    assert len({NORMAL_FORMS[name](spelling) for spelling in spellings}) == 1


def test_classes_have_names_people_understand():
    assert str(DataClass.CONTACT.label) == "contact data"
