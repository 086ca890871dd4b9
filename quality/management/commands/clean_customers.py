"""Clean a file of customers into another file, without a database.

OUT is UTF-8 CSV: `_row` (the number of the record in IN, from 1), then the columns of IN under
their names in their order. OUT.rejected.csv beside it lists the rows that cannot go through. Cells
that begin with =, +, - or @ stand in OUT as they are (a phone number begins with +): open OUT as
text, not by double click, in a program that would take them for formulas.
"""

import re
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pycountry
from django.core.management.base import CommandParser

from audit.commands import ActorCommand, CouldNotBeDone
from quality.mapping import MappingError, parse_mapping, recognised_mapping
from quality.pipeline import FillRule, Options
from quality.reading import UnreadableFile
from quality.services import CannotClean, Cleaning, clean_file

_FILL = re.compile(r"(?P<column>.+?)=(?:(?P<kind>derive|forward)|default:(?P<value>.+))", re.DOTALL)
PROGRESS_SECONDS = 2.0


def fill_rule(text: str) -> tuple[str, FillRule]:
    match = _FILL.fullmatch(text)
    if match is None:
        raise ArgumentTypeError(
            f"{text!r}: write COLUMN=derive, COLUMN=default:VALUE or COLUMN=forward."
        )
    if match["kind"] == "derive":
        return match["column"], FillRule("derive")
    if match["kind"] == "forward":
        return match["column"], FillRule("forward")
    return match["column"], FillRule("default", match["value"])


def country_code(text: str) -> str:
    code = text.strip().upper()
    if pycountry.countries.get(alpha_2=code) is None:
        raise ArgumentTypeError(f"{text!r} is no ISO 3166 country code such as CN or DE.")
    return code


class Command(ActorCommand):
    help = (
        "Clean a file of customers (CSV, TSV, XLSX, ODS, JSON, JSON lines, Parquet, vCard) into a "
        "UTF-8 CSV file; no database."
    )
    json_output = True
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("IN", type=Path, help="The file to clean; it is only read.")
        parser.add_argument("OUT", type=Path, help="The clean file; OUT.rejected.csv beside it.")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help='JSON {"column": "field"}; without it columns are recognised by their names.',
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="Where the report (JSON, masked) goes."
        )
        parser.add_argument(
            "--fill",
            type=fill_rule,
            action="append",
            default=[],
            metavar="COLUMN=derive|default:VALUE|forward",
            help="How empty cells of a column are filled; forward invents data.",
        )
        parser.add_argument(
            "--country", type=country_code, metavar="CC", help="Country of rows that name none."
        )
        parser.add_argument(
            "--sheet", metavar="NAME", help="Name or number (from 1) of the sheet of a workbook."
        )
        parser.add_argument(
            "--encoding",
            metavar="NAME",
            help="Encoding of a text that does not prove its own: windows-1252, gb18030, …",
        )
        parser.add_argument(
            "--date-order",
            choices=["dmy", "mdy"],
            help="How dates such as 03/04/1990 are meant where the column does not prove it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            cleaning = clean_file(
                source=options["IN"],
                out=options["OUT"],
                report=options["report"],
                mapping=self._mapping(options["mapping"]),
                options=Options(
                    country=options["country"],
                    date_order=options["date_order"],
                    fill=dict(options["fill"]),
                ),
                sheet=options["sheet"],
                encoding=options["encoding"],
                progress=self._progress(),
            )
        except (UnreadableFile, MappingError, CannotClean) as error:
            raise CouldNotBeDone(str(error)) from error
        except KeyboardInterrupt:
            raise CouldNotBeDone("Interrupted; nothing was written.") from None
        self._tell(cleaning, options["json"])

    def _mapping(self, file: Path | None) -> Callable[[Sequence[str]], dict[str, str]]:
        if file is None:
            return recognised_mapping
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CouldNotBeDone(
                f"The mapping file {file} cannot be read: {error.strerror}."
            ) from error
        return partial(parse_mapping, content)

    def _progress(self) -> Callable[[str, int], None]:
        last = time.monotonic()

        def tell(stage: str, done: int) -> None:
            nonlocal last
            if time.monotonic() - last >= PROGRESS_SECONDS:
                last = time.monotonic()
                self.say(f"{stage}: {done} rows")

        return tell

    def _tell(self, cleaning: Cleaning, json_target: str | None) -> None:
        for notice in cleaning.notices:
            self.say(notice)
        if cleaning.unmapped:
            self.say(f"Columns not mapped, only tidied: {', '.join(cleaning.unmapped)}")
        result = {
            **cleaning.counts,
            "mapping": cleaning.mapping,
            "unmapped": cleaning.unmapped,
            "notices": cleaning.notices,
            "rules": cleaning.rules,
        }
        self.write_json(result, json_target)
        last_line = ", ".join(
            f"{name.replace('_', ' ')} {count}" for name, count in cleaning.counts.items()
        )
        if json_target == "-":
            self.say(last_line)
        else:
            self.stdout.write(last_line)
