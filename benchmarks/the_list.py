"""How quick the list of customers is, whatever is chosen, and how quickly many are changed.

    python -m benchmarks.the_list [--customers 100000]

Makes a database of its own in a temporary directory. The list is asked for as a browser asks, each
kind of page several times; the best counts, and beside it the processor time. Then all customers
are tagged and the tag is taken back, with somebody writing all the while: what counts there is how
long the longest portion held the database, and how long they waited.
"""

import argparse
import contextlib
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks.import_customers import set_up

AT_ONCE = 5_000
TRIES = 7
CITIES = ("Berlin", "Hamburg", "杭州", "Paris", "São Paulo", "Aachen", "Zürich")
PAGES = {
    "the list": {},
    "the second page": {"p": "2"},
    "by city": {"o": "5"},
    "stage: lead": {"stage__exact": "lead"},
    "owner: me": {"owner": "me"},
    "a rare tag": {"tag": "rare"},
    "a common tag": {"tag": "common"},
    "created this week": {"created": "week"},
    "not contacted for 90 days": {"last_contact": "over90"},
    "contacted in the last 30 days": {"last_contact": "within30"},
    "with open follow-ups": {"follow_up": "open"},
    "without e-mail": {"without": "email"},
    "three filters": {"stage__exact": "customer", "country": "DE", "owner": "nobody"},
}


def fill(count: int) -> Any:
    from django.utils import timezone

    from audit.context import acting
    from customers.models import Customer, FollowUp, Interaction
    from staff.roles import Role
    from staff.services import create_staff, system_user

    now = timezone.now()
    with acting(actor=None, door="system"):
        users = [
            create_staff(
                actor=system_user(), username=name, roles=[Role.DATA_STEWARD],
                must_change_password=False,
            )[0]
            for name in ("me", "you")
        ]  # fmt: skip
        for start in range(0, count, AT_ONCE):
            made = Customer.objects.audited_create(
                Customer(
                    given_name=f"Given{n}", family_name=f"Family{n}",
                    email=f"p{n}@example.com" if n % 50 else None, phone=f"+4915{n:09d}",
                    city=CITIES[n % 7], country=("DE", "CN", "FR")[n % 3],
                    stage=("lead", "prospect", "customer", "former")[n % 4],
                    owner=(None, *users)[n % 3],
                    tags="rare" if n % 1000 == 1 else "common" if n % 2 else "",
                    created_at=now - timedelta(days=(count - n) * 700 // count),
                    updated_at=now - timedelta(days=(count - n) * 400 // count),
                )
                for n in range(start, min(start + AT_ONCE, count))
            )  # fmt: skip
            Interaction.objects.audited_create(
                Interaction(customer=one, staff=users[0], happened_at=now - timedelta(days=n % 400))
                for n, one in enumerate(made[::2])
            )
            FollowUp.objects.audited_create(
                FollowUp(customer=one, what="Ring", due_at=now, assigned_to=users[1])
                for one in made[::40]
            )
    return users[0]


def best_of(work: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds that passed, and of the processor."""
    passed, used = [], []
    for _try in range(TRIES):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        passed.append(time.perf_counter() - clock)
        used.append(time.process_time() - processor)
    return min(passed) * 1000, min(used) * 1000


def measure_pages(user: Any) -> None:
    from django.test import Client
    from django.urls import reverse

    from customers.admin.columns import COLUMNS, MOST
    from customers.models import ListLayout

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    address = reverse("admin:customers_customer_changelist")

    def look(parameters: dict[str, str]) -> None:
        assert client.get(address, parameters).status_code == 200

    look({})
    for name, parameters in PAGES.items():
        passed, used = best_of(lambda parameters=parameters: look(parameters))
        print(f"{name:<32} {passed:7.0f} ms   processor {used:5.0f} ms")
    ListLayout.objects.create(user=user, columns=list(COLUMNS)[-MOST + 1 :])
    passed, used = best_of(lambda: look({}))
    print(f"{f'with {MOST} costly columns':<32} {passed:7.0f} ms   processor {used:5.0f} ms")


@contextlib.contextmanager
def portions_timed() -> Iterator[list[float]]:
    """How long each portion held the database."""
    from jobs.sharing import SharedLock

    held: list[float] = []
    plain = SharedLock.__exit__

    def told(self: SharedLock, *problem: object) -> None:
        plain(self, *problem)
        held.append(self.held)

    SharedLock.__exit__ = told  # type: ignore[method-assign]
    try:
        yield held
    finally:
        SharedLock.__exit__ = plain  # type: ignore[method-assign]


def write_meanwhile(path: str, stop: Any, longest: Any) -> None:
    """Somebody else at the same database file, with a small write every 20 ms."""
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
        while not stop.is_set():
            begun = time.perf_counter()
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE customers_numbercounter SET last = last")
            other.execute("COMMIT")
            longest.value = max(longest.value, time.perf_counter() - begun)
            time.sleep(0.02)


@contextlib.contextmanager
def somebody_writes() -> Iterator[Any]:
    """In a process of its own; yields the longest they waited, in seconds."""
    from django.db import connection

    apart = multiprocessing.get_context("spawn")
    stop, longest = apart.Event(), apart.Value("d", 0.0)
    path = str(connection.settings_dict["NAME"])
    other = apart.Process(target=write_meanwhile, args=(path, stop, longest))
    other.start()
    time.sleep(1)
    try:
        yield longest
    finally:
        stop.set()
        other.join()


def measure_bulk(user: Any, count: int) -> None:
    from customers.bulk.services import start_bulk, start_undo
    from customers.selection import Selection
    from jobs.services import run_job

    everybody = Selection.of_filters({}, user)
    change = start_bulk(
        actor=user, action="add_tag", options={"tag": "measured"}, selection=everybody
    )
    for name in ("tagged", "undone"):
        change.refresh_from_db()
        job_id = change.job_id if name == "tagged" else start_undo(actor=user, change=change).pk
        with somebody_writes() as waited, portions_timed() as held:
            begun, used = time.perf_counter(), time.process_time()
            job = run_job(job_id=job_id)
            took, used = time.perf_counter() - begun, time.process_time() - used
        assert job.state == "done", job.error
        assert job.done == count
        held.sort()
        milliseconds = [round(one * 1000) for one in held]
        print(
            f"{count:,} {name} in {took:.0f} s ({used:.0f} s of the processor), "
            f"{count / took:,.0f} a second; {len(held)} portions, half of them under "
            f"{milliseconds[len(held) // 2]} ms, 99 % under {milliseconds[len(held) * 99 // 100]} "
            f"ms, the longest {milliseconds[-1]} ms; somebody else waited "
            f"{waited.value * 1000:.0f} ms at most"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    options = parser.parse_args()
    from django.core.management import call_command

    with tempfile.TemporaryDirectory(prefix="crm-bench-") as directory:
        set_up(directory)
        call_command("collectstatic", interactive=False, verbosity=0)
        user = fill(options.customers)
        measure_pages(user)
        measure_bulk(user, options.customers)


if __name__ == "__main__":
    main()
