"""Hands over the customers of somebody who leaves."""

import time
from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError, connection

from audit.commands import ActorCommand, CouldNotBeDone
from customers.bulk.hand_over import TEAM, NobodyThere, as_options, waiting_of
from customers.bulk.services import CannotChange, settle, start_bulk
from customers.models import BulkChange
from customers.models.bulk import BulkAction
from customers.selection import Selection
from jobs.models import Job, State
from jobs.services import run_job
from staff.models import Team, User

NOT_YET = 1.0  # seconds before a job that found the database locked is tried again


class Command(ActorCommand):
    """All customers of FROM, and their open follow-ups, go to TO or evenly to a team.

    FROM may have left already. Nothing else of a customer changes, and what was handed over can be
    taken back for 30 days in the admin, under Bulk changes.
    """

    help = "Hand the customers and open follow-ups of one member of staff to another, or a team."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("giver", metavar="FROM", help="Whose customers, by user name.")
        parser.add_argument(
            "taker", metavar="TO", nargs="?", help="Who takes over, by user name; or --team."
        )
        parser.add_argument("--team", help="Spread evenly over the members of this team at work.")
        parser.add_argument("--stage", default="", help="Only customers in this stage.")
        parser.add_argument("--country", default="", metavar="CC", help="Only of this country.")
        parser.add_argument("--reason", default="", help="Stands in the history of each customer.")
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        giver = self._user(options["giver"])
        given = {"stage__exact": options["stage"], "country": options["country"].upper()}
        selection = Selection.of_filters(given, self.actor)
        if "is gone" in selection.words():
            raise CouldNotBeDone(f"Nobody can be meant: {selection.words()}.")
        try:
            wanted = as_options(giver.pk, self._taker(options))
            settle(BulkAction.HAND_OVER, wanted)
            work = self._count if options["dry_run"] else self._hand_over
            result = work(wanted, selection, options["reason"])
        except (NobodyThere, CannotChange) as problem:
            raise CouldNotBeDone(str(problem)) from None
        except OperationalError as problem:
            raise CouldNotBeDone(f"The database did not answer ({problem}). Try again.") from None
        self.write_json(result, options["json"])
        did = "would be handed over" if options["dry_run"] else "handed over"
        self.say(
            f"{result['customers']} customers and {result['follow_ups']} follow-ups {did} "
            f"to {result['takers']} members of staff."
        )

    def _user(self, name: str) -> User:
        try:
            return User.objects.get_by_natural_key(name)
        except User.DoesNotExist:
            raise CouldNotBeDone(
                f"There is no member of staff called {name!r}. "
                "Give the name they sign in with; the admin lists them under Staff."
            ) from None

    def _taker(self, options: dict[str, Any]) -> str:
        if bool(options["taker"]) == bool(options["team"]):
            raise CouldNotBeDone("Name who takes over: either TO or --team.")
        if options["taker"]:
            return str(self._user(options["taker"]).pk)
        team = Team.objects.filter(name__iexact=options["team"].strip()).first()
        if team is None:
            raise CouldNotBeDone(f"There is no team called {options['team']!r}.")
        return f"{TEAM}{team.pk}"

    def _count(self, wanted: dict[str, Any], selection: Selection, reason: str) -> dict[str, Any]:
        customers, follow_ups = waiting_of(wanted["from"], selection)
        return {
            "change": None,
            "customers": customers.count(),
            "follow_ups": follow_ups.count(),
            "takers": len(wanted["to"]),
        }

    def _hand_over(
        self, wanted: dict[str, Any], selection: Selection, reason: str
    ) -> dict[str, Any]:
        change = start_bulk(
            actor=self.actor,
            action=BulkAction.HAND_OVER,
            options=wanted,
            selection=selection,
            reason=reason,
            door="command",
        )
        job = self._run(change)
        if job.state != State.DONE:
            raise CouldNotBeDone(
                f"Bulk change #{change.number} stopped: {job.error or job.message} "
                "Run the command again: what was handed over already stays so."
            )
        told = job.result or {}
        return {
            "change": change.number,
            "customers": told.get("changed", 0),
            "follow_ups": told.get("follow_ups", 0),
            "takers": len(wanted["to"]),
        }

    def _run(self, change: BulkChange) -> Job:
        """In this process, again as long as the database was merely locked."""
        job = run_job(job_id=change.job_id)  # type: ignore[arg-type]
        while job.state == State.QUEUED:
            connection.close()
            time.sleep(NOT_YET)
            job = run_job(job_id=job.pk)
        return job
