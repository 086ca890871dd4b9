"""Reasons in words. What has none yet is shown by its own name, never hidden."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

CHANGES: dict[str, Any] = {
    "white_space": _("spaces and invisible characters tidied"),
    "full_width": _("full-width characters made ordinary"),
    "html_entities": _("signs of a web page made letters"),
    "mojibake": _("garbled letters repaired"),
    "control_characters": _("control characters removed"),
    "placeholder": _("placeholder that stands for nothing"),
    "name_case": _("capital letters of a name"),
    "names_swapped": _("given and family name put in their places"),
    "email_normal_form": _("e-mail address in its normal form"),
    "email_slip": _("typing slip in an e-mail address"),
    "several_values": _("several values in one cell, told apart"),
    "phone_e164": _("phone number in international form"),
    "date_with_time": _("date without the time of day"),
    "name_case_unknown": _("capital letters of a name, which cannot be known"),
    "invisible_characters": _("invisible characters removed"),
    "filled_from_row": _("follows from the rest of the row"),
    "filled_with_default": _("filled with the value you gave"),
    "filled_forward": _("filled with the value above"),
    "short_row": _("cells missing at the end of the row"),
    "spreadsheet_text": _("sign by which a spreadsheet marks a text removed"),
    "gender_code": _("gender as its code"),
    "kind_code": _("kind of customer as its code"),
    "language_code": _("language as its code"),
    "birth_date_unlike_id_number": _("the ID number says another birth date"),
    "gender_unlike_id_number": _("the ID number was given for another gender"),
    "date_iso": _("date written as year-month-day"),
    "country_code": _("country as its two letters"),
    "id_number_form": _("ID number in its own form"),
    "card_number": _("card number removed"),
}
EMPTIED: dict[str, Any] = {
    "email_invalid": _("not an e-mail address"),
    "email_domain_looks_misspelt": _("the e-mail's domain looks misspelt"),
    "several_emails": _("several e-mail addresses in one cell"),
    "phone_impossible": _("no phone number has this form"),
    "phone_extension_left_out": _("a phone extension, which has no place"),
    "date_ambiguous": _("day and month cannot be told apart: choose the order of dates"),
    "date_impossible": _("there is no such date"),
    "date_unreadable": _("not a date that can be read"),
    "date_in_unknown_words": _("a date in words that are not known"),
    "date_incomplete": _("a date without its day or month"),
    "date_two_digit_year": _("a year of two digits, whose century cannot be known"),
    "date_serial_unproven": _("a number that may be a date of a spreadsheet"),
    "several_phones": _("several phone numbers in one cell"),
    "phone_country_unknown": _("a phone number without its country: give one"),
    "phone_area_code_unsure": _("a phone number whose area code is not sure"),
    "phone_with_words": _("words beside the phone number"),
    "country_unknown": _("no country of this name is known"),
    "gender_unknown": _("no gender goes by this word"),
    "kind_unknown": _("no kind of customer goes by this word"),
    "language_unknown": _("no language of this name is known"),
    "id_number_lost_digits": _("an ID number whose last digits a spreadsheet has lost"),
    "impossible_date": _("there is no such date"),
    "date_in_the_future": _("a birth date in the future"),
    "date_too_long_ago": _("a birth date too long ago"),
    "date_of_another_calendar": _("a date of another calendar"),
    "id_number_checksum": _("the check digit of the ID number does not fit"),
    "unknown_country": _("no country of this name is known"),
    "unknown_choice": _("not one of the values of this field"),
    "too_long": _("longer than this field may be"),
    "sealed_token": _("a sealed value copied from a database, which is never opened"),
    "half_a_character": _("holds half a character"),
    "owner_unknown": _("no member of staff has this name"),
    "owner_several": _("several members of staff have this name: use the user name"),
    "owner_left": _("this member of staff is not with us any more"),
    "organisation_has_no_employer": _("an organisation has no employer"),
}
REASONS: dict[str, Any] = {
    "no_identity": _("neither name nor e-mail, phone or ID number"),
    "too_many_cells": _("more cells than the header has columns"),
    "unreadable": _("cannot be read"),
    "stray_quote": _("a quotation mark opens a cell that never closes"),
    "record_too_long": _("longer than a row of customer data can be"),
    "cell_too_long": _("a cell is longer than customer data can be"),
    "same_email": _("same e-mail address"),
    "same_national_id": _("same ID number"),
    "same_phone": _("same phone number and a similar name"),
    "several": _("looks like several customers"),
    "skipped": _("left out, as chosen"),
    "waiting": _("waits for review already, or was left out by a person"),
    "changed_by_staff": _("staff changed these values since the last import"),
    "in_bin": _("the customer is in the bin"),
    "contradicts": _("would make an organisation of a person, or the other way round"),
    "cannot_open": _("a value of the customer cannot be opened"),
}


def of_change(rule: str) -> Any:
    return CHANGES.get(rule) or of_cell(rule)


def of_cell(rule: str) -> Any:
    return EMPTIED.get(rule) or CHANGES.get(rule) or rule.replace("_", " ")


def of_row(reasons: Iterable[str] | None) -> str:
    """The reasons of one row, in one line."""
    return ", ".join(str(REASONS.get(reason) or of_cell(reason)) for reason in reasons or ())
