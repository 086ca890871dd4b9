"""A bulk change whose worker is killed, and two at once: nobody is changed twice or forgotten."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.customers.bulk_worker import CUSTOMERS
from tests.product import set_up_once
from tests.servers import postgres_server

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.customers.bulk_worker"]


@pytest.fixture
def environment(tmp_path):
    ours = ("DATABASE_URL", "CRM_KEY_RING")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(tmp_path / "var"),
        "CRM_SECRET_KEY": "only for one test " * 4,
        "CRM_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }


class House:
    """A house of its own, looked at without starting Django for every look."""

    def __init__(self, environment):
        self.environment = environment
        shutil.copytree(set_up_once(), environment["CRM_DATA_DIR"])

    def run(self, *command):
        done = subprocess.run(
            [*COMMAND, *command],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip().splitlines()[-1:]

    def tell(self, code):
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def start(self, job):
        return subprocess.Popen([*COMMAND, "work", job], env=self.environment, cwd=ROOT)

    def ask(self, sql, *values):
        path = Path(self.environment["CRM_DATA_DIR"]) / "crm.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as database, database:
            return database.execute(sql, values).fetchall()

    def job(self, job):
        return self.ask("SELECT state, done FROM jobs_job WHERE id = ?", job.replace("-", ""))[0]

    def kill_in_the_middle(self, job):
        before = self.job(job)[1]
        process = self.start(job)
        while self.job(job)[1] < before + 50:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.08))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert self.job(job)[0] == "running"
        past = datetime.now(UTC) - timedelta(seconds=61)
        self.ask("UPDATE jobs_job SET heartbeat_at = ?", past.strftime("%Y-%m-%d %H:%M:%S"))


def test_a_killed_worker_neither_forgets_a_customer_nor_changes_one_twice(environment):
    house = House(environment)
    (job,) = house.run("prepare")
    for _kill in range(2):
        house.kill_in_the_middle(job)
    house.run("work", job)
    assert house.job(job) == ("done", CUSTOMERS)
    tagged = "SELECT count(*) FROM customers_customer WHERE tags IN ('fair', 'vip, fair')"
    assert house.ask(tagged) == [(CUSTOMERS,)]
    changes = "SELECT count(*), count(DISTINCT id) FROM customers_historicalcustomer"
    assert house.ask(f"{changes} WHERE history_type = '~'") == [(CUSTOMERS, CUSTOMERS)]
    assert house.ask("SELECT count(*) FROM customers_bulkrow") == [(CUSTOMERS,)]

    (undo,) = house.run("undo", job)
    house.kill_in_the_middle(undo)
    house.run("work", undo)
    assert house.job(undo) == ("done", CUSTOMERS)
    assert house.ask(tagged) == [(0,)]
    assert house.ask("SELECT count(*) FROM customers_customer WHERE tags = 'vip'") == [
        (CUSTOMERS // 3,)
    ]
    assert house.ask(f"{changes} WHERE history_type = '~'") == [(2 * CUSTOMERS, CUSTOMERS)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database(request, tmp_path):
    if request.param == "sqlite":
        yield ""
        return
    with postgres_server(tmp_path) as url:
        yield url


def test_several_bulk_changes_and_an_editor_at_once_lose_nothing(environment, database):
    """Each of the same customers: nobody waits for ever, nobody overwrites another."""
    if database:
        environment["DATABASE_URL"] = database
    house = House(environment)
    house.run("prepare")
    jobs = subprocess.run(
        [*COMMAND, "deeds"], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    together = [[*COMMAND, "quick", job] for job in jobs] + [[*COMMAND, "edit"]]
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    command, env=environment, cwd=ROOT, text=True,
                    stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                )
            )
            for command in together
        ]  # fmt: skip
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [(process.communicate(timeout=180)[1], process.returncode) for process in running]
    assert [error for error, code in ended if code] == []
    told = house.tell(
        "from customers.models import Customer, CustomerTag, BulkRow\n"
        "from customers.models.tags import tag_words\n"
        "wanted = {'one', 'two'}\n"
        "print([Customer.objects.filter(stage='customer').count(),"
        " sum(tag_words(c.tags) == wanted for c in Customer.objects.all()),"
        " CustomerTag.objects.count(), BulkRow.objects.count(),"
        " Customer.objects.filter(city='Bern').count()])"
    )
    changes = 3 * CUSTOMERS + CUSTOMERS // 3
    assert told == str([CUSTOMERS, CUSTOMERS, 2 * CUSTOMERS, changes, CUSTOMERS // 5])
