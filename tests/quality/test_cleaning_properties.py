"""Whatever people paste into a cell: no cleaner raises, and cleaning twice is cleaning once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.cleaning.cards import masked_card_numbers, without_card_numbers
from quality.cleaning.codes import clean_gender, clean_kind, clean_language
from quality.cleaning.countries import clean_country
from quality.cleaning.dates import clean_birth_date
from quality.cleaning.emails import clean_email
from quality.cleaning.folding import fold_name
from quality.cleaning.id_numbers import (
    clean_national_id,
    id_type_of,
    national_id_problem,
    resident_id_facts,
)
from quality.cleaning.names import clean_name, split_full_name
from quality.cleaning.phones import clean_phone, parse_phone
from quality.cleaning.placeholders import is_placeholder
from quality.cleaning.text import plain, tidy
from quality.headers import FIELDS
from quality.pipeline import ColumnEvidence, Options, Plan, clean_batch

TODAY = date(2026, 11, 21)

ANY_CHARACTER = st.characters(exclude_categories=()) | st.sampled_from(
    "\x00\ud800\udfff\u200b\u200d\u202e\ufeff\u00a0\u3000\u0085İıßŉﬁÃ©â€™＠．，。'’-.@+0123456789/年月日Mm"
)
ANY_TEXT = st.text(ANY_CHARACTER, max_size=40)
LIKELY = st.one_of(
    st.from_regex(r"[A-Za-z.]{1,8}@{1,2}[a-z.,]{1,8}\.?[a-z]{0,3}", fullmatch=True),
    st.from_regex(r"\+?[0-9 ().-]{5,20}(x[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[-/. 年][0-9A-Za-z]{1,5}[-/. 月][0-9]{1,4}日?", fullmatch=True),
    st.from_regex(r"[1-6][0-9]{16}[0-9Xx]", fullmatch=True),
    st.from_regex(r"[a-zA-ZäöüÄÖÜßıİéÉ'’ -]{1,20}", fullmatch=True),
)
CELL = ANY_TEXT | LIKELY

CLEANERS = {
    "email": clean_email,
    "phone": clean_phone,
    "phone in China": lambda text: clean_phone(text, "CN"),
    "phone in the United States": lambda text: clean_phone(text, "US"),
    "birth date": lambda text: clean_birth_date(text, today=TODAY),
    "birth date, day first": lambda text: clean_birth_date(text, today=TODAY, order="dmy"),
    "country": clean_country,
    "national id": clean_national_id,
    "resident id": lambda text: clean_national_id(text, kind="cn_resident_id"),
    "tax number": lambda text: clean_national_id(text, kind="de_idnr"),
    "family name": clean_name,
    "given name": lambda text: clean_name(text, given=True),
    "Turkish name": lambda text: clean_name(text, country="TR"),
    "organisation": lambda text: clean_name(text, organisation=True),
    "gender": clean_gender,
    "kind": clean_kind,
    "language": clean_language,
}


@pytest.mark.parametrize("name", CLEANERS)
@settings(max_examples=80, deadline=None)
@given(text=CELL)
def test_a_cleaner_never_raises_and_is_idempotent(name, text):
    clean = CLEANERS[name]
    once = clean(text)
    again = clean(once.text)
    assert again.text == once.text
    if once.value is not None:
        assert clean(once.value).value == once.value


@settings(max_examples=200, deadline=None)
@given(text=CELL, lines=st.booleans(), prose=st.booleans())
def test_tidying_twice_is_tidying_once(text, lines, prose):
    once, _rule = tidy(text, lines=lines, prose=prose)
    assert tidy(once, lines=lines, prose=prose) == (once, "")
    once.encode()  # no half character is left


@settings(max_examples=200, deadline=None)
@given(text=CELL)
def test_folding_and_plain_text_are_idempotent(text):
    assert plain(plain(text)) == plain(text)
    assert fold_name(fold_name(text)) == fold_name(text)


@settings(max_examples=200, deadline=None)
@given(text=st.text("0123456789 -.a١", max_size=60))
def test_redacting_cards_twice_is_redacting_once(text):
    safe = without_card_numbers(text)
    assert without_card_numbers(safe) == safe
    assert len(masked_card_numbers(text)) == len(text)


@settings(max_examples=200, deadline=None)
@given(text=CELL, field=st.sampled_from([None, *sorted(FIELDS)]))
def test_the_small_helpers_never_raise(text, field):
    is_placeholder(text, field)
    parse_phone(text, "DE")
    resident_id_facts(text)
    id_type_of(text)
    for kind in (None, "us_ssn", "it_codice_fiscale", "kr_rrn", "nonsense"):
        national_id_problem(text, kind, None)
    if text:
        given_name, family_name = split_full_name(text)
        assert given_name or family_name


class Line:
    def __init__(self, number, cells):
        self.number = number
        self.cells = cells


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=9), min_size=1, max_size=6))
def test_the_whole_pipeline_never_raises_and_cleans_once_and_for_all(rows):
    header = ("a", "b", "c", "d", "e", "f", "g", "h")
    fields = [
        "given_name",
        "family_name",
        "email",
        "phone",
        "birth_date",
        "country",
        "national_id",
        "notes",
    ]
    mapping = dict(zip(header, fields, strict=True))
    lines = [Line(number, tuple(cells)) for number, cells in enumerate(rows, start=1)]
    plan = Plan(
        header, mapping, Options(today=TODAY), ColumnEvidence.gather([lines], header, mapping)
    )
    cleaned = clean_batch(lines, plan)
    assert [row.number for row in cleaned] == [line.number for line in lines]
    second = [Line(row.number, tuple(row.cells.values())) for row in cleaned]
    assert [row.cells for row in clean_batch(second, plan)] == [row.cells for row in cleaned]
