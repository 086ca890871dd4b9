# ruff: noqa: F811
"""Contact points through kill -9, overlapping imports and undo: every table as it was before.

In formats other than CSV, so that these too are read again from where an import stopped.
"""

import json
import subprocess
import time

import pytest

from .importing import write_csv
from .test_import_survives import (  # noqa: F401
    command,
    counted,
    database,
    home,
    import_json,
    kill_once_rows_are_in,
    people,
    run,
)

TABLES = ("customer", "contactpoint", "customername", "sourcerecord", "waitingkey", "customertag")


def rows_of(many, **more):
    for number, person in enumerate(people(many)):
        yield (
            {"id": str(number)}
            | person
            | {
                "Mobile": f"+49 151 {70000000 + number}",
                "e-mail 2": f"k{number}@home.example.org",
            }
            | more
        )


def everything_in(environment):
    """All rows of what customers are, as stored; names get new keys when they are made again."""
    tables = {}
    with database(environment) as connection:
        for table in TABLES:
            cursor = connection.execute(f"SELECT * FROM customers_{table}")
            names = [column[0] for column in cursor.description]
            left_out = {"id"} if table in ("customername", "customertag") else set()
            tables[table] = sorted(
                repr([v for n, v in zip(names, row, strict=True) if n not in left_out])
                for row in cursor
            )
    return tables


def finish(environment):
    """Another worker finds the silent job and goes on with it."""
    with database(environment) as connection:
        connection.execute(
            "UPDATE jobs_job SET heartbeat_at = '2026-01-01 00:00:00' WHERE state = 'running'"
        )
        (job,) = connection.execute("SELECT id FROM jobs_job WHERE state = 'running'").fetchone()
    run(
        environment,
        "shell",
        "-v0",
        "-c",
        f"from jobs.services import run_job; run_job(job_id='{job}')",
    )
    with database(environment) as connection:
        state, result = connection.execute(
            "SELECT state, result FROM jobs_job WHERE id = ?", (job,)
        ).fetchone()
    assert state == "done"
    return json.loads(result)


def write(path, rows):
    rows = list(rows)
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
    elif path.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        write_csv(path, *rows)
    return path


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_killed_import_of_another_format_goes_on_and_its_undo_leaves_nothing(
    home,
    tmp_path,
    suffix,
):
    import_json(home, write(tmp_path / "first.csv", rows_of(300)))
    before = everything_in(home)
    file = write(tmp_path / f"many{suffix}", rows_of(2500, WeChat="klaus_h", city="Bonn"))
    process = subprocess.Popen(
        command("import_customers", file, "--source", "shop"),
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    kill_once_rows_are_in(home, process, 700)
    result = finish(home)
    assert (result["rows"], result["updated"], result["created"]) == (2500, 300, 2200)
    assert result["contact_points"] == 300 + 3 * 2200
    assert counted(home, "customers_contactpoint") == 3 * 2500
    assert counted(home, "customers_historicalcontactpoint") == 3 * 2500
    with database(home) as connection:
        (cells,) = connection.execute(
            "SELECT cells FROM customers_importbatch WHERE number = 2"
        ).fetchone()
    cells = json.loads(cells)
    assert (cells["rows"], cells["unreadable"]) == (2500, 0)
    assert {filled for filled, _lost in cells["columns"].values()} == {2500}
    undo = subprocess.Popen(
        command("undo_import", "2"), env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _attempt in range(600):
        assert undo.poll() is None, "it was over before it could be killed"
        if counted(home, "customers_customer", "kind='person'") < 2300:
            break
        time.sleep(0.02)
    undo.kill()
    undo.wait()
    with database(home) as connection:
        connection.execute("UPDATE jobs_job SET heartbeat_at='2026-01-01' WHERE state='running'")
    undone = json.loads(run(home, "undo_import", "2", "--json").stdout)
    assert (undone["kept"], undone["failed"]) == ([], [])
    assert everything_in(home) == before


def test_two_at_once_with_one_source_write_no_point_twice(home, tmp_path):
    import_json(home, write(tmp_path / "first.csv", rows_of(200)))
    before = everything_in(home)
    file = write(tmp_path / "many.json", rows_of(900, WeChat="klaus_h"))
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
        output, problems = process.communicate(timeout=240)
        assert process.returncode == 0, problems
        results.append(json.loads(output))
    assert sum(result["contact_points"] for result in results) == 200 + 3 * 700
    assert counted(home, "customers_contactpoint") == 3 * 900
    for result in reversed(results):
        undone = json.loads(run(home, "undo_import", result["batch"], "--json").stdout)
        assert undone["failed"] == []
    # What one of the two made and the other only met is nobody's to keep once both are undone.
    left = {result["batch"] for result in results}
    for batch in left:
        run(home, "undo_import", batch, check=False)
    assert everything_in(home)["contactpoint"] == before["contactpoint"]
    assert everything_in(home) == before
