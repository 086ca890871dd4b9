"""Takes an import back."""

import time
from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError, connection

from audit.commands import ActorCommand, CouldNotBeDone
from customers.imports import batches, undo
from customers.models.imports import ImportBatch
from jobs.models import State
from jobs.services import run_job

NAMED_ON_SCREEN = 20
NOT_YET = 1.0


class Command(ActorCommand):
    """Creations and updates of the import are reversed, from its last row to its first.

    A customer that somebody changed since is kept as it is and named, with who and when.
    """

    help = "Undo an import: what it created goes, what it changed is as it was."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", help="The import, by its number (7) or its id.")
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = batches.find_batch(options["batch"])
            if batch is None:
                raise CouldNotBeDone(
                    f"There is no import {options['batch']!r}. Its number stands in the admin "
                    "under Imports, its id in what import_customers --json wrote."
                )
            result = undo.try_undo(batch) if options["dry_run"] else self._undo(batch)
        except undo.CannotUndo as problem:
            raise CouldNotBeDone(str(problem)) from None
        except OperationalError as problem:
            raise CouldNotBeDone(f"The database did not answer ({problem}). Try again.") from None
        self.write_json(result, options["json"])
        self._last_lines(result, options["dry_run"])

    def _undo(self, batch: ImportBatch) -> dict[str, Any]:
        job = undo.start_undo(actor=self.actor, batch=batch, door="command")
        job = run_job(job_id=job.pk)
        while job.state == State.QUEUED:
            connection.close()
            time.sleep(NOT_YET)
            job = run_job(job_id=job.pk)
        if job.state != State.DONE:
            raise CouldNotBeDone(f"{job.error or job.message} Run the command again to finish it.")
        return dict(job.result or {})

    def _last_lines(self, result: dict[str, Any], dry_run: bool) -> None:
        for kept in result["kept"][:NAMED_ON_SCREEN]:
            self.say(f"kept {kept['number']}: changed by {kept['who']} on {kept['when'][:16]}")
        if result["kept_count"] > NAMED_ON_SCREEN:
            self.say("… and more; --json names them.")
        for failed in result["failed"]:
            self.say(f"failed {failed['number']}: still needed by a {failed['why']}")
        did = "would be reversed" if dry_run else "reversed"
        self.say(
            f"{result['reversed']} customers {did}, {result['kept_count']} kept, "
            f"{len(result['failed'])} failed; {result['employers_removed']} employers removed."
        )
