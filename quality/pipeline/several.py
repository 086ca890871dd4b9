"""Several values in one cell of a column that holds further ones: "a@x.org; b@x.org".

All of them or none: where one cannot be true, nobody knows what the cell means, and it is left
out whole with its reason. What is one value as it stands is never cut.

A column of the main ones holds one. Only where an address book has put more into it under its own
sign (" ::: ") is the first the main one, and those behind it are further ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from quality.cleaning.outcome import EMPTY, Outcome, doubtful, kept

BETWEEN = "; "
ADDRESS_BOOK = " ::: "
_OWN_TAG = "* mycontacts"
_BETWEEN_VALUES = {
    "further_email": re.compile(r":::|[;,|\s]+"),
    "further_phone": re.compile(r":::|[;,|/]+"),
    "messenger": re.compile(r":::|[;|]+"),
}


def several(field: str, clean: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The cleaner of one value, made one of cells that may hold several."""
    between = _BETWEEN_VALUES[field]

    def cleaned(text: str, *beside: str | None) -> Outcome:
        outcome = clean(text, *beside)
        parts = [part.strip() for part in between.split(text) if part.strip()]
        if len(parts) < 2 or (outcome.value and clean is not kept):
            return outcome
        values = [clean(part, *beside).value for part in parts]
        if not all(values):
            return outcome
        joined = BETWEEN.join(dict.fromkeys(filter(None, values)))
        return Outcome(joined, joined, "" if joined == text else "several_values")

    return cleaned


def first_of_several(clean: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The cleaner of a main value, made one of cells in which an address book put several."""

    def cleaned(text: str, *beside: str | None) -> Outcome:
        if ADDRESS_BOOK.strip() not in text:
            return clean(text, *beside)
        parts = [part.strip() for part in text.split(ADDRESS_BOOK.strip()) if part.strip()]
        outcomes = [clean(part, *beside) for part in parts]
        if doubt := next((outcome.rule for outcome in outcomes if not outcome.value), ""):
            return doubtful(text, doubt)
        values = list(dict.fromkeys(outcome.value for outcome in outcomes))
        if not values:
            return EMPTY
        joined = ADDRESS_BOOK.join(filter(None, values))
        return Outcome(joined, values[0], "" if joined == text else "several_values")

    return cleaned


def behind_the_first(outcome: Outcome) -> list[str]:
    """The further values of a cell of main ones."""
    _first, *others = outcome.text.split(ADDRESS_BOOK)
    return others if outcome.value else []


def clean_tags(text: str) -> Outcome:
    """Tags; those of an address book with its own signs taken off them."""
    if ADDRESS_BOOK.strip() not in text and not text.startswith("* "):
        return kept(text)
    parts = (part.strip() for part in text.split(ADDRESS_BOOK.strip()))
    # Everybody in the book has that one.
    tags = [part.removeprefix("* ") for part in parts if part.casefold() != _OWN_TAG]
    joined = ", ".join(filter(None, tags))
    return Outcome(joined, joined or None, "several_values")


def apart(value: str) -> list[str]:
    """The values of a cleaned cell."""
    return value.split(BETWEEN)
