"""Rule: one mail per person and day; who was sent one today is sent no other, whoever asks."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from audit.commands import ActorCommand, CouldNotBeDone, VerdictIsBad
from customers.reminders import send_reminders


class Command(ActorCommand):
    help = (
        "Mail everybody what is due and overdue, once a day. Beat does this by itself in the "
        "morning; by hand it does not wait for the hour of CRM_REMINDERS_AT."
    )
    json_output = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Say who would be sent a mail; send none."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = send_reminders(at_any_hour=True, dry_run=options["dry_run"])
        if done.off:
            raise CouldNotBeDone("No mail server is set. Set EMAIL_URL (docs/settings.md).")
        self.write_json(asdict(done), options["json"])
        self.say(f"{'Would be ' if options['dry_run'] else ''}{done}")
        if done.unreachable:
            raise CouldNotBeDone("The mail server of EMAIL_URL does not answer.")
        if done.refused or done.unsure:
            raise VerdictIsBad("Not everybody was reached; see above.")
