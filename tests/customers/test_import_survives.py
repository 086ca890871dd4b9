"""Imports that are killed, that meet each other, that find the database or the disk busy."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.product import own_environment, set_up_once

from .importing import KLAUS, write_csv

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path):
    """A data directory of its own, for processes that may be killed."""
    environment = own_environment(
        tmp_path, CRM_LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="crm.settings"
    )
    (tmp_path / "temporary").mkdir()
    shutil.copytree(set_up_once(), environment["CRM_DATA_DIR"])
    return environment


def command(*arguments):
    return [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]


def run(environment, *arguments, check=True):
    done = subprocess.run(
        command(*arguments), env=environment, capture_output=True, text=True, timeout=120
    )
    if check:
        assert done.returncode == 0, done.stderr
    return done


def import_json(environment, path, *arguments):
    return json.loads(
        run(environment, "import_customers", path, "--source", "shop", "--json", *arguments).stdout
    )


def database(environment):
    return sqlite3.connect(Path(environment["CRM_DATA_DIR"]) / "crm.sqlite3", timeout=20)


def counted(environment, table, where="1=1"):
    with database(environment) as connection:
        return connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]


def people(many):
    for number in range(many):
        yield KLAUS | {
            "first_name": f"Klaus{number}",
            "email": f"klaus{number}@example.org",
            "phone": f"+49 160 {7000000 + number}",
            "company": f"Company {number % 50}",
        }


def kill_once_rows_are_in(environment, process, at_least):
    """kill -9 in the middle: some rows are in, the rest is not."""
    for _attempt in range(600):
        assert process.poll() is None, "it was over before it could be killed"
        try:
            if counted(environment, "customers_importrow") >= at_least:
                break
        except sqlite3.OperationalError:
            pass
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_an_import_killed_in_the_middle_goes_on_without_doubling_a_row(home, tmp_path):
    file = write_csv(tmp_path / "many.csv", *people(3000))
    process = subprocess.Popen(
        command("import_customers", file, "--source", "shop"),
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    kill_once_rows_are_in(home, process, 300)
    half = counted(home, "customers_importrow")
    assert 300 <= half < 3000
    assert counted(home, "customers_customer", "kind='person'") == half
    # Another worker finds the silent job and finishes it.
    with database(home) as connection:
        connection.execute("UPDATE jobs_job SET heartbeat_at = '2026-01-01 00:00:00'")
        job = connection.execute("SELECT id FROM jobs_job").fetchone()[0]
    run(home, "shell", "-v0", "-c", f"from jobs.services import run_job; run_job(job_id='{job}')")
    with database(home) as connection:
        state, result = connection.execute("SELECT state, result FROM jobs_job").fetchone()
    result = json.loads(result)
    assert state == "done"
    assert (result["rows"], result["created"], result["employers_created"]) == (3000, 3000, 50)
    assert counted(home, "customers_customer", "kind='person'") == 3000
    assert counted(home, "customers_historicalcustomer") == 3050
    assert counted(home, "customers_sourcerecord") == 3000


def test_a_killed_import_may_simply_be_run_again(home, tmp_path):
    file = write_csv(tmp_path / "many.csv", *people(2000))
    process = subprocess.Popen(
        command("import_customers", file, "--source", "shop"),
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    kill_once_rows_are_in(home, process, 200)
    result = import_json(home, file)
    assert result["created"] + result["unchanged"] == 2000
    assert result["unchanged"] >= 200
    assert counted(home, "customers_customer", "kind='person'") == 2000
    assert counted(home, "customers_customer", "kind='organisation'") == 50


def test_two_people_importing_the_same_file_at_once_make_no_customer_twice(home, tmp_path):
    file = write_csv(tmp_path / "many.csv", *people(1500))
    both = [
        subprocess.Popen(
            command("import_customers", file, "--source", "shop", "--json"),
            env=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _person in range(2)
    ]
    results = []
    for process in both:
        output, problems = process.communicate(timeout=120)
        assert process.returncode == 0, problems
        results.append(json.loads(output))
    assert sum(result["created"] for result in results) == 1500
    assert sum(result["unchanged"] for result in results) == 1500
    assert sum(result["employers_created"] for result in results) == 50
    assert counted(home, "customers_customer", "kind='person'") == 1500
    assert counted(home, "customers_customer", "kind='organisation'") == 50


def test_two_sources_with_the_same_people_at_once_wait_for_review(home, tmp_path):
    file = write_csv(tmp_path / "many.csv", *people(800))
    both = [
        subprocess.Popen(
            command("import_customers", file, "--source", source),
            env=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for source in ("shop", "fair")
    ]
    for process in both:
        _output, problems = process.communicate(timeout=120)
        assert process.returncode == 0, problems
    assert counted(home, "customers_customer", "kind='person'") == 800
    assert counted(home, "customers_importrow", "outcome='review'") == 800


def test_a_locked_database_is_waited_for(home, tmp_path):
    file = write_csv(tmp_path / "few.csv", *people(20))
    holder = database(home)
    holder.isolation_level = None
    holder.execute("BEGIN IMMEDIATE")
    process = subprocess.Popen(
        command("import_customers", file, "--source", "shop"),
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(4)
    assert process.poll() is None
    holder.execute("COMMIT")
    holder.close()
    _output, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    assert counted(home, "customers_customer", "kind='person'") == 20


def test_an_undo_killed_in_the_middle_is_finished_by_asking_again(home, tmp_path):
    file = write_csv(tmp_path / "many.csv", *people(1500))
    import_json(home, file)
    process = subprocess.Popen(
        command("undo_import", "1"), env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _attempt in range(600):
        assert process.poll() is None, "it was over before it could be killed"
        if counted(home, "customers_customer") < 1400:
            break
        time.sleep(0.02)
    process.kill()
    process.wait()
    with database(home) as connection:
        connection.execute("UPDATE jobs_job SET heartbeat_at='2026-01-01' WHERE state='running'")
    result = json.loads(run(home, "undo_import", "1", "--json").stdout)
    assert result["kept"] == []
    assert counted(home, "customers_customer") == 0
    assert counted(home, "customers_sourcerecord") == 0
