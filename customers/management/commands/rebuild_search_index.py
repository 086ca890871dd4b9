"""Makes the index of names and tags again."""

import time
from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError

from audit.commands import ActorCommand, CouldNotBeDone
from customers.models import Customer
from customers.search_index import is_stale, rebuild

SAY_EVERY = 5.0


class Command(ActorCommand):
    """Each batch stands as soon as it is made: killed half-way, the same command goes on there.

    The index follows from the customers' names, so nothing of a customer changes and nothing is
    kept in their history.
    """

    help = "Make the search index again, so that everybody is found by the present rules."
    json_output = True
    _said = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="Only if it was made by older rules."
        )
        parser.add_argument(
            "--anew", action="store_true", help="From the first customer, not where one stopped."
        )
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        needed = is_stale()
        customers = Customer.with_bin.count()
        if options["dry_run"] or (options["if_needed"] and not needed):
            would = customers if needed or not options["if_needed"] else 0
            self.write_json(
                {"customers": would if options["dry_run"] else 0, "needed": needed},
                options["json"],
            )
            state = "was made by older rules" if needed else "is up to date"
            self.say(f"The index {state}; {would} of {customers} customers to index.")
            return
        try:
            result = rebuild(tell=self._tell, anew=options["anew"])
        except OperationalError as problem:
            raise CouldNotBeDone(
                f"The database did not answer ({problem}). Run the command again to go on."
            ) from None
        self.write_json(result.as_dict(), options["json"])
        self.say(f"{result.customers} customers indexed, {result.parts} parts of names.")

    def _tell(self, done: int, total: int) -> None:
        if time.monotonic() - self._said >= SAY_EVERY:
            self._said = time.monotonic()
            self.say(f"{done} of {total} customers")
