"""Writes customers to a file of the operator's."""

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.utils import timezone

from audit.commands import ActorCommand, CouldNotBeDone
from customers.exports import run, services
from customers.exports.columns import COLUMNS, USUAL
from customers.exports.plain import PlainExport
from customers.models.exports import Export, ExportFormat, ExportState
from customers.selection import FILTERS, Selection
from staff.services import SYSTEM_USERNAME


class Command(ActorCommand):
    """Each value is written as the actor may see it; the system user sees protected ones masked.

    Who, why, which columns of how many customers is recorded before the file gets its name: what
    cannot be recorded does not leave. The file is in the clear and readable by its owner alone.
    """

    help = "Export customers to a CSV, XLSX or Parquet file, disclosed by the actor's rights."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Where to write it.")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="As in the address of the list; may be repeated. " + ", ".join(sorted(FILTERS)),
        )
        parser.add_argument(
            "--columns",
            default=",".join(USUAL),
            metavar="A,B",
            help="Of: " + ", ".join(column.name for column in COLUMNS),
        )
        parser.add_argument(
            "--format", choices=ExportFormat.values, help="Default: by the ending of the file."
        )
        parser.add_argument("--no-bom", action="store_true", help="CSV without the mark for Excel.")
        parser.add_argument("--reason", required=True, help="What the file is for; it is recorded.")
        parser.add_argument("--force", action="store_true", help="Overwrite FILE.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Count, but write and record nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._refuse_who_may_not()
        format = options["format"] or options["file"].suffix.lstrip(".").lower()
        if format not in ExportFormat.values:
            raise CouldNotBeDone(
                f"Say the format: --format {' or '.join(ExportFormat.values)}, or end the name of "
                "the file with one of them."
            )
        selection = self._selection(options["filter"])
        if options["dry_run"]:
            count = selection.customers(self.actor).count()
            self.write_json({"customers": count, "file": None}, options["json"])
            self.say(f"{count} customers would be exported.")
            return
        # Asked to end, it leaves no half file either.
        before = signal.signal(signal.SIGTERM, _end)
        try:
            export = self._record(selection, format, options)
            written = self._write(export, options["file"], force=options["force"])
        except services.CannotExport as problem:
            raise CouldNotBeDone(str(problem)) from None
        except FileExistsError:
            raise CouldNotBeDone(
                f"{options['file']} exists. Give another name, or --force to overwrite it."
            ) from None
        except OSError as problem:
            raise CouldNotBeDone(
                f"{options['file']} cannot be written: {problem.strerror or problem}."
            ) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        self._tell(export, written, options)

    def _tell(self, export: Export, written: run.Written, options: dict[str, Any]) -> None:
        result = {
            "export": export.number,
            "customers": written.rows,
            "file": str(options["file"]),
            "disclosed": written.disclosed,
        }
        self.write_json(result, options["json"])
        unopenable = f", {written.unopenable} values not opened" if written.unopenable else ""
        self.say(f"Export #{export.number}: {written.rows} customers written{unopenable}.")

    def _refuse_who_may_not(self) -> None:
        """The system user is whoever holds this machine, and sees nothing clear."""
        if self.actor.username != SYSTEM_USERNAME and not services.may_export(self.actor):
            raise CouldNotBeDone(
                f"{self.actor.username} may not export customers. Give them a role that may, or "
                "name somebody who has one."
            )

    def _selection(self, filters: list[str]) -> Selection:
        """Every filter has to mean something: one that does not would export nobody, or all."""
        wanted: dict[str, str] = {}
        for text in filters:
            name, equals, value = text.partition("=")
            known = FILTERS.get(name)
            if known is None or not equals or name in wanted:
                raise CouldNotBeDone(
                    f"--filter {text!r}: write NAME=VALUE, each name once; names are "
                    f"{', '.join(sorted(FILTERS))}."
                )
            if known.label(value) is None:
                raise CouldNotBeDone(f"--filter {text!r}: {value!r} means nothing there.")
            wanted[name] = value
        return Selection.of_filters(wanted, self.actor)

    def _record(self, selection: Selection, format: str, options: dict[str, Any]) -> Export:
        names = [name.strip() for name in options["columns"].split(",") if name.strip()]
        return services.record_export(
            actor=self.actor,
            selection=selection,
            columns=names,
            format=format,
            reason=options["reason"],
            options={
                "bom": not options["no_bom"],
                "door": "command",
                "file": options["file"].name[:100],
            },
        )

    def _write(self, export: Export, path: Path, *, force: bool) -> run.Written:
        try:
            with PlainExport(path, force=force) as file:
                written = run.write_export(export, file, reader=self.actor, progress=self._progress)
                file.make_sure()
                run.finish_record(export, written, size=file.size)
                file.put_in_place()
        except BaseException:
            Export.objects.filter(pk=export.pk).update(
                state=ExportState.FAILED, finished_at=timezone.now()
            )
            raise
        return written

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} customers" + "\n" * (done >= total))
            sys.stderr.flush()


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
