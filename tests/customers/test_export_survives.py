"""Real processes that are killed -9 in the middle: of an export, and of making demo customers."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from customers.demo.make import AT_ONCE
from tests.product import product

ASK = """
from customers.exports.services import start_export
from customers.selection import Selection
from staff.roles import Role
from staff.services import create_staff, system_user
steward, _ = create_staff(actor=system_user(), username="steward", roles=[Role.DATA_STEWARD])
export = start_export(actor=steward, selection=Selection.of_filters({}, steward),
    columns=["number", "given_name", "email", "notes", "further_email"], format="csv",
    reason="killed in the middle")
print(export.job_id)
"""
READ = """
from customers.exports.files import OpenedExport
from customers.models.exports import Export
print(b"".join(OpenedExport(Export.objects.get().sealed_name)).decode("utf-8"))
"""


SLOWLY = """
import time
from customers.exports.rows import RowReader
plain = RowReader.read
def read(self, keys):
    time.sleep(0.3)
    return plain(self, keys)
RowReader.read = read
"""


def worker(made, job, first=""):
    code = f"{first}\nfrom jobs.services import run_job; run_job(job_id='{job}')"
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        env=made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def sealed_files(made):
    return list((made.data_dir / "media" / "exports").glob("*"))


def database(made):
    return sqlite3.connect(made.data_dir / "crm.sqlite3", timeout=20)


def state(made):
    with database(made) as connection:
        return connection.execute(
            "SELECT state, sealed_name, rows FROM customers_export"
        ).fetchone()


def kill_when(process, is_time):
    end = time.monotonic() + 90
    while not is_time():
        assert process.poll() is None, "it was over before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def everything_on_disk(folder: Path) -> bytes:
    """What lies in files, but for the database, where names are plain by design, and scripts."""
    found = b""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "static"]
        for name in names:
            if "sqlite3" not in name:
                found += (Path(place) / name).read_bytes()
    return found


def test_a_killed_export_is_not_offered_leaves_nothing_plain_and_is_made_anew(tmp_path):
    with product(tmp_path) as made:
        made.manage("make_demo", "--customers", "2400")
        job = made.inside(ASK)
        killed = worker(made, job, SLOWLY)
        kill_when(killed, lambda: any(file.stat().st_size > 50_000 for file in sealed_files(made)))
        assert state(made)[:2] == ("running", "")
        half = sealed_files(made)
        assert len(half) == 1
        assert b"@example" not in everything_on_disk(made.data_dir)
        with database(made) as connection:
            connection.execute("UPDATE jobs_job SET heartbeat_at = '2026-01-01 00:00:00'")
        assert worker(made, job).wait(120) == 0
        name, sealed, rows = state(made)
        assert (name, rows) == ("done", 2400)
        assert [file.name for file in sealed_files(made)] == [sealed] != [half[0].name]
        lines = list(csv.DictReader(io.StringIO(made.inside(READ).lstrip("\ufeff"))))
        assert len({line["number"] for line in lines}) == 2400
        assert b"@example" not in everything_on_disk(made.data_dir)
        assert list(made.outside.iterdir()) == []


def test_making_demo_customers_goes_on_where_it_was_killed(tmp_path):
    def counted(table):
        with database(made) as connection:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def some_are_in():
        return counted("customers_customer") >= 240

    with product(tmp_path) as made:
        command = ["make_demo", "--customers", "1800", "--today", "2026-11-21", "--json"]
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            env=made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        kill_when(process, some_are_in)
        half = counted("customers_customer")
        assert 240 <= half < 1800
        assert half % AT_ONCE == 0
        result = json.loads(made.manage(*command).stdout)
        assert (result["there_already"], result["customers"]) == (half, 1800 - half)
        assert counted("customers_customer") == 1800 == counted("customers_sourcerecord")
        created = counted("customers_historicalcustomer WHERE history_type = '+'")
        assert created == 1800
