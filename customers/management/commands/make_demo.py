"""Makes demo customers, for a look around, for tests and for benchmarks."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils import timezone

from audit.commands import ActorCommand, CouldNotBeDone
from customers.demo import make

MOST = 5_000_000


def how_many(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST:
        raise ArgumentTypeError(f"{text!r} is no number from 0 to {MOST}.")
    return int(text)


def iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date like 2026-11-21.") from None


class Command(ActorCommand):
    """People and organisations of fifteen countries, with what a desk would know of them.

    The same seed makes the same customers, so running it again adds only those that are missing,
    and one that was killed goes on. It refuses where real customers are: made-up ones among them
    would be found, counted and written to.
    """

    help = "Make demo customers with contact points, interactions and follow-ups."
    json_output = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--customers", type=how_many, default=1000, metavar="N", help="How many (1000)."
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="Another seed makes other people (1)."
        )
        parser.add_argument(
            "--today",
            type=iso_date,
            metavar="YYYY-MM-DD",
            help="The day that all dates are counted from (default: today).",
        )
        parser.add_argument(
            "--staff", action="store_true", help="Make six demo colleagues who own them, too."
        )
        parser.add_argument(
            "--yes", action="store_true", help="Make them although real customers are here."
        )
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        if not (options["yes"] or dry_run) and make.has_real_customers():
            raise CouldNotBeDone(
                "Customers are here that are no demo data. Use an empty database for a "
                "demonstration, or say --yes to put made-up customers among the real ones."
            )
        staff = []
        if not dry_run:
            staff = (
                make.hire_colleagues(actor=self.actor)
                if options["staff"]
                else make.staff_who_sell()
            )
        made = make.make_customers(
            actor=self.actor,
            wanted=options["customers"],
            seed=options["seed"],
            today=options["today"] or timezone.localdate(),
            staff=staff,
            progress=self._progress,
            dry_run=dry_run,
        )
        self.write_json(asdict(made) | {"seed": options["seed"]}, options["json"])
        if options["staff"] and not dry_run:
            self.say("The demo colleagues sign in once an administrator gave them a password.")
        self.say(
            f"{made.customers} customers {'would be ' if dry_run else ''}made, "
            f"{made.there_already} there already, {made.contact_points} contact points, "
            f"{made.interactions} interactions, {made.follow_ups} follow-ups."
        )

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} customers" + "\n" * (done >= total))
            sys.stderr.flush()
