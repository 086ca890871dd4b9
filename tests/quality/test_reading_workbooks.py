"""XLSX: the values people saw, and no file that takes the process down."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from quality.reading import Limits, Record, Sheet, UnreadableFile, open_table, sheets_of
from quality.reading.numbers import cell_text, format_kind

from .files import MAIN, archive, cells, read, rows_of, table, workbook


def refusal(content, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **options)
    assert str(caught.value), "a refusal says what to do"
    return caught.value


def one_row(*cells_xml: str, **options) -> tuple[str, ...]:
    """The row under a header of as many columns, each cell given as XML without its reference."""
    header = tuple(f"column {chr(65 + n)}" for n in range(len(cells_xml)))
    content = workbook(rows_of(header) + f"<row>{''.join(cells_xml)}</row>", **options)
    (record,) = read(content)
    return record.cells


def test_a_workbook_is_read_as_text_like_any_table():
    content = workbook(rows_of(("name", "city"), ("Ann", "Rome"), (), ("Ben", "北京")))
    found = table(content)

    assert (found.format, found.sheet, found.columns) == ("xlsx", "Sheet1", ("name", "city"))
    assert list(found.records()) == [Record(1, ("Ann", "Rome")), Record(2, ("Ben", "北京"))]


def test_numbers_keep_their_digits_and_gain_none():
    assert one_row(
        "<c><v>13800138000</v></c>",
        "<c><v>110101199003071234</v></c>",
        "<c><v>42.0</v></c>",
        "<c><v>3.1400000000000001</v></c>",
        "<c><v>1.38E10</v></c>",
        '<c s="5"><v>5551234</v></c>',
        "<c><v>1E-7</v></c>",
    ) == (
        "13800138000",
        "110101199003071234",
        "42",
        "3.14",
        "13800000000",
        "5551234",
        "0.0000001",
    )


def test_a_number_that_lost_its_last_digits_is_flagged():
    content = workbook(rows_of(("name", "id")) + "<row><c><v>1.1010119900307101E17</v></c></row>")

    (record,) = read(content)

    assert record.flags == ("rounded_number",)
    # Digits that nobody typed must not look like a number somebody has.
    assert record.cells[0] == "1.1010119900307101E+17"


def test_dates_become_iso_text():
    assert one_row(
        '<c s="1"><v>33000</v></c>',
        '<c s="2"><v>33000.5</v></c>',
        '<c s="3"><v>0.75</v></c>',
        '<c s="4"><v>33000</v></c>',
        '<c s="1"><v>33000.0000001</v></c>',
        '<c t="d"><v>1990-03-07T00:00:00</v></c>',
    ) == (
        "1990-05-07",
        "1990-05-07 12:00:00",
        "18:00:00",
        "1990-05-07",
        "1990-05-07",
        "1990-03-07",
    )


def test_dates_of_a_workbook_that_counts_from_1904():
    properties = '<workbookPr date1904="1"/>'

    assert one_row('<c s="1"><v>31538</v></c>', "<c><v>1</v></c>", properties=properties) == (
        "1990-05-07",
        "1",
    )


@pytest.mark.parametrize(
    ("serial", "text"),
    [("1", "1900-01-01"), ("59", "1900-02-28"), ("60", "60"), ("61", "1900-03-01"), ("-1", "-1")],
)
def test_the_29_february_1900_that_never_was_is_no_date(serial, text):
    assert cell_text(serial, "date", from_1904=False) == text


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "number"),
        ("0.00", "number"),
        ('#,##0 "days"', "number"),
        ("[Red]0;[Blue]-0", "number"),
        ("yyyy-mm-dd", "date"),
        ("d.m.yy;@", "date"),
        ("[$-804]yyyy年m月d日", "date"),
        ("mmm", "date"),
        ("hh:mm", "time"),
        ("[h]:mm", "time"),
        ("dd/mm/yyyy hh:mm", "date"),
    ],
)
def test_a_format_says_whether_a_number_is_a_date(code, kind):
    assert format_kind(164, code) == kind


def test_formulas_give_the_value_that_was_seen_and_are_never_evaluated():
    assert one_row(
        '<c t="str"><f>CONCAT("a","b")</f><v>ab</v></c>',
        "<c><f>1+1</f><v>2</v></c>",
        "<c><f>1+1</f></c>",
        '<c t="b"><v>1</v></c>',
        '<c t="inlineStr"><is><t>=1+1</t></is></c>',
    ) == ("ab", "2", "", "TRUE", "=1+1")


def test_a_cell_that_shows_an_error_is_empty_and_the_row_says_so():
    content = workbook(
        rows_of(("name", "city")) + '<row><c t="str"><v>Ann</v></c><c t="e"><v>#REF!</v></c></row>'
    )

    assert read(content) == [Record(1, ("Ann", ""), ("formula_error",))]


def test_shared_and_rich_text_is_whole_and_without_its_pronunciation():
    shared = (
        "<si><r><t>rich</t></r><r><t> text</t></r></si>"
        '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>'
    )

    assert one_row('<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', shared=shared) == (
        "rich text",
        "東京",
    )


def test_escapes_are_resolved_but_half_a_surrogate_pair_stays_as_written():
    text = "<c t='inlineStr'><is><t>{}</t></is></c>"

    assert one_row(
        text.format("a_x000A_b"), text.format("_xD83D__xDE00_"), text.format("x_xD800_y")
    ) == ("a\nb", "😀", "x_xD800_y")


@pytest.mark.parametrize("bad", ["&#xD800;", "&#0;", "\x00", "\x08"])
def test_characters_that_xml_forbids_are_refused_not_replaced(bad):
    assert refusal(
        workbook(rows_of(("name",)) + f"<row><c t='str'><v>{bad}</v></c></row>")
    ).code == ("damaged_workbook")


def test_cells_may_be_left_out_and_rows_may_skip():
    content = workbook(
        '<row r="3"><c r="B3" t="str"><v>name</v></c><c r="D3" t="str"><v>city</v></c></row>'
        '<row r="9"><c r="D9" t="str"><v>Rome</v></c></row>'
    )
    found = table(content)

    assert found.columns == ("column 1", "name", "column 3", "city")
    assert [record.cells for record in found.records()] == [("", "", "", "Rome")]


def test_the_only_visible_sheet_with_data_is_read_or_the_one_that_is_named_or_numbered():
    content = workbook(
        rows_of(("secret",), ("x",)),
        "",
        rows_of(("name",), ("Ann",)),
        states=("hidden", "visible", "visible"),
    )

    assert table(content).sheet == "Sheet3"
    assert table(content, sheet="Sheet1").columns == ("secret",)
    assert table(content, sheet="1").columns == ("secret",)
    assert table(content, sheet=" sheet3 ").sheet == "Sheet3"
    error = refusal(content, sheet="Sheet9")
    assert error.code == "no_such_sheet"
    assert "“Sheet3”" in str(error)


def test_of_several_sheets_with_data_none_is_guessed():
    content = workbook(rows_of(("name",), ("Ann",)), rows_of(("id",), ("1",)), "")

    error = refusal(content)

    assert (error.code, error.question) == ("several_sheets", "sheet")
    assert error.choices == (("Sheet1", "Sheet1"), ("Sheet2", "Sheet2"))
    assert "“Sheet1”, “Sheet2”" in str(error)


def test_the_sheets_of_a_workbook_are_listed_with_their_rows():
    content = workbook(
        rows_of(("name",), ("Ann",)), "", rows_of(("x",)), states=("visible", "visible", "hidden")
    )

    assert sheets_of(io.BytesIO(content), "a.xlsx") == [
        Sheet("Sheet1", 2),
        Sheet("Sheet2", 0),
        Sheet("Sheet3", 1, visible=False),
    ]
    assert sheets_of(io.BytesIO(b"name\nAnn\n"), "a.csv") == []


def test_rows_are_counted_only_as_far_as_somebody_would_wait(monkeypatch):
    monkeypatch.setattr("quality.reading.spreadsheets._COUNTED_ROWS", 3)
    content = workbook(rows_of(("a",), ("b",)), rows_of(*[("c",)] * 9), rows_of(("d",)))

    assert [sheet.rows for sheet in sheets_of(io.BytesIO(content), "a.xlsx")] == [2, None, None]


def test_a_value_right_of_the_header_sets_its_row_aside():
    assert cells(workbook(rows_of(("a", "b"), ("1", "2"), ("1", "2", "3"), ("1", "2")))) == [
        ("1", "2"),
        "too_many_cells",
        ("1", "2"),
    ]


# Files made to hurt


def test_a_two_kilobyte_sheet_that_spans_the_whole_grid_is_harmless():
    content = workbook(
        rows_of(("a", "b"), ("1", "2"), ("3", "4"))
        + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )

    assert cells(content) == [("1", "2"), ("3", "4"), "too_many_cells"]


def test_a_bomb_that_admits_its_size_is_refused_before_it_is_inflated():
    content = workbook(rows_of(("name",), ("x" * 40_000_000,)))
    assert len(content) < 100_000

    assert refusal(content).code == "workbook_too_large"


def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_inflates():
    honest = workbook(rows_of(("name",), *[("x" * 1_000,)] * 20_000))
    lying = with_declared_size(honest, "xl/worksheets/sheet1.xml", 1_000)
    tracemalloc.start()
    try:
        error = refusal(lying)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert error.code == "workbook_too_large"
    assert peak < 8_000_000


def test_one_text_shared_by_a_million_cells_is_not_a_million_texts():
    shared = f"<si><t>{'x' * 30_000}</t></si>"
    row = "<row><c t='s'><v>0</v></c></row>"
    content = workbook(rows_of(("notes",)) + row * 100_000, shared=shared)
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_table(lambda: io.BytesIO(content), "x").records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 100_000
    assert peak < 40_000_000


def test_too_many_parts_are_refused():
    parts = {f"xl/part{n}.xml": "" for n in range(2_001)}

    assert refusal(archive(parts)).code == "workbook_too_large"


def test_entities_cannot_expand():
    prolog = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    content = workbook(rows_of(("name",)) + "<row><c t='str'><v>&b;</v></c></row>", prolog=prolog)

    assert refusal(content).code == "damaged_workbook"


def test_a_cell_longer_than_the_limit_sets_its_row_aside():
    content = workbook(rows_of(("notes",), ("x" * 200,), ("ok",)))

    assert cells(content, limits=Limits(field=100)) == ["cell_too_long", ("ok",)]


@pytest.mark.parametrize("cut", [30, 200, 1_000, -30, -5])
def test_a_truncated_workbook_is_refused(cut):
    content = workbook(rows_of(("name", "city"), *[("Ann", "Rome")] * 500))[:cut]

    assert refusal(content).code == "damaged_workbook"


def test_a_flipped_byte_is_refused():
    content = bytearray(
        workbook(rows_of(("name", "city"), *[(f"A{n}", "Rome") for n in range(5_000)]))
    )
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = packed.getinfo("xl/worksheets/sheet1.xml")
    content[sheet.header_offset + sheet.compress_size // 2] ^= 0xFF

    assert refusal(bytes(content)).code in ("damaged_workbook", "workbook_too_large")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "legacy_workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (archive({"customers.csv": "name,email\n"}), "not_a_workbook"),
        (archive({"_rels/.rels": "<x/>", "word/document.xml": "<x/>"}), "not_a_workbook"),
        (archive({"_rels/.rels": "<x/>", "xl/workbook.bin": "x"}), "not_a_workbook"),
        (archive({"mimetype": "application/vnd.oasis.opendocument.text"}), "not_a_workbook"),
        (b"PK\x03\x04" + bytes(100), "damaged_workbook"),
        (workbook(""), "empty"),
        (workbook(rows_of(("name", "email"))), "no_rows"),
        (workbook(rows_of(("name", "name"), ("a", "b"))), "duplicate_header"),
        (workbook(rows_of(tuple(f"c{n}" for n in range(1_001)), ("x",))), "too_many_columns"),
    ],
)
def test_what_is_no_plain_workbook_is_refused_with_a_reason(content, code):
    assert refusal(content).code == code


def test_a_password_protected_archive_is_refused():
    content = bytearray(workbook(rows_of(("name",), ("Ann",))))
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1

    assert refusal(bytes(content)).code == "encrypted"


def with_declared_size(content: bytes, name: str, size: int) -> bytes:
    """The archive with a directory that says the part inflates to `size` bytes only."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        prefix = zlib.crc32(packed.read(name)[:size])
    changed = bytearray(content)
    start = 0
    while (start := changed.find(b"PK\x01\x02", start)) >= 0:
        length = struct.unpack_from("<H", changed, start + 28)[0]
        if changed[start + 46 : start + 46 + length] == name.encode():
            struct.pack_into("<I", changed, start + 16, prefix)
            struct.pack_into("<I", changed, start + 24, size)
        start += 4
    return bytes(changed)


def test_namespace_prefixes_do_not_matter():
    content = archive(
        {
            **{
                name: zipfile.ZipFile(io.BytesIO(workbook(rows_of(("a",), ("b",))))).read(name)
                for name in ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
            },
            "xl/worksheets/sheet1.xml": (
                f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>'
                '<x:row><x:c t="str"><x:v>name</x:v></x:c></x:row>'
                '<x:row><x:c t="str"><x:v>Ann</x:v></x:c></x:row>'
                "</x:sheetData></x:worksheet>"
            ),
        }
    )

    assert cells(content) == [("Ann",)]


def test_a_sheet_with_more_rows_than_a_spreadsheet_can_have_is_refused(monkeypatch):
    monkeypatch.setattr("quality.reading.sheets.MOST_ROWS", 3)

    with pytest.raises(UnreadableFile) as caught:
        list(table(workbook(rows_of(("name",), ("a",), ("b",), ("c",)))).records())

    assert caught.value.code == "workbook_too_large"
