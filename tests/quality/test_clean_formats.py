"""Every format through the command, and out of a sealed upload: the same customers come out."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from encryption.files import SealedReader, SealedWriter
from quality.reading import ENDINGS, FORMATS, UnreadableFile, open_table, sheets_of

from .files import opendocument, rows_of, workbook

PEOPLE = [("Ann Lee", "ann@example.org"), ("Jürgen Weiß", "j@example.org")]
CLEAN = [["1", "Ann Lee", "ann@example.org"], ["2", "Jürgen Weiß", "j@example.org"]]


def _parquet() -> bytes:
    file = io.BytesIO()
    names, emails = zip(*PEOPLE, strict=True)
    pyarrow.parquet.write_table(pa.table({"name": names, "email": emails}), file)
    return file.getvalue()


def _sheet() -> str:
    cells = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    return "".join(
        f"<table:table-row>{''.join(cells.format(text) for text in row)}</table:table-row>"
        for row in [("name", "email"), *PEOPLE]
    )


def _entries() -> list[str]:
    return [json.dumps({"name": name, "email": email}) for name, email in PEOPLE]


FILES: dict[str, bytes] = {
    "csv": "".join(f"{a},{b}\n" for a, b in [("name", "email"), *PEOPLE]).encode("cp1252"),
    "tsv": "".join(f"{a}\t{b}\n" for a, b in [("name", "email"), *PEOPLE]).encode("utf-16"),
    "xlsx": workbook(rows_of(("name", "email"), *PEOPLE)),
    "ods": opendocument(_sheet()),
    "json": f'{{"customers": [{", ".join(_entries())}]}}'.encode(),
    "jsonl": "\n".join(_entries()).encode(),
    "parquet": _parquet(),
    "vcard": "".join(
        f"BEGIN:VCARD\nFN:{name}\nEMAIL:{email}\nEND:VCARD\n" for name, email in PEOPLE
    ).encode(),
}


def run(*arguments):
    call_command("clean_customers", *map(str, arguments))


def failure(*arguments) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_every_format_has_a_file_here():
    assert set(FILES) == set(FORMATS)
    assert {kind for kinds in ENDINGS.values() for kind in kinds} == set(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_cleaned_and_named_in_the_report(format, tmp_path):
    source = tmp_path / "customers"
    source.write_bytes(FILES[format])

    run(source, tmp_path / "out.csv", "--report", tmp_path / "report.json")

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == CLEAN
    about = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["input"]
    assert about["format"] == format
    assert bool(about["notices"]) is (format in ("csv", "tsv"))


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read_out_of_a_sealed_upload(format):
    sealed = io.BytesIO()
    with SealedWriter(sealed, "upload") as writer:
        writer.write(FILES[format])
    opened = io.BufferedReader(SealedReader(sealed, "upload"))

    found = open_table(opened, "upload")

    assert found.format == format
    assert [list(record.cells) for record in found.records()] == [row[1:] for row in CLEAN]


@pytest.mark.parametrize("format", ["json", "jsonl", "parquet", "ods", "xlsx", "vcard"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_off_anywhere_writes_nothing(format, kept, tmp_path):
    content = FILES[format]
    source = tmp_path / "customers"
    source.write_bytes(content[: int(len(content) * kept)])
    (tmp_path / "out.csv").write_text("old")
    try:
        run(source, tmp_path / "out.csv")
    except CommandError as refused:
        told = str(refused)
        assert (tmp_path / "out.csv").read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["customers", "out.csv"]
    else:
        # What is read line by line loses the line that was cut, and says so.
        assert format in ("jsonl", "vcard")
        told = (tmp_path / "out.csv.rejected.csv").read_text()
    assert told


def test_a_sheet_and_an_encoding_are_said_on_the_command_line(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out.csv"
    source.write_bytes(workbook(rows_of(("name",), ("Ann",)), rows_of(("name",), ("Ben",))))

    assert "“Sheet1”, “Sheet2”" in failure(source, out)
    assert not out.exists()
    run(source, out, "--sheet", "Sheet2")
    assert "Ben" in out.read_text()
    run(source, out, "--sheet", "1")
    assert "Ann" in out.read_text()

    source.write_bytes("name\nåä\n".encode("cp1252"))
    assert "--encoding" in failure(source, out)
    run(source, out, "--encoding", "windows-1252")
    assert "Åä" in out.read_text() or "åä" in out.read_text()


def test_the_command_says_what_it_found_out_by_itself(tmp_path, capsys):
    source = tmp_path / "customers.xlsx"
    source.write_bytes(FILES["csv"])

    run(source, tmp_path / "out.csv", "--json")

    said = json.loads(capsys.readouterr().out)["notices"]
    assert any("Windows-1252" in notice for notice in said)
    assert any(".xlsx" in notice and "CSV" in notice for notice in said)


@pytest.mark.parametrize("format", FORMATS)
def test_sheets_are_listed_for_workbooks_only(format):
    found = sheets_of(io.BytesIO(FILES[format]), "x")

    assert [sheet.rows for sheet in found] == ([3] if format in ("xlsx", "ods") else [])


def test_a_damaged_workbook_has_no_sheets_but_a_sentence():
    with pytest.raises(UnreadableFile):
        sheets_of(io.BytesIO(FILES["xlsx"][:100]), "x.xlsx")
