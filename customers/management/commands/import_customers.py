"""Brings a file of customers in."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection
from django.utils import timezone

from audit.commands import ActorCommand, CouldNotBeDone
from customers.imports import batches, mapping, run
from customers.imports.reading import open_file, open_plain
from customers.models import Source
from customers.models.imports import OnDuplicate
from jobs.models import Job, State
from jobs.services import run_job
from quality.cleaning.countries import is_country
from quality.reading import FORMATS, Table, UnreadableFile

NOT_YET = 1.0  # seconds before a job that found the database locked is tried again


def country_code(text: str) -> str:
    """Unknown, it would make every local number of the file impossible."""
    code = text.strip().upper()
    if code and not is_country(code):
        raise ArgumentTypeError(f"{text!r} is no ISO 3166 country code such as CN or DE.")
    return code


def source_name(text: str) -> str:
    """Without a name nobody would find again what came in."""
    name = " ".join(text.split())
    longest = Source._meta.get_field("name").max_length or 0
    if not name:
        raise ArgumentTypeError("say where the file comes from, such as --source 'Web shop'.")
    if len(name) > longest:
        raise ArgumentTypeError(f"the name of a source has at most {longest} characters.")
    return name


def _with_answers(problem: UnreadableFile) -> str:
    """The refusal, and which options would answer what the file leaves open."""
    if not problem.question:
        return str(problem)
    answers = ", ".join(value for value, _label in problem.choices)
    if answers in str(problem):
        return str(problem)
    return f"{problem} Say so with --{problem.question}: {answers}."


class Command(ActorCommand):
    """Each row of FILE creates a customer, updates the one its source knows it as, or waits.

    Known source and external ID: that customer is updated. Without an ID the row itself is what is
    recognised, so the same file twice changes nothing. Empty cells never erase; what staff changed
    since the last import, and rows that look like a customer we have, wait for review in the
    admin. Cells that cannot be true are left empty and kept, sealed, for 30 days.
    """

    help = f"Import customers, cleaned and encrypted, from: {', '.join(FORMATS.values())}."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The file to import.")
        parser.add_argument(
            "--source",
            type=source_name,
            required=True,
            metavar="NAME",
            help="Where it comes from; a new name makes a new source.",
        )
        parser.add_argument(
            "--mapping",
            metavar="FILE",
            help="JSON, {column: field}. Without it the columns are recognised by their names.",
        )
        parser.add_argument(
            "--external-id", default="", metavar="COLUMN", help="The source's own identifier."
        )
        parser.add_argument(
            "--on-duplicate",
            choices=OnDuplicate.values,
            default=OnDuplicate.REVIEW.value,
            help="What becomes of a row that looks like a customer we have (default: review).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")
        self._add_how_to_read(parser)

    def _add_how_to_read(self, parser: ArgumentParser) -> None:
        """What a file leaves open about itself."""
        parser.add_argument(
            "--country",
            type=country_code,
            default="",
            metavar="CC",
            help="Country of phone numbers in rows that name none.",
        )
        parser.add_argument(
            "--date-order", choices=("dmy", "mdy"), default="", help="Order of ambiguous dates."
        )
        parser.add_argument(
            "--sheet", default="", help="Name or number (from 1) of the sheet of a workbook."
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="How a text is encoded that does not show it itself: gb18030, windows-1252 …",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = mapping.read_mapping(options["mapping"]) if options["mapping"] else None
            table = open_file(open_plain(options["file"]), options["file"], options)
            work = self._try if options["dry_run"] else self._import
            result = work(table, given, options)
        except UnreadableFile as problem:
            raise CouldNotBeDone(_with_answers(problem)) from None
        except mapping.MappingProblem as problem:
            raise CouldNotBeDone(str(problem)) from None
        except OSError as problem:
            raise CouldNotBeDone(
                f"{options['file']} cannot be read: {problem.strerror or problem}."
            ) from None
        except OperationalError as problem:
            raise CouldNotBeDone(
                f"The database did not answer ({problem}). Try again: rows that are in already "
                "change nothing."
            ) from None
        self.write_json(result, options["json"])
        self._last_line(result, options["dry_run"])

    def _cleaning(self, options: dict[str, Any]) -> dict[str, str]:
        return {
            "country": options["country"],
            "date_order": options["date_order"],
            "today": timezone.localdate().isoformat(),
            "sheet": options["sheet"],
            "encoding": options["encoding"],
        }

    def _try(
        self, table: Table, given: dict[str, str] | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        tried = run.try_import(
            table,
            source_name=options["source"],
            given=given,
            external_id=options["external_id"],
            on_duplicate=options["on_duplicate"],
            options=self._cleaning(options),
        )
        return {"batch": None, **tried.counts, "unmapped": list(tried.columns.unmapped)}

    def _import(
        self, table: Table, given: dict[str, str] | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        known = batches.find_source(options["source"])
        columns = mapping.settle(
            table.columns,
            given=given,
            remembered=known.mapping if known else None,
            external_id=options["external_id"],
        )
        batch = batches.begin_file(actor=self.actor, path=options["file"])
        job = batches.start(
            actor=self.actor,
            batch=batch,
            source_name=options["source"],
            columns=columns,
            header=table.columns,
            on_duplicate=options["on_duplicate"],
            options=self._cleaning(options),
            door="command",
            path=str(Path(options["file"]).resolve()),
        )
        job = self._run(job)
        if job.state != State.DONE:
            raise CouldNotBeDone(
                f"Import #{batch.number} stopped: {job.error or job.message} "
                "Run the command again: rows that are in already change nothing."
            )
        return dict(job.result or {})

    def _run(self, job: Job) -> Job:
        """In this process, again as long as the database was merely locked."""
        with run.watching(self._progress):
            job = run_job(job_id=job.pk)
            while job.state == State.QUEUED:
                connection.close()
                time.sleep(NOT_YET)
                job = run_job(job_id=job.pk)
        return job

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} rows" + "\n" * (done >= total))
            sys.stderr.flush()

    def _last_line(self, result: dict[str, Any], dry_run: bool) -> None:
        if result["unmapped"]:
            self.say(f"Columns left out: {', '.join(result['unmapped'])}")
        counts = ", ".join(
            f"{result[name]} {name.replace('_', ' ')}"
            for name in ("created", "updated", "unchanged", "repeated", "review", "set_aside")
        )
        did = "would be imported" if dry_run else "imported"
        self.say(
            f"{result['rows']} rows {did}: {counts}; {result['cells_emptied']} cells emptied, "
            f"{result['employers_created']} employers created, "
            f"{result['contact_points']} further contact points."
        )
