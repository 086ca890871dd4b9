"""CSV and TSV: what stood in the file comes out, or a clear refusal."""

import csv
import io
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.reading import Limits, Record, UnreadableFile, UnreadableRecord, open_table

from .files import Endless, cells, opener, read, table


def refusal(content, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **options)
    assert str(caught.value), "a refusal says what to do"
    return caught.value


def test_records_are_numbered_from_one_and_blank_lines_are_none():
    records = read("name,email\n\nAnn,ann@x.org\n   \n\nBen,ben@x.org\n")

    assert records == [
        Record(1, ("Ann", "ann@x.org")),
        Record(2, ("Ben", "ben@x.org")),
    ]


def test_a_line_of_empty_cells_is_a_record():
    assert cells("name,email,city\n,,\nAnn,a@x.org,Rome\n") == [
        ("", "", ""),
        ("Ann", "a@x.org", "Rome"),
    ]


@pytest.mark.parametrize(
    ("content", "delimiter", "format"),
    [
        ("name,email\nAnn,a@x.org\n", ",", "csv"),
        ("name;email\nAnn;a@x.org\n", ";", "csv"),
        ("name\temail\nAnn\ta@x.org\n", "\t", "tsv"),
        ("name|email\nAnn|a@x.org\n", "|", "csv"),
        ("name;amount\nAnn;3,50\nBen;4,75\n", ";", "csv"),
        ("name;notes\nAnn;tall, kind, quick\nBen;old, calm, slow\n", ";", "csv"),
        ("Name, first;Name, last;email\nAnn;Lee;a@x.org\nBen;Fox;b@x.org\n", ";", "csv"),
        ('name,notes\n"a;b;c","d;e;f"\n"g;h;i","j;k;l"\n', ",", "csv"),
        ("sep=;\nname;email\nAnn;a@x.org\n", ";", "csv"),
        ("name\nAnn\nBen\n", ",", "csv"),
    ],
)
def test_the_delimiter_is_found_by_evidence(content, delimiter, format):
    found = table(content)

    assert (found.delimiter, found.format) == (delimiter, format)
    assert all(isinstance(record, Record) for record in found.records())
    assert found.columns[0].lower().startswith("name")


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert table(b"\xef\xbb\xbfname,email\nAnn,a@x.org\n").columns == ("name", "email")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_line(end):
    content = end.join(["name,email", "Ann,a@x.org", "Ben,b@x.org"])

    assert cells(content) == [("Ann", "a@x.org"), ("Ben", "b@x.org")]


def test_a_quoted_cell_may_run_over_lines_and_hold_delimiters_and_quotes():
    content = 'name,notes,city\nAnn,"first line\nsecond, line\n\n""quoted""",Rome\nBen,,Bern\n'

    assert cells(content) == [
        ("Ann", 'first line\nsecond, line\n\n"quoted"', "Rome"),
        ("Ben", "", "Bern"),
    ]


def test_an_address_over_two_lines_is_not_taken_for_a_stray_quote():
    content = 'id,note\n1,"Dear Sir\nthanks, bye"\n2,"one\ntwo, three"\n'

    assert cells(content) == [("1", "Dear Sir\nthanks, bye"), ("2", "one\ntwo, three")]


def test_separators_of_unicode_do_not_end_a_line():
    assert cells("name,city\nA\u2028n\x0bn\x85,Rome\x1c\n") == [("A\u2028n\x0bn\x85", "Rome\x1c")]


def test_rtl_emoji_markup_and_formulas_come_as_they_stand():
    row = ("محمد‏", "👩‍👩‍👧", "<script>alert(1)</script>", "=HYPERLINK(1)", "+49 30", "@cmd")

    assert cells("a,b,c,d,e,f\n" + ",".join(row) + "\n") == [row]


def test_a_nul_byte_in_a_cell_harms_no_other_cell():
    assert cells("name,city\nAn\x00n,Rome\nBen,Bern\n") == [("An\x00n", "Rome"), ("Ben", "Bern")]


# A stray quotation mark


@pytest.mark.parametrize("row", ['Ann,5" pipe,Rome', 'Ann,"5 pipe,Rome', 'Ann,"5" pipe,Rome'])
def test_one_stray_quote_swallows_nothing(row):
    others = [f"Person {n},something,City" for n in range(5_000)]
    content = "\n".join(["name,notes,city", others[0], row, *others[1:]]) + "\n"

    records = cells(content)

    assert len(records) == 5_001
    assert records[1] == tuple(row.split(","))
    assert records[-1] == ("Person 4999", "something", "City")


def test_two_stray_quotes_far_apart_do_not_join_into_one_cell():
    others = [f"Person {n},something,City" for n in range(100)]
    rows = ["name,notes,city", 'Ann,"5 pipe,Rome', *others, 'Ben,6 pipe",Bern']

    records = cells("\n".join(rows))

    assert len(records) == 102
    assert records[0] == ("Ann", '"5 pipe', "Rome")
    assert records[-1] == ("Ben", '6 pipe"', "Bern")


def test_quotes_inside_a_quoted_cell_that_were_not_doubled_are_kept():
    records = read('name,notes,city\nAnn,"He said "hi, you" to me",Rome\n')

    assert records == [Record(1, ("Ann", 'He said "hi, you" to me', "Rome"), ("stray_quote",))]


def test_a_space_before_a_quoted_cell_does_not_break_it():
    assert cells('name, notes, city\nAnn, "tall, kind", Rome\n') == [("Ann", "tall, kind", "Rome")]


def test_a_row_that_no_reading_fits_is_set_aside_alone():
    records = read('name,notes,city\nAnn,"open, Rome, and on\nBen,x,Bern\n')

    assert [type(record) for record in records] == [UnreadableRecord, Record]
    assert records[0].code == "stray_quote"
    assert records[0].reason
    assert records[1].number == 2


def test_the_rest_of_a_broken_cell_does_not_become_a_customer():
    content = 'name,notes,city\nAnn,"He said "no"\nDear Sir\nbye",Rome\nBen,x,Bern\n'

    assert cells(content) == ["stray_quote", "stray_quote", "stray_quote", ("Ben", "x", "Bern")]


def test_a_quote_on_every_line_costs_no_more_than_reading_twice():
    content = "name,notes,city\n" + 'Ann,"5 pipe,Rome\n' * 50_000

    records = read(content)

    assert len(records) == 50_000
    assert all(record.cells == ("Ann", '"5 pipe', "Rome") for record in records)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\",;\t|'"))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_whatever_is_written_as_csv_is_read_back(rows, delimiter):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("given name", "family name", "notes"), *rows])
    found = table(file.getvalue().encode())

    assert [record.cells for record in found.records()] == rows


def test_a_record_over_several_lines_that_is_too_wide_loses_none_of_them():
    assert cells('name\n"Ann\nLee",Rome\nBen\nCy\n') == ["too_many_cells", ("Ben",), ("Cy",)]


PIECES = st.sampled_from(
    [
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b" ",
        b"a",
        b"bc",
        b"\xc3\xa9",
        b"=",
        b"\x00",
    ]
    + [b"\xff", b"name,city\n", b"Ann,Rome\n", b'"Ann, Lee",Rome\n', b"\xef\xbb\xbf", b"PK\x03\x04"]
)


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_whatever_is_in_the_file_is_read_or_refused_and_never_lost(content):
    try:
        found = table(content)
        records = list(found.records())
    except UnreadableFile:
        return

    assert [record.number for record in records] == list(range(1, len(records) + 1))
    for record in records:
        if isinstance(record, Record):
            assert len(record.cells) == len(found.columns)
    told = "".join("".join(r.cells) for r in records if isinstance(r, Record))
    if all(isinstance(record, Record) for record in records) and b'"' not in content:
        letters = content.decode().count("b") - "".join(found.header).count("b")
        assert told.count("b") == letters


# Ragged rows


def test_a_short_row_is_filled_up_and_says_so():
    assert read("name,email,city\nAnn,a@x.org\n") == [
        Record(1, ("Ann", "a@x.org", ""), ("short_row",))
    ]


def test_a_long_row_is_set_aside_with_its_reason():
    records = read("name,city\nAnn,Rome\nBen,Bern,extra\nCy,Cork,, \n")

    assert records[0].cells == ("Ann", "Rome")
    assert (records[1].code, records[1].number) == ("too_many_cells", 2)
    assert "3" in records[1].reason
    assert "2" in records[1].reason
    assert records[2].cells == ("Cy", "Cork")


# Headers


def test_a_header_that_names_a_column_twice_is_refused_by_name():
    error = refusal("name,email, email\nAnn,a@x.org,b@x.org\n")

    assert error.code == "duplicate_header"
    assert "email" in str(error)


@pytest.mark.parametrize(
    "content",
    [
        "Ann,ann@example.org,Rome\nBen,ben@example.org,Bern\n",
        "Ann,+86 138 0013 8000\nBen,+86 138 0013 8001\n",
        "Ann,1990-02-01\nBen,1991-02-01\n",
        ",,\nAnn,Lee,Rome\n",
    ],
)
def test_a_missing_header_is_refused_without_repeating_data(content):
    error = refusal(content)

    assert error.code == "no_header"
    assert "example.org" not in str(error)


def test_a_column_without_a_name_is_named_by_its_position():
    found = table("name,,city,,\nAnn,x,Rome,,\n")

    assert found.columns == ("name", "column 2", "city")
    assert [record.cells for record in found.records()] == [("Ann", "x", "Rome")]


def test_names_in_the_header_stay_as_they_stand_and_keys_are_trimmed():
    found = table('" name ","e\nmail"\nAnn,a@x.org\n')

    assert found.header == (" name ", "e\nmail")
    assert found.columns == ("name", "e\nmail")


def test_a_title_above_the_header_is_told_once():
    assert refusal("Customers 2024\nwho,where\nAnn,Rome\nBen,Bern\n").code == "narrow_header"


@pytest.mark.parametrize("count", [1_001, 1_000_000])
def test_a_million_columns_are_refused(count):
    header = ",".join(f"c{n}" for n in range(count))

    assert refusal(f"{header}\nx\n").code in ("too_many_columns", "header_too_long")


def test_a_name_longer_than_names_are_is_refused():
    assert refusal("name," + "x" * 201 + "\nAnn,b\n").code == "long_header"


# What is no table


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    assert refusal(content).code == "empty"


def test_a_header_with_nothing_below_is_refused():
    assert refusal("name,email\n\n\n").code == "no_rows"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary"),
        (b"%PDF-1.7\nname,email\n", "binary"),
        (bytes(range(256)) * 50, "binary"),
        (b"<!DOCTYPE html><html><table>", "markup"),
        (b'{"name": "Ann"', "truncated_json"),
        (b"Rar!\x1a\x07\x00", "binary"),
    ],
)
def test_another_kind_of_file_is_refused_whatever_its_name(content, code):
    assert refusal(content).code == code


# Limits


def test_a_line_of_300_megabytes_is_set_aside_in_bounded_memory():
    source = opener(b"name,city\nAnn,Rome\nBen,", b"x" * 1_000, 300_000_000, b"\nCy,Cork\n")
    tracemalloc.start()
    try:
        records = list(open_table(source, "long.csv").records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert [getattr(record, "code", None) for record in records] == [None, "record_too_long", None]
    assert records[2] == Record(3, ("Cy", "Cork"))
    assert peak < 64_000_000


def test_a_file_that_is_one_line_of_300_megabytes_is_refused_unread():
    opened = []

    def source():
        opened.append(Endless(b"name", b"x" * 1_000, 300_000_000))
        return opened[-1]

    with pytest.raises(UnreadableFile) as caught:
        open_table(source, "long.csv")

    assert caught.value.code == "header_too_long"
    assert sum(stream.given for stream in opened) < 10_000_000


def test_a_quote_that_never_closes_before_300_megabytes_costs_only_its_record():
    source = opener(b'name,city\nAnn,"Rome\n', b"Ben,Bern\n", 300_000)

    records = list(open_table(source, "long.csv", limits=Limits(record=100_000)).records())

    assert records[0].cells == ("Ann", '"Rome')
    assert records[-1].cells == ("Ben", "Bern")
    assert len(records) > 30_000


def test_a_cell_longer_than_the_limit_sets_its_row_aside():
    content = f"name,notes\nAnn,{'x' * 101}\nBen,ok\n"

    assert cells(content, limits=Limits(field=100)) == ["cell_too_long", ("Ben", "ok")]


def test_memory_does_not_grow_with_the_file():
    source = opener(b"name,city\n", b"Ann,Rome\n", 4_000_000)
    found = open_table(source, "big.csv")
    tracemalloc.start()
    try:
        count = sum(1 for _ in found.records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count > 400_000
    assert peak < 2_000_000


# Reading again


def test_a_table_is_read_again_from_the_start_and_from_the_middle():
    found = table("name\n" + "".join(f"P{n}\n" for n in range(10)))

    assert len(list(found.records())) == 10
    assert [record.number for record in found.records(after=7)] == [8, 9, 10]
    assert len(list(found.records())) == 10


def test_a_seekable_stream_may_be_given_instead_of_an_opener():
    stream = io.BytesIO(b"name,city\nAnn,Rome\n")

    found = open_table(stream, "x.csv")

    assert [record.cells for record in found.records()] == [("Ann", "Rome")]
    assert not stream.closed


def test_a_mark_that_never_closes_before_endless_prose_is_refused_soon():
    prose = opener(b'name,email\nAnn,ann@x.org\n"Bob\n', b"just words\n", 300_000_000)
    started = time.perf_counter()

    with pytest.raises(UnreadableFile) as refusal:
        for _record in open_table(prose, "file.csv").records():
            pass

    assert refusal.value.code == "unclosed_quote"
    assert "record 2 " in str(refusal.value)
    assert time.perf_counter() - started < 20


def test_a_mark_that_never_closes_before_few_lines_costs_those_alone():
    content = 'name,email\n"Bob\n' + "just words\n" * 50 + "Ann,ann@x.org\n"

    assert cells(content) == ["stray_quote"] * 51 + [("Ann", "ann@x.org")]


@pytest.mark.parametrize(
    "title",
    ["Customers 2024\nmade on 1 February\n\n", "Customers 2024;;;\n;;;\n", "List;of 2024;;\n"],
)
def test_names_below_a_title_are_pointed_out(title):
    found = refusal(f"{title}Vorname;Nachname;E-Mail;Telefon\nUte;Klein;u@x.org;1\n")

    assert found.code == "title_above_header"
    assert "“Vorname”, “Nachname”" in str(found)


def test_words_that_are_also_names_of_columns_are_data_below_other_names():
    assert cells("way one,way two\nphone,email\n") == [("phone", "email")]
