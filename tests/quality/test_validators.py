from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from quality import validators


@pytest.mark.parametrize(
    "validate, value",
    [
        (validators.validate_email_address, "a.b@example.com"),
        (validators.validate_email_address, "用户@例子.中国"),
        (validators.validate_phone, "+8613800138000"),
        (validators.validate_phone, "+12125449561"),
        (validators.validate_birth_date, date(1990, 3, 12)),
        (validators.validate_birth_date, "1990-03-12"),
        (validators.validate_country, "CN"),
        (validators.validate_language, "zh-Hans"),
        (validators.validate_postal_code, "SW1A 1AA"),
        (validators.validate_no_control_characters, "two\nlines\tand a tab"),
        (validators.validate_no_card_number, "order 440305195103113976"),
    ],
)
def test_what_is_right_passes(validate, value):
    validate(value)


@pytest.mark.parametrize(
    "validate, value, code",
    [
        (validators.validate_email_address, "a..b@example.com", "email_invalid"),
        (validators.validate_email_address, "", "email_invalid"),
        (validators.validate_phone, "138 0013 8000", "phone_impossible"),
        (validators.validate_phone, "+86 138 0013 8000", "phone_impossible"),
        (validators.validate_phone, "+86123", "phone_impossible"),
        (validators.validate_birth_date, "1900-02-30", "date_impossible"),
        (validators.validate_birth_date, date(1790, 1, 1), "date_too_long_ago"),
        (validators.validate_country, "cn", "country_unknown"),
        (validators.validate_country, "XX", "country_unknown"),
        (validators.validate_language, "klingon", "language_unknown"),
        (validators.validate_postal_code, "<b>", "postal_code_invalid"),
        (validators.validate_no_control_characters, "a\x00b", "control_characters"),
        (validators.validate_no_control_characters, "a\u202eb", "control_characters"),
        (validators.validate_no_control_characters, "a\ud800b", "control_characters"),
        (validators.validate_no_card_number, "pay 4111 1111 1111 1111", "card_number"),
    ],
)
def test_what_is_wrong_is_refused_with_its_code(validate, value, code):
    with pytest.raises(ValidationError) as refused:
        validate(value)
    assert refused.value.code == code
    assert str(refused.value.messages[0]).endswith(".")


def test_nobody_is_born_tomorrow():
    validators.validate_birth_date(timezone.localdate())
    with pytest.raises(ValidationError, match="future"):
        validators.validate_birth_date(timezone.localdate() + timedelta(days=1))


def test_an_id_is_checked_only_where_its_type_is_certain():
    validators.validate_national_id("977-23-6273")
    validators.validate_national_id("13733810567", None, "DE")
    validators.validate_national_id("440305195103113976", "cn_resident_id")
    with pytest.raises(ValidationError, match="check digit"):
        validators.validate_national_id("440305195103113975", "cn_resident_id")
    with pytest.raises(ValidationError, match="check digit"):
        validators.validate_national_id("440305195103113975", None, "CN")
    validators.validate_national_id("440305195103113975", None, "US")
    with pytest.raises(ValidationError):
        validators.validate_national_id("86475591Y", "es_dni")


def test_a_resident_id_tells_region_birth_date_and_sex():
    facts = validators.resident_id_facts("51010419460907435x")
    assert facts == ("四川省", date(1946, 9, 7), "male")
    assert validators.resident_id_facts("510104194609074352") is None
