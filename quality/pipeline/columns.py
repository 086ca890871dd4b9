"""Which cleaner a column gets, and what that cleaner needs to see beside the cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from quality.cleaning.cards import REDACTED, without_card_numbers
from quality.cleaning.codes import clean_gender, clean_kind, clean_language
from quality.cleaning.countries import clean_country
from quality.cleaning.dates import clean_birth_date, clean_past_day
from quality.cleaning.emails import clean_email
from quality.cleaning.id_numbers import clean_code, clean_national_id, id_type_of
from quality.cleaning.names import clean_name
from quality.cleaning.outcome import EMPTY, Outcome, Verdict, kept
from quality.cleaning.phones import clean_phone
from quality.cleaning.placeholders import is_placeholder
from quality.cleaning.text import tidy
from quality.headers import FURTHER, REPEATED
from quality.pipeline.distinct import once_per_distinct
from quality.pipeline.rows import Plan
from quality.pipeline.several import clean_tags, first_of_several, several

Cleaner = Callable[..., Outcome]

PERSON_NAMES = frozenset(["given_name", "family_name", "full_name"])
_PHONES = frozenset(["phone", "further_phone"])
_NEVER_A_CARD = _PHONES | frozenset(
    [
        *("email", "further_email", "messenger", "birth_date", "last_confirmed_at"),
        *("national_id", "external_id", "postal_code", "country"),
    ]
)
_WRITTEN_AS_TEXT = _NEVER_A_CARD - {"country"}
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
#: An apostrophe that an export put before what a spreadsheet would run.
_MADE_HARMLESS = re.compile(r"'(?=[ \u00a0\u3000\ufeff\u200b]*[=+\-@\t\r\n＝＋－＠\u2212|%])")
_APOSTROPHE = re.compile(r"\s*['‘’]+(?=[^'‘’]*\Z)")
#: Fields of dates, each with what makes a date possible in it.
DATES: dict[str | None, Cleaner] = {
    "birth_date": clean_birth_date,
    "last_confirmed_at": clean_past_day,
}
_TURKIC = frozenset(["TR", "AZ", "CY"])


class Columns:
    """The columns of one batch: raw cells in, one outcome per row and column out."""

    def __init__(self, raw: dict[str, list[str]], plan: Plan) -> None:
        self.raw = raw
        self.plan = plan
        self.outcomes: dict[str, list[Outcome]] = {}
        self.rows = len(next(iter(raw.values()), []))
        first = {"country": 0, "national_id_type": 1}
        for column in sorted(raw, key=lambda name: first.get(plan.mapping.get(name, ""), 2)):
            self.outcomes[column] = self._clean(column)

    def of_field(self, field: str) -> list[str]:
        """The columns mapped to a customer field, in file order."""
        return [column for column in self.raw if self.plan.mapping.get(column) == field]

    def values(self, field: str) -> list[str | None]:
        """The first usable value of the field's columns, row by row."""
        lists = [self.outcomes[column] for column in self.of_field(field)]
        if not lists:
            return [None] * self.rows
        return [
            next((out.value for out in row if out.value), None) for row in zip(*lists, strict=True)
        ]

    def cleaner(self, column: str) -> Cleaner:
        """The cleaner of one column: noise first, then what its field asks for."""
        field = self.plan.mapping.get(column)
        clean = self._field_cleaner(column, field)
        cards = field not in _NEVER_A_CARD

        def whole(raw: str, *beside: str | None) -> Outcome:
            return _clean_cell(raw, field, clean, beside, cards=cards)

        return whole

    def beside(self, field: str | None) -> list[Sequence[str | None]]:
        """What the cleaner of a field sees beside the cell, row by row."""
        if field in _PHONES:
            return [self._countries()]
        if field == "national_id":
            return [self.values("national_id_type"), self._countries()]
        if field in PERSON_NAMES:
            return [[code if code in _TURKIC else None for code in self._countries()]]
        return []

    def _clean(self, column: str) -> list[Outcome]:
        beside = self.beside(self.plan.mapping.get(column))
        return once_per_distinct([self.raw[column], *beside], self.cleaner(column))

    def _countries(self) -> list[str | None]:
        """The country of each row: its own, or where it names none, the one given for the file."""
        given = self.plan.options.country
        columns = self.of_field("country")
        return [
            code or (None if any(self.outcomes[column][row].text for column in columns) else given)
            for row, code in enumerate(self.values("country"))
        ]

    def _field_cleaner(self, column: str, field: str | None) -> Cleaner:
        plan = self.plan
        if field in DATES:
            clean_day = DATES[field]
            order = plan.options.date_order or plan.evidence.order(column)
            serials = plan.evidence.holds_serials(column)
            return lambda text: clean_day(
                text, today=plan.options.today, order=order, serials=serials
            )
        if field == "gender":
            letters = plan.evidence.letters.get(column, frozenset())
            return lambda text: clean_gender(text, letters=letters)
        clean_one = _CLEANERS.get(field or "", kept)
        if field in FURTHER:
            return first_of_several(clean_one)
        return several(field, clean_one) if field in REPEATED else clean_one


def _clean_cell(
    raw: str, field: str | None, clean: Cleaner, beside: tuple[str | None, ...], *, cards: bool
) -> Outcome:
    prose = field is None or field == "notes"
    bare = _unmarked(raw, field)
    text, rule = tidy(bare, lines=prose, prose=prose)
    if (again := _unmarked(text, field)) != text:  # the mark itself was garbled
        bare, (text, _rule) = again, tidy(again, lines=prose, prose=prose)
    if bare != raw:
        rule = "spreadsheet_text"
    if not text:
        return EMPTY if not rule else Outcome("", None, rule)
    if is_placeholder(text, field):
        return Outcome("", None, "placeholder")
    if cards and not (field is None and text.isdigit()):
        safe = without_card_numbers(text)
        if safe != text:
            return Outcome(safe, safe, "card_number")
        if REDACTED in text:
            return kept(text, rule)
    outcome = clean(text, *beside)
    if rule and not outcome.rule:
        outcome = replace(outcome, rule=rule)
    return outcome


def _unmarked(raw: str, field: str | None) -> str:
    """The cell without what is written to keep it a text: `="0123"`, `'0123`, `'=1+1`.

    In names and prose an apostrophe is a letter (`'t Hooft`).
    """
    if not raw.startswith(("=", "'", " ", "\u2018", "\u2019")):
        return raw
    if match := _FORMULA_TEXT.fullmatch(raw.strip()):
        return match[1]
    if _MADE_HARMLESS.match(raw):
        return raw[1:]
    if field in _WRITTEN_AS_TEXT and (match := _APOSTROPHE.match(raw)):
        return raw[match.end() :]
    return raw


def _clean_national_id(text: str, kind: str | None, country: str | None) -> Outcome:
    return clean_national_id(text, kind=kind, country=country)


def _clean_id_type(text: str) -> Outcome:
    return Outcome(text, id_type_of(text) or text)


def _clean_given(text: str, country: str | None) -> Outcome:
    return clean_name(text, given=True, country=country)


def _clean_family(text: str, country: str | None) -> Outcome:
    return clean_name(text, country=country)


_CLEANERS: dict[str, Cleaner] = {
    "given_name": _clean_given,
    "family_name": _clean_family,
    "full_name": _clean_family,
    "kind": clean_kind,
    "email": clean_email,
    "further_email": clean_email,
    "phone": clean_phone,
    "further_phone": clean_phone,
    "national_id": _clean_national_id,
    "national_id_type": _clean_id_type,
    "country": clean_country,
    "language": clean_language,
    "postal_code": clean_code,
    "external_id": clean_code,
    "tags": clean_tags,
}


def is_missing(raw: str, outcome: Outcome) -> bool:
    """Whether the cell held nothing (as opposed to something that could not be true)."""
    return not outcome.text and outcome.verdict is Verdict.KEPT
