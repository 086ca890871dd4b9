"""Parquet: values as people write them, and no footer or page that is believed."""

import io
import random
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest

from quality.reading import Limits, Record, UnreadableFile, open_table
from quality.reading.parquet_pages import BadPage, groups_of, pages_of

from .files import cells, read, table


def parquet(columns, **options) -> bytes:
    file = io.BytesIO()
    found = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pyarrow.parquet.write_table(found, file, **options)
    return file.getvalue()


def refusal(content, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **options)
    assert str(caught.value), "a refusal says what to do"
    return caught.value


VALUES = {
    "name": ["Ann", "Ben", None],
    "phone": [4915112345678.0, None, float("nan")],
    "number": [1, 2, None],
    "born": [date(1990, 1, 2), None, date(1900, 1, 1)],
    "at": pa.array([datetime(2020, 1, 1), datetime(2020, 1, 1, 3, 4, 5), None], pa.timestamp("ns")),
    "money": [Decimal("1.50"), None, Decimal("2.00")],
    "vip": [True, False, None],
    "bytes": [b"abc", b"\xff", None],
    "kind": pa.array(["x", "y", None]).dictionary_encode(),
    "hour": [time(3, 4), None, None],
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"version": "1.0", "use_dictionary": False},
        {"data_page_version": "2.0", "compression": "zstd"},
        {"row_group_size": 1, "compression": "gzip"},
        {"use_dictionary": False, "column_encoding": {"name": "DELTA_BYTE_ARRAY"}},
    ],
)
def test_values_become_text_as_people_write_it(options):
    found = table(parquet(VALUES, **options))

    assert (found.format, found.columns) == ("parquet", tuple(VALUES))
    assert list(found.records()) == [
        Record(
            1,
            (
                *("Ann", "4915112345678", "1", "1990-01-02", "2020-01-01", "1.50", "true", "abc"),
                *("x", "03:04:00"),
            ),
        ),
        Record(
            2,
            ("Ben", "", "2", "", "2020-01-01 03:04:05", "", "false", "", "y", ""),
            ("binary_value",),
        ),
        Record(3, ("", "", "", "1900-01-01", "", "2.00", "", "", "", ""), ("not_a_number",)),
    ]


def test_a_number_that_lost_digits_as_a_float_is_flagged():
    (record,) = read(parquet({"name": ["Ann"], "id": [1.10101199003071e17]}))

    assert record.flags == ("rounded_number",)
    assert "E" in record.cells[1]


def test_nested_columns_are_flattened_as_those_of_json():
    found = table(
        parquet(
            {
                "name": ["Ann", "Ben"],
                "address": [{"city": "Rome", "zip": "1"}, None],
                "emails": [["a", "b"], None],
                "more": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            }
        )
    )

    columns = ("name", "address.city", "address.zip", "emails", "emails_2", "more.k")
    assert found.columns == columns
    assert [record.cells for record in found.records()] == [
        ("Ann", "Rome", "1", "a", "b", "1"),
        ("Ben", "", "", "", "", ""),
    ]


def test_a_date_no_calendar_has_is_empty_and_its_row_says_so():
    values = {"name": ["Ann"], "at": pa.array([10**13], pa.timestamp("s"))}

    assert read(parquet(values)) == [Record(1, ("Ann", ""), ("out_of_range",))]


def test_many_rows_are_read_in_order_and_again_from_the_middle():
    found = table(parquet({"number": list(range(5_000))}, row_group_size=700))

    assert [int(record.cells[0]) for record in found.records()] == list(range(5_000))
    assert [record.number for record in found.records(after=4_998)] == [4_999, 5_000]


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:5],
        lambda good: good[: len(good) // 2],
        lambda good: good[:-5],
        lambda good: good[:-8] + b"\xff\xff\xff\x7fPAR1",
        lambda good: good[:-8] + b"\x08\x00\x00\x00PAR1",
        lambda good: b"PAR1" + b"x" * 1_000 + b"\x10\x00\x00\x00PAR1",
        lambda good: b"PAR1" + bytes(1_000) + b"\x10\x00\x00\x00PAR1",
        lambda good: good[:4] + b"\xff" * 40 + good[44:],
    ],
)
def test_a_damaged_file_is_refused(damage):
    assert refusal(damage(parquet(VALUES))).code == "damaged_parquet"


def test_an_encrypted_file_is_named():
    good = parquet(VALUES)

    assert refusal(good[:-4] + b"PARE").code == "encrypted"
    assert refusal(b"PARE" + good[4:-4] + b"PARE").code == "encrypted"


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_are_read_or_refused_and_never_end_the_process(seed):
    good = bytearray(parquet(VALUES))
    chance = random.Random(seed)
    for _ in range(60):
        bad = bytearray(good)
        for _ in range(chance.choice((1, 1, 3, 20))):
            bad[chance.randrange(4, len(bad) - 4)] = chance.randrange(256)
        try:
            list(open_table(io.BytesIO(bytes(bad)), "x").records())
        except UnreadableFile as refused:
            found = refused.code
        else:
            found = "read"
        assert found


def test_a_page_that_says_it_inflates_to_gigabytes_is_refused(monkeypatch):
    monkeypatch.setattr("quality.reading.parquet._PAGE", 100)

    assert refusal(parquet({"name": ["x" * 200]})).code == "parquet_too_large"


def test_columns_whose_pages_together_are_too_much_are_refused(monkeypatch):
    monkeypatch.setattr("quality.reading.parquet._PAGES", 300)

    assert refusal(parquet({f"c{n}": ["x" * 90] for n in range(9)})).code == "parquet_too_large"


def test_more_rows_than_a_file_of_its_size_can_mean_are_refused(monkeypatch):
    monkeypatch.setattr("quality.reading.parquet._FEW_ROWS", 10)

    nothing = pa.table({"name": pa.nulls(1_000_000, pa.string())})
    assert refusal(parquet(nothing)).code == "parquet_too_large"


def test_one_text_of_a_megabyte_in_100_000_rows_is_not_copied():
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x" * 1_000_000])
    content = parquet({"notes": text})
    before = pa.total_allocated_bytes()

    found = table(content)
    count = sum(1 for _ in found.records())

    assert count == 100_000
    assert pa.total_allocated_bytes() - before < 64_000_000


def test_a_cell_longer_than_the_limit_sets_its_row_aside():
    content = parquet({"notes": ["x" * 200, "ok"]})

    assert cells(content, limits=Limits(field=100)) == ["cell_too_long", ("ok",)]


def test_a_file_without_rows_or_with_too_many_columns_is_refused():
    assert refusal(parquet({"name": pa.array([], pa.string())})).code == "no_rows"
    assert refusal(parquet({f"c{n}": [1] for n in range(1_001)})).code == "too_many_columns"


@pytest.mark.parametrize("content", [b"", b"\x15", b"\x15\x04\x15", b"\x2c" * 100, b"\xff" * 40])
def test_what_is_no_page_and_no_footer_is_told(content):
    with pytest.raises(BadPage):
        pages_of(io.BytesIO(content), 0, max(1, len(content)))
    with pytest.raises(BadPage):
        groups_of(content)
