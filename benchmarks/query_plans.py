"""Which pages read a whole table, and how long each takes, among many customers.

    python -m benchmarks.query_plans [--customers 100000] [--postgresql]

Makes a database of its own with demo customers (`make_demo`) and opens every page of the desk: the
list with each value of each filter in each order, what searches and suggestions find, one customer,
their timeline, the home page of each role, every other list. Each query they send is explained by
the database. Ends with 1 if a page reads a table of many rows from the first to the last, or
sorts one; counts of all that a filter lets through are told apart, for they have to.
"""

import argparse
import datetime
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.import_customers import set_up

# Of each of these there are as many as customers, or more.
LARGE = frozenset(
    {
        "customers_customer", "customers_historicalcustomer", "customers_customername",
        "customers_customertag", "customers_contactpoint", "customers_historicalcontactpoint",
        "customers_address", "customers_historicaladdress", "customers_interaction",
        "customers_historicalinteraction", "customers_followup", "customers_historicalfollowup",
        "customers_sourcerecord", "customers_importrow", "customers_waitingkey",
        "customers_bulkrow",
    }
)  # fmt: skip


def fill(wanted: int) -> None:
    from django.db import connection

    from customers.demo.make import hire_colleagues, make_customers
    from customers.tallies import refresh_tallies
    from staff.services import system_user

    staff = hire_colleagues(actor=system_user())
    today = datetime.date.today()
    make_customers(actor=system_user(), wanted=wanted, seed=1, today=today, staff=staff)
    refresh_tallies()
    if connection.vendor == "postgresql":  # what autovacuum does a minute later
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


class Watched:
    """Explains each SELECT once for each page that sends it, and times them all."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, float]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        answer = execute(sql, params, many, context)
        self.asked.append((sql, params, time.perf_counter() - begun))
        return answer

    def findings(self) -> Iterator[tuple[str, str]]:
        """Each query that reads too much, and what is to be said of it."""
        from tests.plans import plan_of

        for sql, params, seconds in self.asked:
            if not sql.lstrip().startswith(("SELECT", "WITH")):
                continue
            plan = plan_of(sql, params)
            whole = sorted(plan.whole & LARGE)
            if whole or plan.sorted & LARGE:
                told = f"reads the whole of {', '.join(whole)}" if whole else "sorts"
                yield sql, f"{told} ({seconds * 1000:.0f} ms): {sql[:3000]}\n{plan.text}"


def measure(*, told: bool) -> int:
    from django.db import connection
    from django.test import Client

    from staff.models import User
    from tests.customers.every_page import every_page

    found: dict[str, list[str]] = {}
    opened = 0
    took: list[tuple[float, str]] = []
    for name in ("lena.hoffmann", "ada.stern"):
        user = User.objects.get(username=name)
        user.must_change_password = False
        user.save()
        browser = Client(headers={"host": "localhost"})
        browser.force_login(user)
        for page in every_page(user):
            watched = Watched()
            begun = time.perf_counter()
            with connection.execute_wrapper(watched):
                page.open(browser)
            took.append(((time.perf_counter() - begun) * 1000, f"{page.name} ({name})"))
            opened += 1
            for query, finding in () if page.counts else watched.findings():
                if query not in found:
                    print(f"{page.name} {finding if told else finding[:200]}", flush=True)
                found.setdefault(query, []).append(page.name)
    took.sort(reverse=True)
    for milliseconds, name in took[:12]:
        print(f"{milliseconds:7.0f} ms  {name}")
    middle = took[len(took) // 2][0]
    print(f"{opened} pages, half of them under {middle:.0f} ms; {len(found)} queries read too much")
    return int(bool(found))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--plans", action="store_true", help="Show whole queries and plans.")
    wanted = parser.parse_args()
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-bench-"))
        database = ""
        if wanted.postgresql:
            from tests.servers import postgres_server

            database = stack.enter_context(postgres_server(Path(directory)))
        set_up(directory, database)
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        fill(wanted.customers)
        return measure(told=wanted.plans)


if __name__ == "__main__":
    sys.exit(main())
