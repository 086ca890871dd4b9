"""Opens every protected value there is, history included, and lists what does not open.

Exit code 0: everything opens where it stands and every blind index fits its value. 1: something
does not. 2: it could not be looked at.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from encryption.errors import KeyRingError
from encryption.keyring import current_ring
from encryption.management.commands.show_keys import write_json
from encryption.survey import open_everything


class Command(BaseCommand):
    help = _("Opens every protected value and lists what does not open, by model, field and id.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", nargs="?", const="-", metavar="FILE", help=_("machine-readable; - is stdout")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            current_ring()
            survey = open_everything(progress=self._progress)
        except (KeyRingError, DatabaseError) as error:
            raise CommandError(str(error), returncode=2) from None
        if options["json"]:
            write_json(survey.as_json(), options["json"], self.stdout)
        else:
            for finding in survey.findings:
                self.stdout.write(
                    f"{finding.model} {finding.field} {finding.id}: {finding.problem}"
                )
        if options["json"] != "-":
            self.stdout.write(
                _("%(rows)d rows, %(values)d values, %(indexes)d indexes, %(findings)d findings")
                % {**survey.as_json(), "findings": len(survey.findings)}
            )
        if survey.findings:
            sys.exit(1)

    def _progress(self, model: str, rows: int) -> None:
        self.stderr.write(f"{model}: {rows}")
