"""Two web processes and two workers at once: imports, edits and kill -9, and nothing is lost.

On the embedded defaults without a Redis, and on the servers of production. What staff wait for meanwhile is measured
in benchmarks/, not here.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.customers.importing import KLAUS, write_csv
from tests.product import ROOT, product
from tests.servers import postgres_server, redis_server
from tests.visitors import Forms, Visitor, words_of

pytestmark = pytest.mark.servers

ROWS = 1500
FIELDS = {"editor0": "region", "editor1": "job_title", "editor2": "street"}
PASSWORD = "correct-horse-battery-7"
SHARED = 5
START_IMPORT = """
from customers.imports import batches, mapping
from customers.imports.reading import open_plain
from jobs.doors import wake
from quality.reading import open_table
from staff.services import system_user
table = open_table(open_plain({path!r}), {path!r})
batch = batches.begin_file(actor=system_user(), path={path!r})
wake(batches.start(actor=system_user(), batch=batch, source_name="shop",
    columns=mapping.settle(table.columns), header=table.columns, on_duplicate="review",
    options={{"today": "2026-01-01"}}, door="task", path={path!r}))
"""
SEED = f"""
from customers.models import Customer
from staff.roles import Role
from staff.services import create_staff, system_user
for name in {list(FIELDS)}:
    user, _password = create_staff(
        actor=system_user(), username=name, roles=[Role.DATA_STEWARD], must_change_password=False)
    user.set_password({PASSWORD!r})
    user.save()
Customer.objects.audited_create(
    Customer(given_name=f"Shared{{n}}", family_name="Of All") for n in range({SHARED}))
"""
OLD = "2026-01-01 00:00:00+00:00"
SILENCE = f"""
from jobs.models import Job
from jobs.tasks import requeue_silent_jobs
Job.objects.filter(state="running").update(heartbeat_at={OLD!r})
requeue_silent_jobs()
"""
RESULT = """
import json
from collections import Counter
from customers.models import Customer, ImportBatch
from jobs.models import Job
def many(values): return max(Counter(map(str, values)).values(), default=0)
print(json.dumps({
    "jobs": sorted({job.state for job in Job.objects.filter(kind="import_customers")}),
    "rows": [batch.counts.get("rows") for batch in ImportBatch.objects.all()],
    "made": Customer.objects.filter(given_name__startswith="Klaus").count(),
    "same_mail": many(one.email for one in Customer.objects.exclude(email=None)),
    "same_number": many(Customer.objects.values_list("number", flat=True)),
    "unlike_history": sum(
        (one.region, one.job_title, one.street) != (
            (last := one.history.latest()).region, last.job_title, last.street)
        for one in Customer.objects.filter(family_name="Of All")),
    "shared": {str(one.pk): [one.region, one.job_title, one.street]
               for one in Customer.objects.filter(family_name="Of All")},
}))
"""


class Editor(threading.Thread):
    """A member of staff with a browser, who changes one field of everybody again and again."""

    def __init__(self, made, name, customers):
        super().__init__(daemon=True)
        self.name, self.customers = name, customers
        self.visitor = Visitor(made, name, PASSWORD)
        self.stopping = threading.Event()
        self.last = {}
        self.problems = []

    def run(self):
        turn = 0
        try:
            while not self.stopping.is_set():
                turn += 1
                for key in self.customers:
                    self._edit(key, f"{self.name} {turn}")
        except Exception as problem:
            self.problems.append(repr(problem))

    def _edit(self, key, text):
        path = f"/customers/customer/{key}/change/"
        for _attempt in range(20):  # a web process that was killed takes its requests with it
            with contextlib.suppress(requests.RequestException):
                page = Forms(self.visitor.get(path).text)
                data = page.with_field("_seen_version") | {FIELDS[self.name]: text}
                answer = self.visitor.post(path, data)
                if answer.status_code == 302:
                    self.last[key] = text
                    return
                self.problems.append(f"{answer.status_code}: {words_of(answer.text)}")
                return
            time.sleep(0.5)
        self.problems.append("the web server never came back")


def processes(made, *words):
    """Our processes whose command line has these words, with their parents."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
            ours = made.environment["CRM_DATA_DIR"] in environment
            if ours and "supervise.py" not in command and all(word in command for word in words):
                found[int(entry.name)] = int((entry / "stat").read_text().split()[3])
    return found


def kill_a_child(made, *words):
    """kill -9 of a process that does the work, not of the one that watches it."""
    found = processes(made, *words)
    child = next(pid for pid, parent in found.items() if parent in found)
    os.kill(child, signal.SIGKILL)


@contextlib.contextmanager
def second_worker(made):
    """Beside the one of the Procfile."""
    command = "-m celery -A crm -q worker --loglevel WARNING --concurrency 1 -n second@%h"
    process = subprocess.Popen(
        [sys.executable, *command.split()],
        env=made.environment, cwd=ROOT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(params=["SQLite, files", "PostgreSQL, Redis"])
def made(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("e")
    environment = {"CRM_DEMO": "0", "CRM_LOG_LEVEL": "ERROR", "CRM_WEB_PROCESSES": "2"}
    with contextlib.ExitStack() as stack:
        if "PostgreSQL" in request.param:
            environment["DATABASE_URL"] = stack.enter_context(postgres_server(directory))
        if "Redis" in request.param:
            environment["REDIS_URL"] = stack.enter_context(redis_server(directory))
        else:
            environment["REDIS_URL"] = "filesystem://localhost"
        yield stack.enter_context(product(directory, **environment))


def wait_for(question, seconds=240):
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)
    return answer


def test_imports_edits_and_kills_at_once_lose_and_double_nothing(made, tmp_path):
    made.start()
    made.inside(SEED)
    customers = list(result(made)["shared"])
    editors = [Editor(made, name, customers) for name in FIELDS]
    for editor in editors:
        editor.start()
    with second_worker(made):
        # Half of each file stands in the other, too.
        start_import(made, tmp_path / "a.csv", range(ROWS))
        start_import(made, tmp_path / "b.csv", range(ROWS // 2, ROWS + ROWS // 2))
        wait_for(lambda: "running" in result(made)["jobs"] or result(made)["made"])
        kill_a_child(made, "celery", "worker")
        kill_a_child(made, "gunicorn")
        time.sleep(2)
        wait_for(lambda: finished(made))
    for editor in editors:
        editor.stopping.set()
        editor.join(30)
    assert [editor.problems for editor in editors] == [[], [], []]
    came_of_it(made, editors)


def start_import(made, path, numbers):
    rows = [
        KLAUS
        | {
            "first_name": f"Klaus{number}",
            "email": f"klaus{number}@example.org",
            "phone": f"+49 160 {7000000 + number}",
        }
        for number in numbers
    ]
    made.inside(START_IMPORT.format(path=str(write_csv(path, *rows))))


def finished(made):
    """A minute passes for whatever was killed; then its job is done by another worker."""
    if result(made)["jobs"] == ["done"]:
        return True
    made.inside(SILENCE)
    time.sleep(3)
    return False


def came_of_it(made, editors):
    found = result(made)
    assert found["rows"] == [ROWS, ROWS]
    assert found["made"] == ROWS + ROWS // 2
    assert (found["same_mail"], found["same_number"]) == (1, 1)
    assert found["unlike_history"] == 0
    for place, editor in enumerate(editors):
        assert editor.last
        for key, text in editor.last.items():
            assert found["shared"][key][place] == text


def result(made):
    return json.loads(made.inside(RESULT))
