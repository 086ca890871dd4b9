"""How many messy rows a second come in clean, encrypted, indexed and with history.

    python -m benchmarks.import_customers [--rows 20000] [--file FILE]

Makes a database of its own in a temporary directory, and messy rows (benchmarks/messy_rows.py)
unless it is given a file. Beside our import it runs django-import-export's
bulk mode (no preview, no history, plain columns, nothing cleaned) over the same rows, when that
package is there; it is no part of this product: `pip install django-import-export`.

Rates are per second of processor time of one core, which a busy machine disturbs least; what was
waited in all stands beside it.
"""

import argparse
import csv
import os
import resource
import secrets
import tempfile
import time
from pathlib import Path

from benchmarks.messy_rows import messy_rows


def set_up(directory: str, database: str = "") -> None:
    """Django with data of its own: in the SQLite file of the directory, or where the URL says."""
    os.environ |= {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": directory,
        "CRM_SECRET_KEY": secrets.token_urlsafe(60),
        "CRM_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }
    for name in ("DATABASE_URL", "CRM_KEY_RING", "CRM_KEY_RING_JSON"):
        os.environ.pop(name, None)
    if database:
        os.environ["DATABASE_URL"] = database
    import django
    from django.core.management import call_command

    with open(os.devnull, "w") as nowhere:
        django.setup()
        call_command("create_key_ring", stdout=nowhere, stderr=nowhere)
        call_command("migrate", verbosity=0, stdout=nowhere)


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


class Longest:
    """The longest time the database was held."""

    def __init__(self) -> None:
        from jobs.sharing import SharedLock

        self.seconds = 0.0
        self.all: list[float] = []
        leave = SharedLock.__exit__

        def watched(lock: SharedLock, *problem: object) -> None:
            leave(lock, *problem)
            self.all.append(lock.held)

        SharedLock.__exit__ = watched  # type: ignore[method-assign]

    def __str__(self) -> str:
        held = sorted(self.all)
        middle, most = held[len(held) // 2], held[-1]
        return f"lock held {middle * 1000:.0f} ms (median), {most * 1000:.0f} ms (longest)"


def our_import(path: Path, source: str) -> dict[str, float]:
    from customers.imports import batches, mapping
    from customers.imports.reading import open_plain
    from jobs.services import run_job
    from quality.reading import open_table
    from staff.services import system_user

    table = open_table(open_plain(str(path)), path.name)
    batch = batches.begin_file(actor=system_user(), path=str(path))
    job = batches.start(
        actor=system_user(),
        batch=batch,
        source_name=source,
        columns=mapping.settle(table.columns),
        header=table.columns,
        on_duplicate="review",
        options={},
        door="command",
        path=str(path),
    )
    began, wall = time.process_time(), time.perf_counter()
    job = run_job(job_id=job.pk)
    took = time.process_time() - began
    assert job.result, job.error
    return {**job.result, "cpu": took, "wall": time.perf_counter() - wall}


def report(label: str, rows: int, cpu: float, wall: float, more: str = "") -> None:
    print(
        f"{label:46} {rows / cpu:8,.0f} rows/s of one core, {rows / wall:8,.0f} rows/s waited{more}"
    )


def import_export(rows: list[dict[str, str]]) -> None:
    """Bulk mode on plain columns: the fastest way that package has."""
    try:
        import tablib
        from import_export import resources
    except ImportError:
        print("django-import-export is not installed: pip install django-import-export")
        return
    from django.db import connection, models

    class Plain(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "benchmark"

    for name in rows[0]:
        models.TextField(db_index=name in ("email", "phone")).contribute_to_class(Plain, name)
    with connection.schema_editor() as editor:
        editor.create_model(Plain)

    class PlainResource(resources.ModelResource):
        class Meta:
            model = Plain
            use_bulk = True
            batch_size = 1000
            force_init_instance = True
            skip_diff = True
            skip_html_diff = True
            import_id_fields: list[str] = []
            fields = tuple(rows[0])

    data = tablib.Dataset(*(list(row.values()) for row in rows), headers=list(rows[0]))
    began, wall = time.process_time(), time.perf_counter()
    PlainResource().import_data(data, raise_errors=True)
    took = time.process_time() - began
    assert Plain.objects.count() == len(rows)
    report(
        "django-import-export, bulk, plain, uncleaned", len(rows), took, time.perf_counter() - wall
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--file", type=Path, help="A CSV file of your own.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crm-benchmark-") as directory:
        set_up(directory)
        if wanted.file:
            with wanted.file.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        else:
            rows = messy_rows(wanted.rows)
        warm = write(Path(directory) / "warm.csv", rows[:200])
        our_import(warm, "to load what is loaded once")
        path = write(Path(directory) / "rows.csv", rows)
        lock = Longest()
        for label, source in (
            ("first time: cleaned, encrypted, with history", "shop"),
            ("the same file again", "shop"),
        ):
            result = our_import(path, source)
            outcomes = ", ".join(
                f"{result[name]} {name}"
                for name in ("created", "unchanged", "repeated", "review", "set_aside")
                if result[name]
            )
            report(label, len(rows), result["cpu"], result["wall"], f"; {outcomes}")
        print(lock)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory {peak:.0f} MB at most")
        import_export(rows)


if __name__ == "__main__":
    main()
