"""Puts an old version of a row back, all of it or some fields.

For whoever mends what no page shows or what a script broke. No value is printed: only the names of
fields.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from audit.changes import Row, as_uuid, rows_of
from audit.commands import ActorCommand, CouldNotBeDone, VerdictIsBad
from audit.models import AuditedModel
from audit.versions import CannotPutBack, differences, problems, put_back, restorable, version_of

SHOWN = 10


class Command(ActorCommand):
    help = "Puts an old version of a row back. --dry-run tells what would change."
    json_output = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="MODEL", help="Such as customers.customer.")
        parser.add_argument("id", metavar="ID", help="The key of the row.")
        parser.add_argument("version", metavar="HISTORY_ID", help="The key of the history row.")
        parser.add_argument(
            "--fields", help="Only these, separated by commas. Default: all that differ."
        )
        parser.add_argument("--reason", default="", help="Why; it stands in the history.")
        parser.add_argument("--dry-run", action="store_true", help="Write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        obj = _row(options["model"], options["id"])
        version = as_uuid(options["version"])
        row = version_of(type(obj), obj.pk, version) if version else None
        if row is None:
            raise CouldNotBeDone(_no_such_version(obj))
        found = differences(obj, row, _fields(type(obj), options["fields"]))
        names = [difference.field.name for difference in found]
        if options["dry_run"]:
            errors = problems(obj, row, names)
        else:
            errors, names = {}, self._put_back(obj, row, names, options["reason"])
        result = {"changed": names, "problems": errors, "dry_run": options["dry_run"]}
        self.write_json(result, options["json"])
        for name, texts in errors.items():
            self.stderr.write(f"{name or 'the whole'}: {' '.join(texts)}")
        if errors:
            raise VerdictIsBad("This version cannot be put back whole; --fields leaves some out.")
        if options["json"] != "-":
            verb = "would change" if options["dry_run"] else "changed"
            self.stdout.write(f"{verb} {len(names)} field(s): {', '.join(names) or 'none'}")

    def _put_back(self, obj: AuditedModel, row: Row, names: list[str], why: str) -> list[str]:
        if not why.strip():
            raise CouldNotBeDone("Say why with --reason: whoever reads the history will ask.")
        version = row["history_id"]
        try:
            return put_back(actor=self.actor, obj=obj, version=version, fields=names, reason=why)
        except CannotPutBack as refused:
            raise CouldNotBeDone(str(refused)) from None
        except ValidationError as refused:
            raise CouldNotBeDone(" ".join(refused.messages)) from None


def _row(label: str, key: str) -> AuditedModel:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise CouldNotBeDone(
            f"There is no model {label!r}: name app and model, such as customers.customer."
        ) from None
    if not issubclass(model, AuditedModel):
        raise CouldNotBeDone(f"Versions of {label} are not put back.")
    row_key = as_uuid(key)
    obj = model._base_manager.filter(pk=row_key).first() if row_key else None
    if obj is None:
        raise CouldNotBeDone("There is no row with this key. What was deleted does not come back.")
    return obj


def _no_such_version(obj: AuditedModel) -> str:
    """The refusal, with what could be put back instead: an operator has no page at hand."""
    rows = rows_of(type(obj), obj.pk)[: SHOWN + 1]
    lines = [
        f"  {row['history_id']}  {row['history_date']:%Y-%m-%d %H:%M} UTC  {row['history_actor']}"
        for row in rows
    ]
    if len(lines) > SHOWN:
        lines[SHOWN:] = ["  … older ones stand on its history page"]
    return "\n".join(["This row has no such version. It has:", *lines])


def _fields(model: type[AuditedModel], asked: str | None) -> list[Any]:
    known = {field.name: field for field in restorable(model)}
    names = list(known) if asked is None else [name.strip() for name in asked.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise CouldNotBeDone(f"These are no fields to put back: {', '.join(unknown)}.")
    return [known[name] for name in names]
