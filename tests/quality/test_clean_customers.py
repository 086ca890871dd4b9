"""The command as an operator meets it: files in, files out, nothing by halves."""

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quality.mapping import MappingError
from quality.reading import Limits, UnreadableFile
from quality.services import CannotClean, clean_file

from .files import rows_of, workbook

DATA = """name,email,phone,notes,colour
 Ann  Lee ,ann@example.org,+49 30 901820,calls  on  Friday,red
Ben Fox,ben@example.org,+49 30 901821,,blue

Ann Lee,ann@example.org,+49 30 901820,calls on Friday,red
Cy,cy@example.org,too,many,cells,here
,,,,green
Dot,dot@example.org
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(DATA, encoding="utf-8")
    return path


def run(*arguments):
    call_command("clean_customers", *map(str, arguments))


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def failure(*arguments) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_the_clean_file_has_row_numbers_then_the_columns_in_their_order(source, tmp_path):
    run(source, tmp_path / "out.csv")

    header, *body = rows(tmp_path / "out.csv")

    assert header == ["_row", "name", "email", "phone", "notes", "colour"]
    assert [row[0] for row in body] == ["1", "2", "6"]
    assert body[0][1] == "Ann Lee"
    assert body[2] == ["6", "Dot", "dot@example.org", "", "", ""]


def test_rows_that_cannot_go_through_are_listed_with_their_reason(source, tmp_path):
    run(source, tmp_path / "out.csv")

    header, *body = rows(tmp_path / "out.csv.rejected.csv")

    assert header == ["_row", "_reason"]
    assert [row[0] for row in body] == ["4", "5"]
    assert "6 cells" in body[0][1]
    assert "no name" in body[1][1]


def test_every_row_is_written_rejected_or_a_duplicate(source, tmp_path, capsys):
    run(source, tmp_path / "out.csv", "--json", "-")
    shown = capsys.readouterr()
    counts = json.loads(shown.out)

    assert counts["rows"] == 6
    assert counts["rows"] == counts["written"] + counts["duplicates"] + counts["rejected"]
    assert counts["unmapped"] == ["colour"]
    assert shown.err.splitlines()[-1].startswith("rows 6, written 3, duplicates 1, rejected 2")


def test_the_last_line_gives_the_counts(source, tmp_path, capsys):
    run(source, tmp_path / "out.csv")

    assert capsys.readouterr().out.splitlines()[-1].startswith("rows 6, written 3")


def test_the_report_tells_where_but_not_what(source, tmp_path):
    run(source, tmp_path / "out.csv", "--report", tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    report = json.loads(text)

    assert (1, "notes") in {(change["_row"], change["column"]) for change in report["changes"]}
    assert report["duplicates"] == [{"_row": 3, "of": 1}]
    assert {"_row": 6, "rule": "short_row"} in report["flags"]
    assert {entry["_row"] for entry in report["rejected"]} == {4, 5}
    assert report["unmapped"] == ["colour"]
    for secret in ("ann@", "ben@", "901820", "901821", "Friday"):
        assert secret not in text


def test_protected_values_are_masked_even_in_the_wrong_column(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text(
        "name,city,other,phone\n"
        "Ann,  ann.lee@example.org  ,  secret  plan  ,+49 30 901820\n"
        "Ben,  +86 138 0013 8000  ,x,+49 30 901821\n",
        encoding="utf-8",
    )
    run(source, tmp_path / "out.csv", "--report", tmp_path / "report.json")

    text = (tmp_path / "report.json").read_text(encoding="utf-8")

    assert "ann.lee" not in text
    assert "0013" not in text
    assert "plan" not in text


def test_a_workbook_is_cleaned_like_a_text_file(tmp_path):
    source = tmp_path / "in.xlsx"
    source.write_bytes(workbook(rows_of(("姓名", "邮箱"), ("王 芳", "w@example.org"))))

    run(source, tmp_path / "out.csv")

    assert rows(tmp_path / "out.csv")[0] == ["_row", "姓名", "邮箱"]


def test_a_phone_number_keeps_its_plus_sign(source, tmp_path):
    run(source, tmp_path / "out.csv")

    assert rows(tmp_path / "out.csv")[1][3].startswith("+49")


def test_cleaning_what_is_clean_changes_nothing(tmp_path):
    source, first, second = (tmp_path / name for name in ("in.csv", "1.csv", "2.csv"))
    source.write_text(DATA, encoding="utf-8")
    run(source, first)
    again = [row[1:] for row in rows(first)]
    with (tmp_path / "again.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(again)

    run(tmp_path / "again.csv", second)

    assert [row[1:] for row in rows(second)] == again


def test_all_outputs_are_readable_by_their_owner_only(source, tmp_path):
    out, report = tmp_path / "out.csv", tmp_path / "report.json"
    out.write_text("old")
    out.chmod(0o644)

    run(source, out, "--report", report)

    for path in (out, report, tmp_path / "out.csv.rejected.csv"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.partial"))


# A mapping


def test_a_mapping_file_says_what_the_names_do_not(tmp_path):
    source, mapping = tmp_path / "in.csv", tmp_path / "map.json"
    source.write_text("a,b,c\nAnn,ann@example.org,x\n", encoding="utf-8")
    mapping.write_text('{"a": "full_name", "b": "email"}')

    run(source, tmp_path / "out.csv", "--mapping", mapping)

    assert rows(tmp_path / "out.csv")[1] == ["1", "Ann", "ann@example.org", "x"]


def test_a_wrong_mapping_is_refused_before_anything_is_written(source, tmp_path):
    mapping = tmp_path / "map.json"
    mapping.write_text('{"nam": "full_name"}')

    message = failure(source, tmp_path / "out.csv", "--mapping", mapping)

    assert "Did you mean “name”?" in message
    assert not list(tmp_path.glob("out*"))
    assert "cannot be read" in failure(
        source, tmp_path / "out.csv", "--mapping", tmp_path / "none.json"
    )


def test_a_file_without_a_column_that_names_anybody_is_refused(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("colour,size\nred,3\n")

    assert "mapping file" in failure(source, tmp_path / "out.csv")


# What is refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"name,email\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"name,name\nA,B\n", "more than once"),
        (b"name,city\n\xe5\xe4,x\n", "UTF-8"),
        (b"name,_row\nAnn,1\n", "_row"),
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing(tmp_path, content, said):
    source = tmp_path / "in.csv"
    source.write_bytes(content)

    assert said in failure(source, tmp_path / "out.csv", "--report", tmp_path / "report.json")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_wrong_byte_in_the_last_row_leaves_the_old_result(source, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    source.write_bytes(
        b"name,city\n" + b"Ann,Rome\n" * 60_000 + "Jürgen,Köln\n".encode() + b"J\xfcrgen,Bonn\n"
    )

    failure(source, out)

    assert out.read_text() == "old"
    assert not list(tmp_path.glob("*.partial"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "none.csv" in failure(tmp_path / "none.csv", tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_the_input_is_never_overwritten(source, tmp_path):
    link, hard = tmp_path / "link.csv", tmp_path / "hard.csv"
    link.symlink_to(source)
    os.link(source, hard)

    for out in (source, link, hard, tmp_path / "x" / ".." / "in.csv"):
        failure(source, out)
    failure(source, tmp_path / "out.csv", "--report", source)
    failure(source, tmp_path / "out.csv", "--report", tmp_path / "out.csv")

    assert source.read_text() == DATA


def test_a_folder_that_is_not_there_is_said_so(source, tmp_path):
    assert "folder" in failure(source, tmp_path / "none" / "out.csv")
    assert "folder" in failure(source, tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--fill", "name"],
        ["--fill", "name=guess"],
        ["--fill", "name=default:"],
        ["--fill", "nobody=derive"],
        ["--country", "Germany"],
        ["--date-order", "ymd"],
    ],
)
def test_an_option_that_means_nothing_is_refused(source, tmp_path, arguments):
    with pytest.raises(CommandError):
        run(source, tmp_path / "out.csv", *arguments)

    assert not (tmp_path / "out.csv").exists()


# When something goes wrong on the way


def test_an_interrupted_run_leaves_nothing(source, tmp_path):
    def interrupt(stage: str, done: int) -> None:
        if stage == "cleaning":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clean_file(source=source, out=tmp_path / "out.csv", progress=interrupt)

    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_partial_file_that_is_a_link_is_not_written_through(source, tmp_path):
    target = tmp_path / "somebody_elses.txt"
    target.write_text("theirs")
    (tmp_path / "out.csv.partial").symlink_to(target)

    with pytest.raises(CannotClean) as caught:
        clean_file(source=source, out=tmp_path / "out.csv")

    assert "could not be written" in str(caught.value)
    assert target.read_text() == "theirs"
    assert not (tmp_path / "out.csv").exists()


def test_a_disk_that_fills_up_while_writing_leaves_the_old_result(source, tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    out.write_text("old")

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(CannotClean) as caught:
        clean_file(source=source, out=out)

    assert "No space left" in str(caught.value)
    assert out.read_text() == "old"
    assert not list(tmp_path.glob("*.partial"))


def test_two_runs_into_one_file_do_not_mix(source, tmp_path):
    out = tmp_path / "out.csv"
    refused = []

    def second(stage: str, done: int) -> None:
        if stage == "cleaning":
            with pytest.raises(CannotClean) as caught:
                clean_file(source=source, out=out)
            refused.append(caught.value.code)

    clean_file(source=source, out=out, progress=second)

    assert refused == ["being_written"]
    assert len(rows(out)) == 4


def test_a_killed_run_leaves_no_result_and_the_next_one_succeeds(tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w") as file:
        file.write("name,email\n")
        file.writelines(f"Person {n},p{n}@example.org\n" for n in range(200_000))
    script = (
        "import sys, django; from django.conf import settings; "
        "settings.configure(); django.setup(); from pathlib import Path; "
        "from quality.services import clean_file; "
        "clean_file(source=Path(sys.argv[1]), out=Path(sys.argv[2]), "
        "progress=lambda stage, done: print(stage, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, source, out], stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if line.strip() == "cleaning":
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

    assert not out.exists()
    source.write_text("name,email\nAnn,ann@example.org\n")
    run(source, out)
    assert len(rows(out)) == 2
    assert not list(tmp_path.glob("*.partial"))


def test_limits_and_errors_reach_the_caller_of_the_service(source, tmp_path):
    with pytest.raises(UnreadableFile):
        clean_file(source=source, out=tmp_path / "out.csv", limits=Limits(columns=3))
    with pytest.raises(MappingError):
        clean_file(
            source=source,
            out=tmp_path / "out.csv",
            mapping=lambda columns: (_ for _ in ()).throw(MappingError(["no"])),
        )


def test_progress_is_told_on_standard_error(source, tmp_path, capsys, monkeypatch):
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    run(source, tmp_path / "out.csv")

    assert "reading: 6 rows" in capsys.readouterr().err


def test_cleaning_a_result_again_changes_nothing_not_even_the_row_numbers(source, tmp_path):
    run(source, tmp_path / "once.csv")
    run(tmp_path / "once.csv", tmp_path / "twice.csv")

    assert (tmp_path / "twice.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()
    assert [row[0] for row in rows(tmp_path / "twice.csv")] == ["_row", "1", "2", "6"]


def test_a_row_column_that_holds_no_numbers_of_ours_is_refused(tmp_path):
    (tmp_path / "in.csv").write_text("_row,name\nfirst,Ann\n")

    assert "_row" in failure(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        ("nmae=derive", "no column “nmae”"),
        ("notes=derive", "Nothing in a row proves “notes”"),
        ("email=default:nobody", "no possible value"),
        ("name=default:n/a", "no possible value"),
    ],
)
def test_a_column_that_cannot_be_filled_as_asked_is_said_before_anything_is_written(
    source, tmp_path, fill, said
):
    assert said in failure(source, tmp_path / "out.csv", "--fill", fill)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("option", ["out", "report"])
def test_a_device_is_never_replaced_by_a_file(source, tmp_path, option):
    device = tmp_path / "pipe"
    os.mkfifo(device)
    asked = [device] if option == "out" else [tmp_path / "out.csv", "--report", device]

    assert "device" in failure(source, *asked)
    assert stat.S_ISFIFO(device.stat().st_mode)


def test_a_folder_is_no_result(source, monkeypatch):
    monkeypatch.chdir(source.parent)

    assert "name of a file" in failure(source, Path("."))
