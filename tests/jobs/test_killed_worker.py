"""kill -9 in the middle of a job costs the batch that was under way, and doubles none."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.jobs.worker"]


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(tmp_path / "var"),
        "CRM_SECRET_KEY": "only for one test " * 4,
        "CRM_KEY_RING": "",
        "DJANGO_SETTINGS_MODULE": os.environ.get("CRM_TEST_WORKER_SETTINGS", "crm.settings"),
    }


class Watched:
    """The job as its own database file has it, without starting Django for every look."""

    def __init__(self, environment):
        self.environment = environment
        self.job_id = self.run("prepare")

    def run(self, *command):
        done = subprocess.run(
            [*COMMAND, *command],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def start(self):
        return subprocess.Popen([*COMMAND, "work", self.job_id], env=self.environment, cwd=ROOT)

    def ask(self, sql, *values):
        path = Path(self.environment["CRM_DATA_DIR"]) / "crm.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as database, database:
            return database.execute(sql, values).fetchall()

    @property
    def job(self):
        return self.ask("SELECT state, done FROM jobs_job")[0]

    def a_minute_passes(self):
        past = datetime.now(UTC) - timedelta(seconds=61)
        self.ask("UPDATE jobs_job SET heartbeat_at = ?", past.strftime("%Y-%m-%d %H:%M:%S"))


def test_a_killed_worker_loses_no_batch_and_doubles_none(environment):
    watched = Watched(environment)
    for _kill in range(3):
        before = watched.job[1]
        process = watched.start()
        while watched.job[1] < before + 2:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        state, done = watched.job
        assert state == "running"
        watched.run("work", watched.job_id)  # too early: that worker may still live
        assert watched.job == (state, done)
        watched.a_minute_passes()
    watched.run("work", watched.job_id)
    assert watched.job == ("done", 20)
    names = [name for (name,) in watched.ask("SELECT name FROM staff_team")]
    assert sorted(int(name.split()[1]) for name in names) == list(range(20))
    assert {name.split()[-1] for name in names} == {"1", "2", "3", "4"}, "each attempt did some"
