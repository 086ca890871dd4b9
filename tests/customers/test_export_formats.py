"""What stands in the files: every format read back, nothing that a spreadsheet would run."""

import csv
import io
import unicodedata
import zipfile
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.exports import workbook
from customers.exports.columns import BY_NAME, Column
from customers.exports.formats import open_format
from customers.exports.safe import harmless, runs_in_a_spreadsheet
from customers.models import ContactPoint, Customer
from quality.reading import open_table
from staff.roles import Role
from tests.customers.exporting import content, exported
from tests.customers.importing import import_file
from tests.customers.people import organisation, person, somebody_acts, staff

EVIL = [
    "=1+1", "=cmd|'/C calc'!A0", "+1+cmd|'/C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1",
    "＝1+1", "＋1", "－1", "＠x", " =1+1", "\u3000=1", "\ufeff=1", "+4916079695150",
]  # fmt: skip
COLUMNS = (
    Column("text", "Text", "Group"),
    Column("when", "When", "Group", kind="moment"),
    Column("count", "Count", "Group", kind="number"),
)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Place:
    """Takes bytes, and nothing else."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data
        return len(data)


def written(format, portions, columns=COLUMNS, **options):
    place = Place()
    file = open_format(format, place, columns, **options)
    for rows in portions:
        file.add(rows)
    file.finish()
    return bytes(place.data)


def read_xlsx(data, name="x.xlsx"):
    table = open_table(lambda: io.BytesIO(data), name)
    return [list(table.columns), *[list(record.cells) for record in table.records()]]


@pytest.mark.parametrize("text", EVIL)
def test_nothing_in_a_csv_begins_like_a_formula(text):
    data = written("csv", [[(text, None, None)]], bom=False).decode()
    _header, row = csv.reader(io.StringIO(data, newline=""))
    assert row[0] == f"'{text}"


@pytest.mark.parametrize("text", ["Anna", "O'Brien", "a=b", "1-2", "'t Hooft", "张伟", "", "3+4"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert harmless(text) == text


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_whatever_the_text_the_csv_cell_is_safe_and_comes_back(text):
    data = written("csv", [[(text, None, None)]], bom=False).decode("utf-8", "surrogatepass") if (
        not any(unicodedata.category(sign) == "Cs" for sign in text)
    ) else written("csv", [[("", None, None)]], bom=False).decode()  # fmt: skip
    cell = list(csv.reader(io.StringIO(data, newline="")))[1][0]
    assert not runs_in_a_spreadsheet(cell)
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == ""


def test_a_csv_is_utf8_with_the_mark_that_excel_wants_or_without():
    rows = [[("张伟", NOON, 3)]]
    assert written("csv", rows, bom=True) == b"\xef\xbb\xbf" + written("csv", rows, bom=False)
    assert written("csv", rows, bom=False).decode() == (
        "text,when,count\r\n张伟,2026-11-21T12:00:00Z,3\r\n"
    )


def test_a_workbook_holds_texts_times_and_numbers():
    data = written("xlsx", [[('张伟 <&> "x"', NOON, 3)], [(None, None, None), ("a\nb", None, 0)]])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>46347.500000</v>" in sheet
    assert "<f>" not in sheet
    header, *rows = read_xlsx(data)
    assert header == ["text", "when", "count"]
    assert rows[0][0] == '张伟 <&> "x"'
    assert rows[0][1].startswith("2026-11-21 12:00") or rows[0][1].startswith("2026-11-21T12:00")
    assert rows[0][2] == "3"
    assert rows[-1][0] == "a\nb"


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_looks_like_a_formula_is_a_text_in_a_workbook(text):
    data = written("xlsx", [[(text, None, None)]])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert f's="{workbook.QUOTED}" t="inlineStr"' in sheet


def test_signs_that_xml_cannot_hold_do_not_break_the_workbook():
    texts = ["a\x00b\x0bc", "\ud800x", "_x0041_", "a\rb", "]]>", "\ufffe", "😀", "  spaces  "]
    data = written("xlsx", [[(text, None, 1)] for text in texts])
    _header, *rows = read_xlsx(data)
    found = [row[0] for row in rows]
    assert found[0] == "abc"
    assert found[2] == "_x0041_"
    assert found[4] == "]]>"
    assert found[6] == "😀"


def test_a_cell_longer_than_excel_takes_is_cut_where_one_sees_it():
    data = written("xlsx", [[("x" * 40_000, None, None)]])
    _header, row = read_xlsx(data)
    assert len(row[0]) == workbook.LONGEST_CELL
    assert row[0].endswith("…")


def test_more_rows_than_a_sheet_takes_go_to_the_next_one(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 4)
    data = written("xlsx", [[(f"row {number}", None, None) for number in range(7)]])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [name for name in book.namelist() if "sheet" in name]
        assert len(names) == 3
        for name in names:
            assert b">text<" in book.read(name)
        assert book.read(names[2]).count(b"<row") == 2
        assert book.testzip() is None


def test_a_parquet_file_has_types():
    data = written("parquet", [[("=1+1", NOON, 3)], [(None, None, None)]])
    table = pq.read_table(io.BytesIO(data))
    assert table.to_pylist() == [
        {"text": "=1+1", "when": NOON, "count": 3},
        {"text": None, "when": None, "count": None},
    ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_portions_make_no_difference(format):
    rows = [(f"row {number}", NOON, number) for number in range(23)]
    whole = written(format, [rows])
    pieces = written(format, [rows[:10], rows[10:11], [], rows[11:]])
    if format == "xlsx":
        assert read_xlsx(whole) == read_xlsx(pieces)
    elif format == "csv":
        assert whole == pieces
    else:
        assert pq.read_table(io.BytesIO(whole)).equals(pq.read_table(io.BytesIO(pieces)))


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError):
        open_format("exe", Place(), COLUMNS)


# Out and in again ---------------------------------------------------------------------------------


BACK = (
    *("given_name", "family_name", "organisation_name", "email", "phone", "street", "postal_code"),
    *("city", "region", "country", "language", "job_title", "stage", "tags", "notes", "gender"),
    *("preferred_channel", "further_phone", "messenger"),
)


@pytest.fixture
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_what_went_out_comes_in_again_the_same(own_folder, tmp_path, format):
    steward = staff("steward", Role.DATA_STEWARD)
    anna = person(
        given_name="Anna", family_name="O'Brien-Müller", email="anna@example.com", gender="female",
        phone="+4916079695150", street="=Weg 1", postal_code="04103", city="Leipzig", country="DE",
        region="Sachsen", language="de", job_title="@Office", stage="customer", tags="vip, press",
        notes="- calls\n- twice", preferred_channel="phone",
    )  # fmt: skip
    organisation("=Quantum Optics AG", phone="+12015550123", country="US")
    with somebody_acts():
        ContactPoint(customer=anna, kind="phone", value="+493012345678").save()
        ContactPoint(customer=anna, kind="messenger", messenger="wechat", value="anna_w").save()
    path = tmp_path / f"out.{format}"
    path.write_bytes(content(exported(steward, columns=BACK, format=format)))
    before = _told()
    with somebody_acts():
        Customer.with_bin.audited_update(_elsewhere(), ["email", "phone", "given_name"])
    result = import_file(path, "--on-duplicate", "create", source="our own export")
    assert result["created"] == 2
    assert result["cells_emptied"] == 0
    assert _told(source="our own export") == before


def _elsewhere():
    """The first ones, under other data: only what comes in is looked at."""
    customers = list(Customer.objects.all())
    for number, customer in enumerate(customers):
        customer.email, customer.phone = f"old{number}@example.com", None
        customer.given_name = f"Old{number}"
    return customers


def _told(source=None):
    told = []
    customers = Customer.objects.filter(source__name=source) if source else Customer.objects.all()
    for customer in customers:
        values = {name: getattr(customer, name) for name in BACK if BY_NAME[name].path == name}
        points = sorted((p.kind, p.messenger, p.value) for p in customer.contact_points.all())
        told.append((values, points))
    return sorted(told, key=repr)
