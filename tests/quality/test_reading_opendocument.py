"""ODS: the values people saw, and repetitions that do not take the process down."""

import time
import tracemalloc

import pytest

from quality.reading import Limits, Record, Sheet, UnreadableFile, sheets_of

from .files import archive, cells, opendocument, read, table

ROW = "<table:table-row>{}</table:table-row>"
CELL = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"


def texts(*rows: tuple[str, ...]) -> str:
    return "".join(ROW.format("".join(CELL.format("", text) for text in row)) for row in rows)


def one_row(*cells_xml: str) -> Record:
    header = tuple(f"column {chr(65 + number)}" for number in range(len(cells_xml)))
    (record,) = read(opendocument(texts(header) + ROW.format("".join(cells_xml))))
    return record


def refusal(content, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **options)
    assert str(caught.value), "a refusal says what to do"
    return caught.value


def test_a_sheet_is_read_as_text_like_any_table():
    found = table(opendocument(texts(("name", "city"), ("Ann", "Rome"), (), ("Ben", "北京"))))

    assert (found.format, found.sheet, found.columns) == ("ods", "Sheet1", ("name", "city"))
    assert list(found.records()) == [Record(1, ("Ann", "Rome")), Record(2, ("Ben", "北京"))]


def test_values_are_read_by_their_type_and_not_as_they_are_shown():
    record = one_row(
        CELL.format(' office:value-type="float" office:value="13800138000"', "1.38E+10"),
        CELL.format(' office:value-type="date" office:date-value="1990-03-07"', "7.3.90"),
        CELL.format(' office:value-type="date" office:date-value="1990-03-07T12:00:00"', "7.3."),
        CELL.format(' office:value-type="time" office:time-value="PT13H30M00S"', "1:30 PM"),
        CELL.format(' office:value-type="boolean" office:boolean-value="true"', "WAHR"),
        CELL.format(' office:value-type="currency" office:value="3.50"', "3,50 €"),
        CELL.format(' office:value-type="string" table:formula="of:=1"', "ab"),
    )

    assert record.cells == (
        *("13800138000", "1990-03-07", "1990-03-07 12:00:00", "13:30:00", "TRUE", "3.5", "ab"),
    )


def test_lost_digits_and_errors_are_flagged():
    record = one_row(
        CELL.format("", "Ann"),
        CELL.format(' office:value-type="float" office:value="1.1010119900307101E17"', "1"),
        CELL.format(' office:value-type="string" office:string-value=""', "#REF!"),
    )

    assert record == Record(
        1, ("Ann", "1.1010119900307101E+17", ""), ("formula_error", "rounded_number")
    )


def test_paragraphs_spaces_and_comments():
    record = one_row(
        "<table:table-cell><office:annotation><text:p>not this</text:p></office:annotation>"
        '<text:p>a<text:s text:c="3"/>b<text:tab/><text:span>c</text:span></text:p>'
        "<text:p>second<text:line-break/>third</text:p></table:table-cell>"
    )

    assert record.cells == ("a   b\tc\nsecond\nthird",)


def test_sheets_are_chosen_by_name_or_number_and_hidden_ones_listed_as_such():
    content = opendocument(
        texts(("name",), ("Ann",)), texts(("id",), ("1",)), texts(("x",)), hidden={2}
    )

    assert sheets_of(lambda: _stream(content), "a.ods") == [
        Sheet("Sheet1", 2),
        Sheet("Sheet2", 2, visible=False),
        Sheet("Sheet3", 1),
    ]
    assert refusal(content).code == "several_sheets"
    assert refusal(content).choices == (("Sheet1", "Sheet1"), ("Sheet3", "Sheet3"))
    assert table(content, sheet="Sheet2").columns == ("id",)
    assert table(content, sheet="2").columns == ("id",)


def _stream(content: bytes):
    import io

    return io.BytesIO(content)


def test_the_rest_of_the_grid_repeats_nothing_and_costs_nothing():
    empty = '<table:table-row table:number-rows-repeated="1048000">{}</table:table-row>'
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    content = opendocument(texts(("name",), ("Ann",)) + empty.format(blank))

    assert cells(content) == [("Ann",)]


def test_a_row_or_cell_that_repeats_something_is_that_often_there():
    twice = '<table:table-row table:number-rows-repeated="2">{}</table:table-row>'
    double = (
        '<table:table-cell table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>'
    )

    assert cells(opendocument(texts(("a", "b")) + twice.format(double))) == [("x", "x")] * 2


def test_repetitions_of_data_that_no_list_has_are_refused_soon():
    many = '<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>'
    wide = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
    started = time.monotonic()
    tracemalloc.start()
    try:
        code = refusal(opendocument(texts(("a", "b", "c")) + many.format(wide) * 50)).code
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert code == "workbook_too_large"
    assert peak < 20_000_000
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("times", ["-1", "x", "1e9", ""])
def test_a_repetition_that_is_no_number_is_damage(times):
    row = f'<table:table-row table:number-rows-repeated="{times}"/>'

    assert refusal(opendocument(texts(("a",), ("b",)) + row)).code == "damaged_workbook"


def test_a_million_spaces_take_one_character_each_at_most_to_the_limit():
    bomb = f"<table:table-cell><text:p>{'<text:s/>' * 3_000}</text:p></table:table-cell>"
    wide = '<table:table-cell><text:p>a<text:s text:c="999999999"/></text:p></table:table-cell>'
    content = opendocument(texts(("a",)) + ROW.format(bomb) + ROW.format(wide) + texts(("ok",)))

    assert cells(content, limits=Limits(field=1_000)) == ["cell_too_long"] * 2 + [("ok",)]


def test_entities_cannot_expand_and_encrypted_files_are_named():
    prolog = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    manifest = "<m><file-entry><encryption-data/></file-entry></m>"

    assert refusal(opendocument(texts(("a",), ("&b;",)), prolog=prolog)).code == "damaged_workbook"
    encrypted = opendocument(texts(("a",), ("b",)), manifest=manifest)
    assert refusal(encrypted).code == "encrypted"


@pytest.mark.parametrize("cut", [30, 300, -30])
def test_a_truncated_file_is_refused(cut):
    content = opendocument(texts(("name", "city"), *[("Ann", "Rome")] * 500))[:cut]

    assert refusal(content).code == "damaged_workbook"


def test_a_bomb_that_admits_its_size_is_refused_before_it_is_inflated():
    assert refusal(opendocument(texts(("a",), ("x" * 40_000_000,)))).code == "workbook_too_large"


def test_an_archive_that_only_says_it_is_one_is_damaged():
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}

    assert refusal(archive(parts)).code == "damaged_workbook"
