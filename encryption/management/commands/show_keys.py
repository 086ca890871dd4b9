"""Shows which keys there are and how many values are under each. Never a key itself."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from encryption.errors import KeyRingError
from encryption.keyring import current_ring
from encryption.survey import counts_by_key


class Command(BaseCommand):
    help = _("Lists the keys by id, use and state, and counts the values under each.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", nargs="?", const="-", metavar="FILE", help=_("machine-readable; - is stdout")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ring = current_ring()
        except KeyRingError as error:
            raise CommandError(str(error), returncode=2) from None
        counts = counts_by_key()
        totals: Counter[str] = sum(counts.values(), Counter())
        keys = [
            {
                "id": key.id,
                "use": key.use,
                "state": key.state,
                "created": key.created,
                "values": totals[key.id],
            }
            for key in ring.keys
        ]
        fields = [
            {"model": model, "field": field, "values": dict(sorted(found.items()))}
            for (model, field), found in sorted(counts.items())
        ]
        unknown = sorted(set(totals) - {key.id for key in ring.keys})
        if options["json"]:
            result = {"keys": keys, "fields": fields, "unknown": unknown}
            write_json(result, options["json"], self.stdout)
        else:
            self._write_tables(keys, fields)
        if unknown:
            self.stderr.write(_("Not under a key of the ring: %s") % ", ".join(unknown))
        if options["json"] != "-":
            self.stdout.write(
                _("%(keys)d keys, %(values)d values")
                % {"keys": len(keys), "values": sum(totals.values())}
            )
        if unknown:
            sys.exit(1)

    def _write_tables(self, keys: list[dict[str, Any]], fields: list[dict[str, Any]]) -> None:
        for key in keys:
            self.stdout.write(
                f"{key['id']:<9} {key['use']:<6} {key['state']:<13} {key['created']:<21} "
                f"{key['values']:>9}"
            )
        for field in fields:
            for key_id, count in field["values"].items():
                self.stdout.write(f"{field['model']}.{field['field']:<24} {key_id:<11} {count:>9}")


def write_json(result: Any, file: str, stdout: Any) -> None:
    """To this file, or to standard output for `-`."""
    text = json.dumps(result, indent=1, sort_keys=True)
    if file == "-":
        stdout.write(text)
        return
    try:
        Path(file).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", returncode=2) from None
