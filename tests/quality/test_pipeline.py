from dataclasses import dataclass
from datetime import date

import pytest

from quality.pipeline import (
    Change,
    ColumnEvidence,
    Emptied,
    FillRule,
    Flag,
    Options,
    Plan,
    clean_batch,
)
from quality.pipeline.distinct import once_per_distinct

TODAY = date(2026, 11, 21)
HEADER = ("first", "last", "mail", "tel", "land", "born", "id", "note")
MAPPING = {
    "first": "given_name",
    "last": "family_name",
    "mail": "email",
    "tel": "phone",
    "land": "country",
    "born": "birth_date",
    "id": "national_id",
    "note": "notes",
}


@dataclass(frozen=True)
class Line:
    number: int
    cells: tuple[str, ...]


def lines(*rows):
    return [Line(number, tuple(row)) for number, row in enumerate(rows, start=1)]


def cleaned(*rows, header=HEADER, mapping=MAPPING, **options):
    records = lines(*rows)
    evidence = ColumnEvidence.gather([records], header, mapping)
    return clean_batch(records, Plan(header, mapping, Options(today=TODAY, **options), evidence))


def row_of(**cells):
    return tuple(cells.get(column, "") for column in HEADER)


def test_a_messy_row_comes_out_clean_with_every_change_named():
    messy = row_of(
        first="gEORGE", last="O'BRIEN", mail="G@X.com\u3000", tel="212-544-9561", land="U.S.A.",
        born="March 12, 1990", note=" hello ",
    )  # fmt: skip
    (row,) = cleaned(messy)
    assert list(row.cells.values()) == [
        "George", "O'Brien", "g@x.com", "+12125449561", "US", "1990-03-12", "", "hello",
    ]  # fmt: skip
    assert row.values["phone"] == "+12125449561"
    assert row.values["national_id"] is None
    assert [(change.column, change.rule) for change in row.changes] == [
        ("first", "name_case"),
        ("last", "name_case"),
        ("mail", "email_normal_form"),
        ("tel", "phone_e164"),
        ("land", "country_code"),
        ("born", "date_iso"),
        ("note", "white_space"),
    ]
    assert row.changes[0] == Change("first", "name_case", "gEORGE", "George")
    assert (row.emptied, row.flags, row.set_aside) == ((), (), None)


def test_what_cannot_be_true_is_emptied_and_the_rest_goes_through():
    (row,) = cleaned(
        row_of(first="Ann", mail="a..b@x.com", born="1900-02-30", tel="12345", land="DE")
    )
    assert row.cells["mail"] == row.cells["born"] == row.cells["tel"] == ""
    assert row.emptied == (
        Emptied("mail", "email_invalid", "a..b@x.com"),
        Emptied("tel", "phone_impossible", "12345"),
        Emptied("born", "date_impossible", "1900-02-30"),
    )
    assert row.values["given_name"] == "Ann"
    assert row.set_aside is None


def test_the_column_settles_its_ambiguous_dates():
    rows = cleaned(row_of(first="A", born="03/04/1990"), row_of(first="B", born="25/12/1990"))
    assert rows[0].values["birth_date"] == "1990-04-03"


def test_evidence_in_both_directions_decides_nothing():
    rows = cleaned(
        row_of(first="A", born="03/04/1990", land="US"),
        row_of(first="B", born="25/12/1990"),
        row_of(first="C", born="12/25/1990"),
    )
    assert rows[0].cells["born"] == "03/04/1990"
    assert rows[0].values["birth_date"] is None
    assert rows[0].flags == (Flag("born", "date_ambiguous", "03/04/1990"),)
    assert rows[0].emptied == ()


def test_country_is_no_evidence_but_the_switch_is():
    assert cleaned(row_of(first="A", born="03/04/1990", land="US"))[0].flags
    (row,) = cleaned(row_of(first="A", born="03/04/1990", land="US"), date_order="mdy")
    assert row.values["birth_date"] == "1990-03-04"


def test_evidence_may_come_from_a_later_batch():
    first, second = lines(row_of(born="03/04/1990")), lines(row_of(born="25/12/1990"))
    evidence = ColumnEvidence.gather([first, second], HEADER, MAPPING)
    (row,) = clean_batch(first, Plan(HEADER, MAPPING, Options(today=TODAY), evidence))
    assert row.cells["born"] == "1990-04-03"


def test_day_numbers_need_a_whole_column_of_them():
    numbers = [row_of(first="A", born=str(32000 + day)) for day in range(6)]
    assert cleaned(*numbers)[0].values["birth_date"] == "1987-08-11"
    mixed = cleaned(*numbers, row_of(first="B", born="1990-03-12"))
    assert mixed[0].flags[0].rule == "date_serial_unproven"


def test_a_phone_takes_the_country_of_its_row_then_the_one_given():
    rows = cleaned(
        row_of(first="A", tel="0653197686", land="France"),
        row_of(first="B", tel="138-0013-8000"),
        country="CN",
    )
    assert [row.values["phone"] for row in rows] == ["+33653197686", "+8613800138000"]
    (lost,) = cleaned(row_of(first="B", tel="138-0013-8000", land="Atlantis"), country="CN")
    assert lost.values["phone"] is None
    (row,) = cleaned(row_of(first="B", tel="138-0013-8000"))
    assert row.cells["tel"] == "138-0013-8000"
    assert row.flags == (Flag("tel", "phone_country_unknown", "138-0013-8000"),)


def test_a_row_is_set_aside_only_without_name_contact_point_and_id():
    rows = cleaned(
        row_of(land="DE", note="who?"),
        row_of(first="N/A", mail="none"),
        row_of(id="QQ121847A"),
        row_of(tel="138-0013-8000"),
        row_of(mail="a..b@x.com"),
    )
    assert [row.set_aside for row in rows] == [
        "no_identity",
        "no_identity",
        None,
        None,
        "no_identity",
    ]
    assert cleaned(("x",), header=("colour",), mapping={})[0].set_aside is None


def test_short_rows_are_padded_and_long_ones_set_aside():
    rows = cleaned(("Ann",), (*row_of(first="Ben"), "", ""), (*row_of(first="Cid"), "surplus"))
    assert [row.set_aside for row in rows] == [None, None, "too_many_cells"]
    assert list(rows[0].cells) == list(HEADER)


def test_columns_without_a_field_are_only_tidied():
    (row,) = cleaned(
        ("Ann", "  NONE  ", "01/02/1990", "½ ＡＢ"),
        header=("first", "allergies", "joined", "size"),
        mapping={"first": "given_name"},
    )
    assert list(row.cells.values()) == ["Ann", "NONE", "01/02/1990", "½ AB"]
    assert set(row.values) == {"given_name"}


def test_several_columns_of_one_text_field_join_in_file_order():
    (row,) = cleaned(
        ("Mary", "N/A", "Ann"),
        header=("first", "second", "third"),
        mapping=dict.fromkeys(("first", "second", "third"), "given_name"),
    )
    assert row.values == {"given_name": "Mary Ann"}
    assert row.cells == {"first": "Mary", "second": "", "third": "Ann"}


def test_the_first_usable_of_several_contact_columns_is_taken():
    (row,) = cleaned(
        ("a..b@x.com", "c@x.com"), header=("m1", "m2"), mapping={"m1": "email", "m2": "email"}
    )
    assert row.values == {"email": "c@x.com"}


def test_a_full_name_is_split_for_the_import_and_left_whole_in_the_file():
    (row,) = cleaned(("诸葛亮",), header=("name",), mapping={"name": "full_name"})
    assert row.cells == {"name": "诸葛亮"}
    assert (row.values["family_name"], row.values["given_name"]) == ("诸葛", "亮")


def test_swapped_chinese_names_change_places():
    rows = cleaned(row_of(first="许", last="桂轩"), row_of(first="Patrick", last="Jimenez"))
    assert (rows[0].cells["first"], rows[0].cells["last"]) == ("桂轩", "许")
    assert [change.rule for change in rows[0].changes] == ["names_swapped", "names_swapped"]
    assert rows[1].cells["first"] == "Patrick"


def test_a_card_number_is_redacted_and_stands_nowhere_in_the_report():
    (row,) = cleaned(row_of(first="Ann", note="visa 4111 1111 1111 1111", tel="4111111111111111"))
    assert row.cells["note"] == "visa [card number removed]"
    assert "4111" not in repr(row)


def test_the_type_of_a_valid_resident_id_is_recognised():
    rows = cleaned(row_of(id="51010419460907435x"), row_of(id="QQ121847A"))
    assert [row.values["national_id_type"] for row in rows] == ["cn_resident_id", None]
    assert rows[0].values["national_id"] == "51010419460907435X"


def test_nothing_is_filled_unasked():
    (row,) = cleaned(row_of(id="51010419460907435X", tel="+8613800138000"))
    assert (row.cells["born"], row.cells["land"]) == ("", "")


def test_birth_date_and_country_are_derived_where_asked():
    derive = FillRule("derive")
    rows = cleaned(
        row_of(id="51010419460907435X", tel="+8613800138000"),
        row_of(id="51010419460907435X", born="1900-02-30"),
        row_of(id="QQ121847A"),
        fill={"born": derive, "land": derive, "note": derive, "nowhere": derive},
    )
    assert [row.values["birth_date"] for row in rows] == ["1946-09-07", "1946-09-07", None]
    assert rows[0].cells["land"] == "CN"
    assert Change("land", "filled_from_row", "", "CN") in rows[0].changes
    assert rows[0].cells["note"] == ""


def test_a_default_fills_what_is_missing_not_what_was_wrong():
    rows = cleaned(
        row_of(first="A", land="N/A", tel="138-0013-8000"),
        row_of(first="B", land="Atlantis"),
        row_of(first="C", born="yesterday"),
        fill={"land": FillRule("default", "China"), "born": FillRule("default", "1990-01-01")},
    )
    assert [row.cells["land"] for row in rows] == ["CN", "Atlantis", "CN"]
    assert [row.cells["born"] for row in rows] == ["1990-01-01", "1990-01-01", ""]


def test_filling_forward_goes_on_in_the_next_batch():
    plan = Plan(HEADER, MAPPING, Options(fill={"land": FillRule("forward")}, today=TODAY))
    first = clean_batch(lines(row_of(first="A"), row_of(first="B", land="Spain")), plan)
    second = clean_batch(lines(row_of(first="C"), row_of(first="D", land="CN")), plan)
    assert [row.cells["land"] for row in first + second] == ["", "ES", "ES", "CN"]


def test_a_cleaner_runs_once_per_distinct_value():
    seen = []
    results = once_per_distinct(
        [["a", "b", "a", "a\ud800"]], lambda text: seen.append(text) or text
    )
    assert seen == ["a", "b", "a\ufffd"]
    assert results == ["a", "b", "a", "a\ufffd"]
    pairs = once_per_distinct([["a", "a", "a"], [None, "x", None]], lambda one, two: (one, two))
    assert pairs == [("a", None), ("a", "x"), ("a", None)]


@pytest.mark.parametrize("records, header", [([], HEADER), (lines(("a",)), ())])
def test_nothing_in_nothing_out(records, header):
    assert clean_batch(records, Plan(header, MAPPING)) == []
