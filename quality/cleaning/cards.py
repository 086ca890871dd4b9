"""Payment card numbers in free text: nothing in a CRM needs them, so they never get in.

A run of digits is a card number when it begins like one of an issuer, has that issuer's length
and passes the Luhn check, and is no valid Chinese resident ID (one in ten of those passes Luhn).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum import luhn

from quality.cleaning.id_numbers import resident_id_facts

SHORTEST = 13  # digits, of every issuer below
REDACTED = "[card number removed]"

_SEPARATOR = r"[ \-.\u00a0\u2010-\u2015]"
# Possessive: nothing is tried twice, or a long number with a letter behind it would take for ever.
_RUN = re.compile(rf"(?<![\w+.])\d++(?!\w)(?:{_SEPARATOR}\d++(?!\w))*+")
_ENOUGH_DIGITS = re.compile(rf"\d(?:{_SEPARATOR}?\d){{12}}")
_GROUP = re.compile(r"\d+")
_ISSUERS = (
    re.compile(r"4(?:\d{12}|\d{15}|\d{18})"),  # Visa
    re.compile(r"(?:5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12})"),
    re.compile(r"3[47]\d{13}"),  # American Express
    re.compile(r"(?:6011|65\d\d|64[4-9]\d)\d{12}(?:\d{3})?"),  # Discover
    re.compile(r"35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"),  # JCB
    re.compile(r"3(?:0[0-59]|[689]\d)\d{11}(?:\d{2})?"),  # Diners Club
    re.compile(r"(?:62|81)\d{14,17}"),  # UnionPay
    re.compile(r"(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{12}"),  # Maestro
    re.compile(r"220[0-4]\d{12}"),  # Mir
)


def is_card_number(digits: str) -> bool:
    """Whether bare digits are a possible card number."""
    if not any(issuer.fullmatch(digits) for issuer in _ISSUERS) or not luhn.is_valid(digits):
        return False
    return len(set(digits)) > 1 and resident_id_facts(digits) is None


def has_card_number(text: str) -> bool:
    """Whether a card number stands in the text."""
    return without_card_numbers(text) != text


def without_card_numbers(text: str) -> str:
    """The text with each card number replaced by words; nothing of the number remains."""
    return _with_cards(text, lambda _number: REDACTED)


def masked_card_numbers(text: str) -> str:
    """The text with the digits of each card number covered: fit for a report."""
    return _with_cards(text, lambda number: re.sub(r"\d", "•", number))


def _with_cards(text: str, replaced: Callable[[str], str]) -> str:
    if not _ENOUGH_DIGITS.search(text):
        return text
    pieces, end = [], 0
    for run in _RUN.finditer(text):
        for start, stop in _cards_in(run[0]):
            pieces += [text[end : run.start() + start], replaced(run[0][start:stop])]
            end = run.start() + stop
    return "".join([*pieces, text[end:]])


def _cards_in(run: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand in a run of digit groups; they begin and end with a group."""
    groups = list(_GROUP.finditer(run))
    first = 0
    while first < len(groups):
        digits = ""
        for last in range(first, len(groups)):
            digits += "".join(str(int(digit)) for digit in groups[last][0])
            if len(digits) > 19:
                break
            if len(digits) >= SHORTEST and is_card_number(digits):
                yield groups[first].start(), groups[last].end()
                first = last
                break
        first += 1
