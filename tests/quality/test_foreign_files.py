"""Cells as they come from spreadsheets and from other countries."""

import time
from datetime import date

import pytest

from quality.pipeline import ColumnEvidence, Emptied, Flag, Options, Plan, clean_batch
from quality.reading import Record

TODAY = date(2026, 11, 21)
RESIDENT = "110101199003076616"


def cleaned(*rows, **columns):
    """The cleaned rows of a file whose columns are `field=its cell` of the first row, and `rows`."""
    header = tuple(columns)
    records = [
        Record(number, cells) for number, cells in enumerate([tuple(columns.values()), *rows], 1)
    ]
    mapping = {name: name for name in header}
    evidence = ColumnEvidence.gather([records], header, mapping)
    return clean_batch(records, Plan(header, mapping, Options(today=TODAY), evidence))


def cell(field, text, **beside):
    """The cleaned cell and the rules that spoke about it."""
    (row,) = cleaned(**{field: text}, **{"given_name": "Ann"} | beside)
    rules = [event.rule for event in (*row.changes, *row.emptied, *row.flags)]
    return row.cells[field], rules


@pytest.mark.parametrize(
    ("field", "text", "clean"),
    [
        ("phone", "'+8613800138000", "+8613800138000"),
        ("phone", '="+8613800138000"', "+8613800138000"),
        ("national_id", f"'{RESIDENT}", RESIDENT),
        ("national_id", f'="{RESIDENT}"', RESIDENT),
        ("postal_code", "'01234", "01234"),
        ("postal_code", '="01234"', "01234"),
        ("birth_date", "’1990-05-03", "1990-05-03"),
        ("email", "'ann@lee.de", "ann@lee.de"),
        ("external_id", " ''0042", "0042"),
        ("notes", '="0042"', "0042"),
    ],
)
def test_the_mark_that_keeps_a_number_a_text_in_a_spreadsheet_goes(field, text, clean):
    assert cell(field, text)[0] == clean


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("family_name", "'t Hooft"),
        ("family_name", "’t Hart"),
        ("city", "'s-Hertogenbosch"),
        ("notes", "'quoted' he said"),
        ("notes", "=1+1"),
        ("street", "'t Zand 4"),
        ("external_id", "A'1"),
    ],
)
def test_an_apostrophe_that_belongs_to_the_text_stays(field, text):
    assert cell(field, text) == (text, [])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("一九九〇年五月三日", "1990-05-03"),
        ("二○○○年十二月三十一日", "2000-12-31"),
        ("民國七十九年五月廿三日", "1990-05-23"),
        ("昭和四十五年十月十日", "1970-10-10"),
        ("3/May/1990", "1990-05-03"),
        ("19. marts 1987", "1987-03-19"),
        ("27 Ιουλίου 1979", "1979-07-27"),
        ("23. října 1988", "1988-10-23"),
        ("1 жовтня 1942", "1942-10-01"),
        ("28. joulukuuta 1969", "1969-12-28"),
        ("1950. november 12.", "1950-11-12"),
        ("28 באוגוסט 1973", "1973-08-28"),
        ("10 octombrie 1963", "1963-10-10"),
    ],
)
def test_dates_in_chinese_numerals_and_with_other_separators_are_read(text, day):
    assert cell("birth_date", text)[0] == day


def test_a_month_that_is_another_one_in_another_language_is_not_read():
    """Polish and Croatian: November and October."""
    assert cell("birth_date", "5 listopada 1990") == (
        "5 listopada 1990",
        ["date_in_unknown_words"],
    )


@pytest.mark.parametrize("text", ["一九九〇年十十月三日", "一九九〇年二月三十日", "九〇年五月三日"])
def test_numerals_that_are_no_day_of_the_calendar_are_not_made_one(text):
    assert cell("birth_date", text)[0] in {"", text}


@pytest.mark.parametrize(
    ("text", "country", "clean"),
    [
        ("+52 1 55 1234 5678", "", "+525512345678"),
        ("+5215512345678", "MX", "+525512345678"),
        ("Tel.: 089 123456", "DE", "+4989123456"),
        ("00000000", "", ""),
        ("000-0000-0000", "CN", ""),
    ],
)
def test_phones_with_old_prefixes_and_labels(text, country, clean):
    assert cell("phone", text, country=country)[0] == clean


@pytest.mark.parametrize("country", ["AQ", "BV"])
def test_a_country_without_a_numbering_plan_makes_no_local_number_impossible(country):
    assert cell("phone", "089 123456", country=country) == (
        "089 123456",
        ["phone_country_unknown"],
    )


@pytest.mark.parametrize("field", ["national_id", "postal_code", "phone", "birth_date"])
def test_nothing_but_zeros_is_no_value(field):
    assert cell(field, "00000000") == ("", ["placeholder"])


@pytest.mark.parametrize("field", ["external_id", "notes", "street"])
def test_zeros_may_be_a_value_where_anything_may(field):
    assert cell(field, "0000") == ("0000", [])


@pytest.mark.parametrize("text", ["Man", "Y", "can", "Ao Nang"])
def test_a_short_word_is_no_country_because_of_lost_accents(text):
    found, rules = cell("country", text)
    assert (found, rules) in [(text, ["country_unknown"]), ("CA", ["country_code"])]


@pytest.mark.parametrize(
    ("text", "code"), [("Ý", "IT"), ("Bỉ", "BE"), ("Đức", "DE"), ("Etats Unis", "US")]
)
def test_countries_with_few_letters_are_known_with_their_accents(text, code):
    assert cell("country", text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mr", "male"),
        ("Mrs.", "female"),
        ("Mme", "female"),
        ("Monsieur", "male"),
        ("小姐", "female"),
    ],
)
def test_a_form_of_address_says_the_gender(text, code):
    assert cell("gender", text)[0] == code


def test_a_capital_i_of_turkey_is_an_ordinary_i_in_an_address():
    assert cell("email", "İNFO@FİRMA.com.tr")[0] == "info@firma.com.tr"


@pytest.mark.parametrize(
    ("text", "clean"), [("γιώργος", "Γιώργος"), ("ΓΙΩΡΓΟΣ", "ΓΙΩΡΓΟΣ"), ("Γιώργος", "Γιώργος")]
)
def test_greek_small_letters_get_their_capital_and_capitals_without_accents_stay(text, clean):
    assert cell("family_name", text)[0] == clean


@pytest.mark.parametrize(
    ("field", "text", "clean"),
    [
        ("family_name", "M&uuml;ller", "Müller"),
        ("family_name", "O&#39;Brien", "O'Brien"),
        ("employer", "Smith &amp;amp; Sons", "Smith & Sons"),
        ("city", "K&ouml;ln&nbsp;", "Köln"),
        ("notes", "&lt;b&gt; stays", "&lt;b&gt; stays"),
        ("notes", "R&D; AT&T; &unknown;", "R&D; AT&T; &unknown;"),
        ("notes", "&#0;&#xD800;", "&#0;&#xD800;"),
    ],
)
def test_characters_written_for_a_web_page_become_themselves(field, text, clean):
    assert cell(field, text)[0] == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Visa 4111 1111 1111 1111 ok", "Visa [card number removed] ok"),
        ("4111-1111-1111-1111", "[card number removed]"),
        (f"ID {RESIDENT}", f"ID {RESIDENT}"),
        ("order 1234567890123456", "order 1234567890123456"),
        ("DE89370400440532013000", "DE89370400440532013000"),
    ],
)
def test_card_numbers_leave_notes_and_other_numbers_stay(text, clean):
    assert cell("notes", text)[0] == clean


def test_a_name_that_lost_its_encoding_is_left_alone():
    assert cell("family_name", "ÐÐ²Ð°Ð½Ð¾Ð²") == ("ÐÐ²Ð°Ð½Ð¾Ð²", [])


def test_birth_date_and_gender_that_contradict_the_id_number_are_kept_and_flagged():
    (row,) = cleaned(
        given_name="伟", national_id=RESIDENT, birth_date="1985-01-02", gender="female"
    )

    assert (row.cells["birth_date"], row.values["gender"]) == ("1985-01-02", "female")
    assert row.flags == (
        Flag("birth_date", "birth_date_unlike_id_number"),
        Flag("gender", "gender_unlike_id_number"),
    )


def test_birth_date_and_gender_that_fit_the_id_number_are_not_flagged():
    (row,) = cleaned(given_name="伟", national_id=RESIDENT, birth_date="1990-03-07", gender="男")

    assert row.flags == ()


def test_a_number_of_another_type_contradicts_nothing():
    (row,) = cleaned(
        given_name="伟", national_id=RESIDENT, national_id_type="passport", birth_date="1985-01-02"
    )

    assert row.flags == ()


@pytest.mark.parametrize(
    "number",
    ["12345678Z", "X1234567L", "078-05-1120", "QQ 12 34 56 C", "86095742719", "RSSMRA85T10A562S",
     "111222333", "390.533.447-05", "2341 2341 2346", "900101-1234568", "A123456789",
     "H1234567(8)", "44051401458", "00123456", "110101900307661"],
)  # fmt: skip
def test_an_id_number_of_any_country_is_never_damaged(number):
    assert cell("national_id", number) == (number, [])


@pytest.mark.parametrize("field", ["external_id", "postal_code"])
def test_a_code_that_lost_its_digits_identifies_nothing(field):
    assert cell(field, "1.0023E+16") == ("", ["id_number_lost_digits"])
    assert cell(field, "1E10") == ("1E10", [])


@pytest.mark.parametrize(
    ("text", "clean"), [('"Bob', "Bob"), ('Ray"', "Ray"), ('John "Jack"', 'John "Jack"')]
)
def test_one_quotation_mark_at_the_end_of_a_name_is_no_part_of_it(text, clean):
    assert cell("family_name", text)[0] == clean


@pytest.mark.parametrize("text", ["1.10101E+17", "1,10101E+17", "1.10101199003077E+17"])
def test_an_id_number_in_scientific_notation_cannot_be_true(text):
    (row,) = cleaned(given_name="Ann", national_id=text)

    assert row.emptied == (Emptied("national_id", "id_number_lost_digits", text),)


def test_a_full_name_gives_the_part_that_its_own_column_leaves_empty():
    rows = cleaned(
        ("Bob Ray", "", ""),
        ("Cy van der Poe", "Cy", ""),
        full_name="Ann Lee", given_name="Anna", family_name="Lee",
    )  # fmt: skip

    assert [(row.values["given_name"], row.values["family_name"]) for row in rows] == [
        ("Anna", "Lee"),
        ("Bob", "Ray"),
        ("Cy", "van der Poe"),
    ]


def test_the_report_names_the_correction_of_a_cell_that_is_flagged_too():
    (row,) = cleaned(given_name="Ann", phone="+1 (212) 544-9561 x12")

    assert [change.rule for change in row.changes] == ["phone_extension_left_out"]


@pytest.mark.parametrize(
    "text",
    [
        "4" * 5_000 + "x",
        "十" * 20_000,
        "4111 " * 2_000 + "x",
        "1-" * 5_000 + "x",
        "41111111111111111" * 9 + "X",
    ],
)
@pytest.mark.parametrize(
    "field", ["notes", "street", "family_name", "phone", "national_id", "birth_date"]
)
def test_no_number_however_long_keeps_the_cleaning_busy(field, text):
    began = time.process_time()
    cell(field, text)

    assert time.process_time() - began < 2


def test_a_card_number_is_found_beside_digits_that_belong_to_a_word():
    assert cell("notes", "4111 1111 1111 1111 2x")[0] == "[card number removed] 2x"


@pytest.mark.parametrize(
    ("field", "text"),
    [("family_name", "4111111111111111"), ("postal_code", "&#39;01234"), ("external_id", "\x92A1")],
)
def test_a_cell_cleaned_twice_is_as_cleaned_once(field, text):
    once, _rules = cell(field, text)

    assert cell(field, once) == (once, [])
