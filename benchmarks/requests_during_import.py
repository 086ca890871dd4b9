"""How long staff wait for a page while a large file comes in.

    python -m benchmarks.requests_during_import [--rows 20000] [--seconds 40]
                                                [--database sqlite|postgresql|both]

Starts the whole product with two web processes and two workers, on PostgreSQL and on SQLite, with
demo customers. Four members of staff open pages, list, search, edit and log calls, one request
after the other with a short pause: first with nobody else there, then while messy rows
(benchmarks/messy_rows.py) are imported. The same run gives both columns, so their ratio stands
where the machine is slow. Ends with 1 if a request failed or waited a second for the import.
"""

import argparse
import contextlib
import csv
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.messy_rows import messy_rows
from tests.product import ROOT, Product, product
from tests.servers import postgres_server
from tests.visitors import Forms, Visitor

PASSWORD = "only-for-measuring-7-9"
STAFF = ("editor", "lister", "caller", "searcher")
TERMS = ("Anna", "müller", "zhang", "an be", "C-000017", "nobody@example.org", "gmbh")
DEMO = 3_000
ONE_SECOND = 1.0
SEED = f"""
from staff.roles import Role
from staff.services import create_staff, system_user
for name in {STAFF!r}:
    user, _password = create_staff(
        actor=system_user(), username=name, roles=[Role.DATA_STEWARD, Role.SALES],
        must_change_password=False)
    user.set_password({PASSWORD!r})
    user.save()
"""
SOME_KEYS = """
from customers.models import Customer
for key in Customer.objects.order_by("?").values_list("pk", flat=True)[:200]:
    print(key)
"""
START = """
from customers.imports import batches, mapping
from customers.imports.reading import open_plain
from jobs.doors import wake
from quality.reading import open_table
from staff.services import system_user
table = open_table(open_plain({path!r}), {path!r})
batch = batches.begin_file(actor=system_user(), path={path!r})
wake(batches.start(actor=system_user(), batch=batch, source_name="shop",
    columns=mapping.settle(table.columns), header=table.columns, on_duplicate="review",
    options={{}}, door="task", path={path!r}))
"""
STATE = """
from jobs.models import Job
job = Job.objects.get(kind="import_customers")
print(job.state, job.done or 0)
"""


class AtWork(threading.Thread):
    """One member of staff. `waited` is what each request took, by what it was for, in seconds."""

    def __init__(self, made: Product, name: str, keys: list[str], pause: float) -> None:
        super().__init__(daemon=True)
        self.visitor = Visitor(made, name, PASSWORD)
        self.keys, self.pause = keys, pause
        self.chance = random.Random(name)
        self.waited: dict[str, list[float]] = {}
        self.problems: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        doings = (self.edit, self.look_at_lists, self.log_a_call, self.find)
        while not self.stopping.is_set():
            for do in self.chance.sample(doings, len(doings)):
                try:
                    do()
                except Exception as problem:
                    self.problems.append(f"{do.__name__}: {problem!r}")

    def timed(self, kind: str, expected: int, ask: Callable[[], Any]) -> Any:
        self.stopping.wait(self.pause)
        began = time.perf_counter()
        answer = ask()
        self.waited.setdefault(kind, []).append(time.perf_counter() - began)
        if answer.status_code != expected:
            self.problems.append(f"{kind}: {answer.status_code}")
        return answer

    def page(self) -> tuple[str, Any]:
        key = self.chance.choice(self.keys)
        path = f"/customers/customer/{key}/change/"
        return key, self.timed("open a customer", 200, lambda: self.visitor.get(path))

    def edit(self) -> None:
        key, page = self.page()
        data = Forms(page.text).with_field("_seen_version")
        data["region"] = f"Region {self.chance.random():.6f}"
        path = f"/customers/customer/{key}/change/"
        self.timed("save a customer", 302, lambda: self.visitor.post(path, data))

    def look_at_lists(self) -> None:
        for query in ("", "?stage__exact=lead", "?owner=nobody&o=5", "?p=3"):
            path = f"/customers/customer/{query}"
            self.timed("list", 200, lambda path=path: self.visitor.get(path))
        self.timed("home page", 200, lambda: self.visitor.get("/"))

    def log_a_call(self) -> None:
        key, page = self.page()
        data = Forms(page.text).with_field("submission") | {"text": "Asked about the delivery."}
        path = f"/customers/interaction/log/{key}/"
        self.timed("log a call", 302, lambda: self.visitor.post(path, data))

    def find(self) -> None:
        term = {"term": self.chance.choice(TERMS)}
        self.timed("suggest", 200, lambda: self.visitor.post("/customers/customer/suggest/", term))
        self.timed("search", 200, lambda: self.visitor.post("/customers/customer/search/", term))


@contextlib.contextmanager
def at_work(made: Product, keys: list[str], pause: float) -> Iterator[list[AtWork]]:
    people = [AtWork(made, name, keys, pause) for name in STAFF]
    for one in people:
        one.start()
    try:
        yield people
    finally:
        for one in people:
            one.stopping.set()
        for one in people:
            one.join(120)


@contextlib.contextmanager
def second_worker(made: Product) -> Iterator[None]:
    """Beside the one of the Procfile."""
    command = "-m celery -A crm -q worker --loglevel ERROR --concurrency 1 -n second@%h"
    process = subprocess.Popen(
        [sys.executable, *command.split()], env=made.environment, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def write_rows(path: Path, count: int) -> None:
    rows = messy_rows(count)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def import_meanwhile(made: Product, path: Path) -> float:
    """Seconds until all of it was in; one more look than needed costs the others a query."""
    made.inside(START.format(path=str(path)))
    began = time.perf_counter()
    while (state := made.inside(STATE).split()[0]) in ("queued", "running"):
        time.sleep(1)
    assert state == "done", state
    return time.perf_counter() - began


def together(people: list[AtWork]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for one in people:
        for kind, waited in one.waited.items():
            found.setdefault(kind, []).extend(waited)
    return {kind: sorted(waited) for kind, waited in found.items()}


def told(waited: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and the longest, in milliseconds."""
    places = (len(waited) // 2, len(waited) * 95 // 100, len(waited) - 1)
    middle, most, longest = (waited[place] * 1000 for place in places)
    return middle, most, longest


def report(alone: dict[str, list[float]], beside: dict[str, list[float]]) -> bool:
    """Prints the table; True if somebody waited a second longer than without the import."""
    late = False
    print(f"{'ms':18}{'alone: p50':>12}{'p95':>7}{'max':>7}{'import: p50':>14}{'p95':>7}{'max':>7}")
    for kind in sorted(alone):
        if kind not in beside:
            continue
        before, during = told(alone[kind]), told(beside[kind])
        late = late or during[2] - before[0] > ONE_SECOND * 1000
        print(
            f"{kind:18}{before[0]:12.0f}{before[1]:7.0f}{before[2]:7.0f}"
            f"{during[0]:14.0f}{during[1]:7.0f}{during[2]:7.0f}"
            f"   p50 × {during[0] / before[0]:.1f}, p95 × {during[1] / before[1]:.1f}"
            f"   of {len(alone[kind])} and {len(beside[kind])}"
        )
    return late


def measure(database: str, wanted: argparse.Namespace) -> bool:
    """False if a request failed, or waited a second for the import."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-b-")))
        options = {"CRM_DEMO": "0", "CRM_LOG_LEVEL": "ERROR", "CRM_WEB_PROCESSES": "2"}
        if database == "postgresql":
            options["DATABASE_URL"] = stack.enter_context(postgres_server(directory))
        made = stack.enter_context(product(directory, **options))
        made.start()
        stack.enter_context(second_worker(made))
        made.inside(SEED)
        made.manage("make_demo", "--customers", str(DEMO), "--yes")
        keys = made.inside(SOME_KEYS).split()
        path = directory / "rows.csv"
        write_rows(path, wanted.rows)
        with at_work(made, keys, wanted.pause) as warm:
            time.sleep(5)
        with at_work(made, keys, wanted.pause) as alone:
            time.sleep(wanted.seconds)
        with at_work(made, keys, wanted.pause) as beside:
            took = import_meanwhile(made, path)
    print(f"{database}: {wanted.rows:,} rows in {took:.0f} s beside {len(STAFF)} people at work")
    late = report(together(alone), together(beside))
    problems = [problem for one in (*warm, *alone, *beside) for problem in one.problems]
    print(f"{len(problems)} requests failed" + "".join(f"\n    {one}" for one in problems[:5]))
    return not (late or problems)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=40, help="Without the import (40).")
    parser.add_argument("--pause", type=float, default=0.2, help="Between two requests (0.2).")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    names = ("postgresql", "sqlite") if wanted.database == "both" else (wanted.database,)
    good = [measure(name, wanted) for name in names]
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
