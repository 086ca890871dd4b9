"""How many demo customers a second are made, and how many a second leave in each format.

    python -m benchmarks.demo_and_export [--customers 100000]

Makes a database of its own in a temporary directory. Everything counts: numbers, sealing, indexes,
history, contact points, interactions and follow-ups on the way in; reading, opening, disclosure by
the matrix, writing and sealing on the way out. Memory is the most that one process ever held.
"""

import argparse
import datetime
import multiprocessing
import os
import resource
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.import_customers import set_up

WHY = "how fast it is"
USUAL = ("number", "given_name", "family_name", "organisation_name", "email", "phone", "city")
WIDE = (*USUAL, "street", "notes", "national_id", "further_email", "employer", "owner",
        "last_interaction", "open_follow_ups")  # fmt: skip


def make(wanted: int) -> int:
    from customers.demo.make import hire_colleagues, make_customers
    from staff.services import system_user

    today = datetime.date(2026, 11, 21)
    staff = hire_colleagues(actor=system_user())
    make_customers(actor=system_user(), wanted=wanted, seed=1, today=today, staff=staff)
    return wanted


def export(format: str, columns: tuple[str, ...]) -> int:
    from customers.exports.services import start_export
    from customers.models.exports import Export
    from customers.selection import Selection
    from jobs.services import run_job
    from staff.models import User

    steward = User.objects.get(username="ada.stern")
    asked = start_export(
        actor=steward, selection=Selection.of_filters({}, steward), columns=columns,
        format=format, reason=WHY,
    )  # fmt: skip
    job = run_job(job_id=asked.job_id)
    assert job.result, job.error
    print(f"    {Export.objects.get(pk=asked.pk).size / 2**20:.1f} MB", end=" ")
    return int(job.result["rows"])


def prepare(directory: str) -> None:
    """Django, on the database that the first of these processes made."""
    if not (Path(directory) / "keys" / "ring.json").exists():
        set_up(directory)
        return
    os.environ |= {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": directory,
        "CRM_SECRET_KEY": secrets.token_urlsafe(60),
        "CRM_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }
    for name in ("DATABASE_URL", "CRM_KEY_RING", "CRM_KEY_RING_JSON"):
        os.environ.pop(name, None)
    import django

    django.setup()


def in_a_process(directory: str, label: str, work: Callable[[], int]) -> None:
    """In one of its own, so that its memory is its own."""
    process = multiprocessing.get_context("fork").Process(
        target=_measured, args=(directory, label, work)
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def _measured(directory: str, label: str, work: Callable[[], int]) -> None:
    prepare(directory)
    began, wall = time.process_time(), time.perf_counter()
    rows = work()
    cpu, wall = time.process_time() - began, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{label:30} {rows / cpu:8,.0f} rows/s of one core, {rows / wall:8,.0f} rows/s waited, "
        f"{wall:6.1f} s, {peak:.0f} MB at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    wanted = parser.parse_args().customers
    with tempfile.TemporaryDirectory(prefix="crm-benchmark-") as directory:
        in_a_process(directory, f"make_demo, {wanted:,} customers", lambda: make(wanted))
        for format in ("csv", "xlsx", "parquet"):
            in_a_process(directory, f"{format}, 7 columns", lambda f=format: export(f, USUAL))
        in_a_process(directory, "csv, 14 columns", lambda: export("csv", WIDE))


if __name__ == "__main__":
    main()
