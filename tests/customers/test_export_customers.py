"""The command that writes customers where an operator says."""

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command

from customers.exports import plain, run
from customers.models.exports import Export
from staff.roles import Role
from tests.customers.people import person, somebody_acts, staff
from tests.product import product

WHY = "list for the trade fair"


def export_to(path, *arguments, **options):
    output, errors = io.StringIO(), io.StringIO()
    call_command(
        "export_customers", str(path), *arguments, "--reason", options.pop("reason", WHY),
        "--json", stdout=output, stderr=errors, **options,
    )  # fmt: skip
    return json.loads(output.getvalue()), errors.getvalue()


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def steward(db):
    return staff("steward", Role.DATA_STEWARD)


def test_a_steward_gets_what_a_steward_may_see(steward, tmp_path):
    anna = person(email="anna@example.com", phone="+4916079695150")
    target = tmp_path / "out.csv"
    result, said = export_to(target, "--actor", "steward")
    row = rows(target)[0]
    assert row["number"] == anna.number
    assert (row["email"], row["phone"]) == ("anna@example.com", "'+4916079695150")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.csv"]
    assert result["customers"] == 1
    assert said.strip().splitlines()[-1] == f"Export #{result['export']}: 1 customers written."
    export = Export.objects.get()
    assert (export.started_by, export.reason, export.state) == (steward, WHY, "done")
    assert export.options["file"] == "out.csv"
    assert export.disclosed["email"] == {"clear": 1}


@pytest.mark.django_db
def test_without_a_name_everything_protected_is_masked(tmp_path):
    person(email="anna@example.com", phone="+4916079695150", notes="Prefers mornings.")
    export_to(tmp_path / "out.csv", "--columns", "email,phone,notes")
    assert rows(tmp_path / "out.csv") == [
        {"email": "a***@example.com", "phone": "'+49****5150", "notes": "••••"}
    ]


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
def test_the_ending_says_the_format(steward, tmp_path, format):
    person()
    export_to(tmp_path / f"out.{format}")
    assert (tmp_path / f"out.{format}").read_bytes()[:2] == {"xlsx": b"PK", "parquet": b"PA"}[
        format
    ]


def test_filters_are_those_of_the_list(steward, tmp_path):
    lead = person(stage="lead", country="DE")
    person(stage="former", country="DE")
    person(stage="lead", country="US")
    export_to(
        tmp_path / "out.csv", "--filter", "stage__exact=lead", "--filter", "country=DE",
        "--columns", "number",
    )  # fmt: skip
    assert rows(tmp_path / "out.csv") == [{"number": lead.number}]
    assert "Lead" in Export.objects.get().words


def test_what_means_nothing_is_refused_before_anything_is_read(steward, tmp_path):
    person()
    target = tmp_path / "out.csv"
    for arguments in (
        ["--filter", "stage=lead"],
        ["--filter", "stage__exact"],
        ["--filter", "stage__exact=emperor"],
        ["--filter", "country=DE", "--filter", "country=US"],
        ["--columns", "number,password"],
        ["--columns", ""],
        ["--actor", "nobody-here"],
    ):
        with pytest.raises(CommandError) as refused:
            export_to(target, *arguments)
        assert refused.value.returncode == 2
    with pytest.raises(CommandError):
        export_to(target, reason=" ")
    with pytest.raises(CommandError):
        export_to(tmp_path / "out.txt")
    assert os.listdir(tmp_path) == []
    assert not Export.objects.exclude(state="failed").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--reason", "test"], "5 characters or more"),
        (["--reason", "for the tax office", "--columns", "mail"], "are: number, kind,"),
    ],
)
def test_a_refusal_says_what_would_do(steward, tmp_path, arguments, told):
    with pytest.raises(CommandError, match=told):
        call_command("export_customers", str(tmp_path / "out.csv"), *arguments)
    assert not Export.objects.exists()


@pytest.mark.parametrize("role", [Role.SALES, Role.AUDITOR, Role.READ_ONLY])
def test_who_may_not_export_may_not_here_either(db, tmp_path, role):
    staff("x", role)
    with pytest.raises(CommandError, match="may not export"):
        export_to(tmp_path / "out.csv", "--actor", "x")
    assert not Export.objects.exists()


def test_who_left_may_not(steward, tmp_path):
    with somebody_acts():
        steward.is_active = False
        steward.save()
    with pytest.raises(CommandError, match="may not export"):
        export_to(tmp_path / "out.csv", "--actor", "steward")


def test_a_file_is_overwritten_only_when_told(steward, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(CommandError, match="exists"):
        export_to(target)
    assert target.read_text() == "mine"
    export_to(target, "--force")
    assert target.read_text("utf-8-sig").startswith("number,")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.csv"]


def test_what_somebody_put_there_meanwhile_stays(steward, tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    finish = run.finish_record

    def somebody_else_writes(*args, **options):
        target.write_text("theirs")
        finish(*args, **options)

    monkeypatch.setattr(run, "finish_record", somebody_else_writes)
    with pytest.raises(CommandError, match="exists"):
        export_to(target)
    assert target.read_text() == "theirs"
    assert Export.objects.get().state == "failed"


def test_a_link_to_elsewhere_is_not_followed(steward, tmp_path):
    target, elsewhere = tmp_path / "out.csv", tmp_path / "elsewhere"
    target.symlink_to(elsewhere)
    with pytest.raises(CommandError, match="exists"):
        export_to(target)
    assert not elsewhere.exists()
    export_to(target, "--force")
    assert not elsewhere.exists()
    assert not target.is_symlink()


def test_a_folder_or_a_missing_one_is_said_in_words(steward, tmp_path):
    for target in (tmp_path, tmp_path / "no" / "out.csv"):
        with pytest.raises(CommandError) as refused:
            export_to(target, "--format", "csv")
        assert refused.value.returncode == 2


def test_what_cannot_be_recorded_does_not_leave(steward, tmp_path, monkeypatch):
    person(email="anna@example.com")

    def broken(*args, **options):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(run, "finish_record", broken)
    with pytest.raises(RuntimeError):
        export_to(tmp_path / "out.csv")
    assert os.listdir(tmp_path) == []


def test_where_files_need_names_it_is_the_same(steward, tmp_path, monkeypatch):
    monkeypatch.delattr(plain.os, "O_TMPFILE")
    person()
    target = tmp_path / "out.csv"
    export_to(target)
    export_to(target, "--force")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.csv"]


def test_a_dry_run_counts_and_leaves_nothing(steward, tmp_path):
    person()
    result, said = export_to(tmp_path / "out.csv", "--dry-run")
    assert result["customers"] == 1
    assert "would be exported" in said
    assert os.listdir(tmp_path) == []
    assert not Export.objects.exists()


def test_a_killed_command_leaves_no_plain_data(tmp_path):
    with product(tmp_path) as made:
        made.manage("make_demo", "--customers", "3000")
        place = tmp_path / "place"
        place.mkdir()
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            command = subprocess.Popen(
                [sys.executable, "manage.py", "export_customers", str(place / "out.xlsx"),
                 "--reason", WHY],
                env=made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            _wait_until_it_writes(command, place)
            command.send_signal(how)
            assert command.wait(60) != 0
            assert os.listdir(place) == []


def _wait_until_it_writes(command, place):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert command.poll() is None, "it ended before it could be killed"
        for handle in os.listdir(f"/proc/{command.pid}/fd"):
            try:
                if str(place) in os.readlink(f"/proc/{command.pid}/fd/{handle}"):
                    return
            except OSError:
                continue
        time.sleep(0.005)
    raise TimeoutError
