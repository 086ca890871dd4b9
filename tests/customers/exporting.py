"""What the tests of exports share: asking for one, doing its job, and reading the file."""

import csv
import io

from customers.exports import files, services
from customers.models.exports import Export
from customers.selection import Selection
from jobs.services import run_job

WHY = "list for the trade fair"


def everybody():
    return Selection.from_json({"filters": {}, "at": "2026-11-21T00:00:00+00:00"})


def ask(actor, *, columns=("number", "email"), format="csv", selection=None, **more):
    return services.start_export(
        actor=actor, selection=selection or everybody(), columns=columns, format=format,
        reason=more.pop("reason", WHY), **more,
    )  # fmt: skip


def do(export):
    """Does its job; the export as it then is."""
    run_job(job_id=export.job_id)
    return Export.objects.select_related("job").get(pk=export.pk)


def exported(actor, **options):
    export = do(ask(actor, **options))
    assert export.state == "done", export.job.error
    return export


def content(export):
    return b"".join(files.OpenedExport(export.sealed_name))


def rows_of(export):
    """The rows of a CSV export as dicts."""
    text = content(export).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
