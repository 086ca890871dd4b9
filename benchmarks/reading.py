"""How fast files of each format are read, beside the plainest reader there is for it.

    python benchmarks/reading.py [--rows 100000]

Ours opens the file (which proves its encoding and finds its columns) and reads every record;
beside it stand the csv and json modules, pyarrow and a count of lines. The last column is the ratio
of the two times. Rows a second matter too: an import writes some thousand rows a second.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import pyarrow
import pyarrow.parquet

django.setup()


from quality.reading import open_table  # noqa: E402
from tests.quality.files import opendocument, rows_of, workbook  # noqa: E402

HEADER = ("name", "email", "phone", "street", "city", "birth_date", "notes")


def person(number: int) -> tuple[str, ...]:
    return (
        f"Jürgen Müller {number}",
        f"j.mueller{number}@example.org",
        f"+4930901{number:06}",
        f"Lange Straße {number % 200}",
        "Köln",
        f"19{number % 90 + 10}-03-07",
        "calls on Friday",
    )


def files(people: list[tuple[str, ...]]) -> dict[str, tuple[bytes, Callable[[bytes], Any]]]:
    """Format -> the file, and the plain way to read it."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *people])
    entries = [dict(zip(HEADER, one, strict=True)) for one in people]
    parquet = io.BytesIO()
    columns = dict(zip(HEADER, map(list, zip(*people, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), parquet)
    few = [HEADER, *people[: len(people) // 10]]
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    sheet = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in few
    )
    lines = ["FN", "EMAIL", "TEL", "NOTE"]
    cards = "".join(
        "BEGIN:VCARD\nVERSION:3.0\n"
        + "".join(f"{key}:{one[at]}\n" for key, at in zip(lines, (0, 1, 2, 6), strict=True))
        + "END:VCARD\n"
        for one in people
    )
    return {
        "csv": (text.getvalue().encode(), _plain_csv),
        "csv, Windows-1252": (
            text.getvalue().encode("cp1252"),
            partial(_plain_csv, codec="cp1252"),
        ),
        "json lines": ("\n".join(map(json.dumps, entries)).encode(), _plain_lines),
        "json": (json.dumps(entries, ensure_ascii=False).encode(), json.loads),
        "parquet": (parquet.getvalue(), _plain_parquet),
        "xlsx (a tenth)": (workbook(rows_of(*few)), len),
        "ods (a tenth)": (opendocument(sheet), len),
        "vcard": (cards.encode(), lambda data: data.decode().splitlines()),
    }


def _plain_csv(data: bytes, codec: str = "utf-8") -> int:
    return sum(1 for _ in csv.reader(io.TextIOWrapper(io.BytesIO(data), codec, newline="")))


def _plain_lines(data: bytes) -> int:
    return sum(1 for line in data.splitlines() if json.loads(line))


def _plain_parquet(data: bytes) -> list[Any]:
    found: list[Any] = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    return found


def seconds(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    people = [person(number) for number in range(parser.parse_args().rows)]
    print(
        f"{'format':20} {'MB':>6} {'open':>7} {'read':>7} {'rows/s':>9} {'plain':>7} {'ratio':>6}"
    )
    for name, (data, plain) in files(people).items():
        opened = seconds(lambda data=data: open_table(io.BytesIO(data), ""))
        table = open_table(io.BytesIO(data), "")
        rows = 0

        def read_all(table: Any = table) -> None:
            nonlocal rows
            rows = sum(1 for _ in table.records())

        took = seconds(read_all)
        beside = seconds(partial(plain, data))
        ratio = f"{(opened + took) / beside:6.1f}" if plain is not len else "     -"
        print(
            f"{name:20} {len(data) / 1e6:6.1f} {opened:7.2f} {took:7.2f}"
            f" {rows / (opened + took):9,.0f} {beside:7.2f} {ratio}"
        )


if __name__ == "__main__":
    main()
