"""Django validators for single fields; messages say what to do.

They ask the same predicates the cleaners use, so that what an import lets in a form lets in too.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quality.cleaning.cards import has_card_number
from quality.cleaning.codes import language_of
from quality.cleaning.countries import is_country
from quality.cleaning.dates import LONGEST_LIFE, is_possible_birth_date, read_date
from quality.cleaning.emails import normal_form
from quality.cleaning.folding import fold_name
from quality.cleaning.id_numbers import (
    CN_RESIDENT_ID,
    ID_CHECKS,
    ResidentFacts,
    national_id_problem,
    resident_id_facts,
)
from quality.cleaning.phones import is_e164, parse_phone
from quality.cleaning.text import has_controls, plain

__all__ = [
    "CN_RESIDENT_ID",
    "FREE_TEXT",
    "ID_CHECKS",
    "TYPED",
    "ResidentFacts",
    "fold_name",
    "national_id_problem",
    "parse_phone",
    "resident_id_facts",
    "validate_birth_date",
    "validate_country",
    "validate_email_address",
    "validate_language",
    "validate_national_id",
    "validate_no_card_number",
    "validate_no_control_characters",
    "validate_phone",
    "validate_postal_code",
]

_POSTAL_CODE = re.compile(r"[0-9A-Z][0-9A-Z \-]{0,10}[0-9A-Z]", re.IGNORECASE)


def validate_email_address(value: str) -> None:
    """An address that e-mail can be sent to."""
    if normal_form(value) is None:
        raise ValidationError(
            _("This is not an e-mail address. Write it like name@example.com."),
            code="email_invalid",
        )


def validate_phone(value: str) -> None:
    """A valid number in E.164."""
    if not is_e164(value):
        raise ValidationError(
            _(
                "This is not a valid phone number. "
                "Write it with its country code, like +86 138 0013 8000."
            ),
            code="phone_impossible",
        )


def validate_birth_date(value: object) -> None:
    """A day on which a living customer can have been born; a date or its ISO text."""
    day = read_date(str(value)).certain
    if day is None:
        raise ValidationError(
            _("This is not a date. Write it as year-month-day, like 1990-03-12."),
            code="date_impossible",
        )
    today = timezone.localdate()
    if day > today:
        raise ValidationError(
            _("This birth date is in the future. Check the year."), code="date_in_the_future"
        )
    if not is_possible_birth_date(day, today):
        raise ValidationError(
            _("Nobody is older than %(years)s years. Check the year of birth."),
            code="date_too_long_ago",
            params={"years": LONGEST_LIFE},
        )


def validate_national_id(number: str, kind: str | None = None, country: str | None = None) -> None:
    """An ID number that fits its type: for `clean()`, because it needs the fields beside it.

    A number of unknown type is not checked.
    """
    if number and national_id_problem(number, kind or None, country or None):
        raise ValidationError(
            _(
                "The check digit of this ID number does not fit. "
                "Compare it with the document, or choose another type of ID."
            ),
            code="id_number_checksum",
        )


def validate_country(value: str) -> None:
    """An ISO 3166-1 alpha-2 code in capitals."""
    if not is_country(value):
        raise ValidationError(
            _("This is not a country code. Use two capital letters, like CN or DE."),
            code="country_unknown",
        )


def validate_language(value: str) -> None:
    """An ISO 639-1 code, with a region or script where needed."""
    if language_of(value) != value:
        raise ValidationError(
            _("This is not a language code. Use two small letters, like zh or en."),
            code="language_unknown",
        )


def validate_postal_code(value: str) -> None:
    """Letters, digits, spaces and hyphens; the form of each country is not checked."""
    if not _POSTAL_CODE.fullmatch(plain(value)):
        raise ValidationError(
            _("A postal code has only letters, digits, spaces and hyphens, at most 12 of them."),
            code="postal_code_invalid",
        )


def validate_no_control_characters(value: str) -> None:
    """Text that a person can have typed."""
    if has_controls(value):
        raise ValidationError(
            _(
                "This text contains invisible control characters. "
                "Type it again, or paste it as plain text."
            ),
            code="control_characters",
        )


def validate_no_card_number(value: str) -> None:
    """Free text without a payment card number."""
    if has_card_number(value):
        raise ValidationError(
            _(
                "This text contains a payment card number. "
                "Remove it: card numbers are not kept here."
            ),
            code="card_number",
        )


# What every text keeps out, and what a text in which people write freely keeps out too.
TYPED = [validate_no_control_characters]
FREE_TEXT = [*TYPED, validate_no_card_number]
