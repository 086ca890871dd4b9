"""JSON and JSON lines: entries as rows, and no file that takes the process down."""

import io
import json
import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.reading import Limits, Record, UnreadableFile, open_table

from .files import Endless, cells, read, table


def refusal(content, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **options)
    assert str(caught.value), "a refusal says what to do"
    return caught.value


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ('[{"name": "Ann", "city": "Rome"}, {"name": "Ben", "city": "Bern"}]', "json"),
        ('{"name": "Ann", "city": "Rome"}\n\n{"name": "Ben", "city": "Bern"}\n', "jsonl"),
        (
            '{"total": 2, "next": null, "meta": {"a": [1, "]"]}, "customers": [{"name": "Ann", '
            '"city": "Rome"}, {"name": "Ben", "city": "Bern"}], "flags": [1, 2], "s": "}"}',
            "json",
        ),
        (
            '{\n "customers": [\n  {"name": "Ann", "city": "Rome"},\n'
            '  {"name": "Ben", "city": "Bern"}\n ]\n}\n',
            "json",
        ),
        ('{"name": "Ann",\n"city": "Rome"}\n{"name": "Ben",\n"city": "Bern"}', "json"),
        ('\ufeff [\n{"name":"Ann","city":"Rome"},{"name":"Ben","city":"Bern"}\n]\n', "json"),
    ],
)
def test_the_usual_shapes_give_the_same_table(content, format):
    found = table(content)

    assert (found.format, found.columns) == (format, ("name", "city"))
    assert [record.cells for record in found.records()] == [("Ann", "Rome"), ("Ben", "Bern")]


def test_entries_may_have_different_names_and_nest():
    found = table(
        '[{"name": "Ann", "address": null, "tags": ["a", "b"], "email": ["x@y", "z@y"]},'
        ' {"name": "Ben", "address": {"city": "Bern", "geo": {"lat": 1.50}}},'
        ' {"phones": [{"type": "home", "number": "1"}, {"number": 2}], "vip": true}]'
    )

    assert found.columns == (
        *("name", "tags", "email", "email_2", "address.city", "address.geo.lat"),
        *("phones.type", "phones.number", "phones_2.number", "vip"),
    )
    assert [record.cells for record in found.records()] == [
        ("Ann", "a, b", "x@y", "z@y", "", "", "", "", "", ""),
        ("Ben", "", "", "", "Bern", "1.50", "", "", "", ""),
        ("", "", "", "", "", "", "home", "1", "2", "true"),
    ]


def test_numbers_stay_the_digits_they_are_written_in():
    assert cells('[{"id": 123456789012345678901234567890, "a": 1.0, "b": 1e999, "c": -0}]') == [
        ("123456789012345678901234567890", "1.0", "1e999", "-0")
    ]


def test_nan_is_nothing_and_the_row_says_so():
    assert read('[{"name": "Ann", "age": NaN}, {"name": "Ben", "age": -Infinity}]') == [
        Record(1, ("Ann", ""), ("not_a_number",)),
        Record(2, ("Ben", ""), ("not_a_number",)),
    ]


def test_two_values_under_one_name_set_the_entry_aside_but_twice_the_same_is_one():
    entries = ['{"n": "Ann", "n": "Ben"}', '{"n": "Cy", "n": "Cy"}', '{"a.b": 1, "a": {"b": 2}}']

    assert cells(f"[{', '.join(entries)}]") == ["duplicate_key", ("Cy",), "duplicate_key"]


def test_half_a_surrogate_pair_stays_as_written():
    assert cells(r'[{"name": "A\ud800B"}, {"name": "\ud83d\ude00"}]') == [(r"A\ud800B",), ("😀",)]


def test_a_list_too_long_for_columns_stands_in_one_cell():
    orders = [{"id": number} for number in range(30)]

    (record,) = read(json.dumps([{"name": "Ann", "orders": orders}]))

    assert record.flags == ("long_list",)
    assert json.loads(record.cells[1]) == [{"id": str(number)} for number in range(30)]


def test_a_broken_line_is_set_aside_alone():
    good = ['{"name": "Ann"}', '{"name": "Di"}', '{"name": "Ed"}']
    bad = ['{"name": "Ben', "[1]", '{"name": "Cy"} x']
    content = "\n".join([good[0], *bad, *good[1:]])

    assert cells(content) == [("Ann",), "bad_json", "not_an_object", "bad_json", ("Di",), ("Ed",)]


def test_a_header_in_brackets_is_no_json():
    assert table("[id],[name]\n1,Ann\n").format == "csv"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("[]", "no_rows"),
        ("{}", "no_rows"),
        ("[1, 2]", "no_rows"),
        ('[["name"], ["Ann"]]', "no_rows"),
        ('[{"name": "Ann"}, {"name": "Ben"', "truncated_json"),
        ('[{"name": "Ann"}, ', "truncated_json"),
        ('[{"name": "Ann"} {"name": "Ben"}]', "damaged_json"),
        ('[{"name": "Ann"}] trailing', "damaged_json"),
        ('[{"name": "Ann"}, {"name": Ben}, {"name": "Cy"}]', "damaged_json"),
        ('{"a": [{"name": "Ann"}], "b": [{"name": "Ben"}]}', "several_lists"),
        ("[" * 100_000, "endless_entry"),
        ("[" + json.dumps({f"c{n}": n for n in range(1_001)}) + "]", "too_many_columns"),
        ('[{"' + "x" * 201 + '": 1}]', "long_header"),
    ],
)
def test_what_is_no_list_of_customers_is_refused_with_a_reason(content, code):
    assert refusal(content).code == code


def test_an_entry_nested_too_deeply_is_set_aside():
    for deep in (20, 5_000):
        bomb = '{"a":' * deep + "1" + "}" * deep
        assert cells(f'[{{"a": "Ann"}}, {bomb}, {{"a": "Ben"}}]') == [
            ("Ann",),
            "too_deep",
            ("Ben",),
        ]


def test_one_giant_string_sets_its_entry_aside():
    assert cells(f'[{{"n": "Ann"}}, {{"n": "{"x" * 6_000_000}"}}, {{"n": "Ben"}}]') == [
        ("Ann",),
        "record_too_long",
        ("Ben",),
    ]
    assert cells(f'[{{"n": "Ann"}}, {{"n": "{"x" * 200}"}}]', limits=Limits(field=100)) == [
        ("Ann",),
        "cell_too_long",
    ]


HURTING = {
    "string": (b'[{"n": "Ann"}, {"n": "', b"x" * 1_000, b'"}]'),
    "number": (b'[{"n": "Ann"}, {"n": ', b"9" * 1_000, b"}]"),
    "depth": (b'[{"n": "Ann"}, ', b'[{"a":', b"]"),
    "list": (b'[{"n": "Ann"}, {"n": [', b'{"a":1},', b"0]}]"),
    "beside": (b'{"meta": "', b"x" * 1_000, b'", "customers": [{"n": "Ann"}]}'),
    "blanks": (b"[" + b" " * 100, b" " * 1_000, b"]"),
}


@pytest.mark.parametrize("kind", HURTING)
def test_100_megabytes_made_to_hurt_are_refused_soon(kind):
    head, filler, tail = HURTING[kind]
    started = time.monotonic()

    with pytest.raises(UnreadableFile):
        open_table(lambda: Endless(head, filler, 100_000_000, tail), "x")

    assert time.monotonic() - started < 60


@pytest.mark.parametrize("kind", ["string", "number", "beside", "blanks"])
def test_100_megabytes_made_to_hurt_take_little_memory(kind):
    head, filler, tail = HURTING[kind]
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile):
            open_table(lambda: Endless(head, filler, 100_000_000, tail), "x")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 32_000_000


def test_a_line_of_100_megabytes_is_set_aside_in_bounded_memory():
    tracemalloc.start()
    try:
        head = b'{"n": "Ann"}\n{"n": "Ben"}\n{"n": "'
        found = open_table(
            lambda: Endless(head, b"x" * 1_000, 100_000_000, b'"}\n{"n": "Cy"}\n'), "x.jsonl"
        )
        codes = [getattr(record, "code", record.number) for record in found.records()]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert codes == [1, 2, "record_too_long", 4]
    assert peak < 32_000_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=8,
)
ENTRIES = st.lists(
    st.dictionaries(st.sampled_from(["name", "x", "y"]), VALUES, min_size=1), min_size=1
)


@given(ENTRIES, st.booleans())
def test_every_entry_is_one_record_or_set_aside(entries, lines):
    if lines:
        content = "".join(json.dumps(entry) + "\n" for entry in entries)
    else:
        content = json.dumps(entries, ensure_ascii=False, indent=1)
    try:
        records = read(content)
    except UnreadableFile:
        return
    if len(entries) > 1 or not lines:
        assert [record.number for record in records] == list(range(1, len(entries) + 1))


@given(st.binary(max_size=60))
def test_garbage_is_read_or_refused(garbage):
    content = b'[{"name": "Ann"}, {"name": "Ben"' + garbage + b"}]"
    with suppress(UnreadableFile):
        list(open_table(lambda: io.BytesIO(content), "x").records())
