"""What the tests of imports share: a file, the commands, and what the tables hold."""

import csv
import io
import json

from django.core.management import call_command

from audit.context import acting
from customers.models import (
    ContactPoint,
    Customer,
    CustomerName,
    CustomerTag,
    Source,
    SourceRecord,
    WaitingKey,
)

KLAUS = {
    "first_name": "Klaus",
    "last_name": "Hofmann",
    "email": "klaus@example.org",
    "phone": "+49 160 7969515",
    "city": "Köln",
    "country": "Germany",
}
ANNA = {
    "first_name": "Anna",
    "last_name": "Schmidt",
    "email": "anna@example.org",
    "phone": "+49 151 23456789",
    "city": "Bonn",
    "country": "Deutschland",
}


def write_csv(path, *rows, header=None):
    """A CSV file of these dicts; the header is that of the widest."""
    names = header or list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def import_file(path, *arguments, source="web shop", **options):
    """Runs the command; its JSON."""
    output = io.StringIO()
    call_command(
        "import_customers",
        str(path),
        "--source",
        source,
        *arguments,
        "--json",
        stdout=output,
        stderr=io.StringIO(),
        **options,
    )
    result = json.loads(output.getvalue())
    outcomes = ("created", "updated", "unchanged", "repeated", "review", "set_aside")
    assert sum(result[name] for name in outcomes) == result["rows"]
    return result


def undo(batch, *arguments):
    output = io.StringIO()
    call_command(
        "undo_import", str(batch), *arguments, "--json", stdout=output, stderr=io.StringIO()
    )
    return json.loads(output.getvalue())


def counts(result):
    """The outcomes that are not zero."""
    names = ("created", "updated", "unchanged", "repeated", "review", "set_aside")
    return {name: result[name] for name in names if result[name]}


def change(customer, *, actor, **values):
    """What a member of staff does in the admin."""
    with acting(actor=actor, door="admin"):
        for name, value in values.items():
            setattr(customer, name, value)
        customer.save()


def everything():
    """All that customers are, opened, but for history and what imports keep of themselves."""
    tables = {}
    for model in (
        *(Customer, ContactPoint, CustomerName, CustomerTag),
        *(Source, SourceRecord, WaitingKey),
    ):
        rows = []
        for row in model._base_manager.all():
            values = {}
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                values[field.attname] = bytes(value) if isinstance(value, memoryview) else value
            if model in (CustomerName, CustomerTag):
                del values["id"]
            rows.append(values)
        tables[model.__name__] = sorted(rows, key=repr)
    return tables
