"""Doors for the worker and the scheduler: import, undo, forget what was kept too long."""

from celery import shared_task
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.imports import batches, expire, run, undo
from jobs.models import Job
from jobs.registry import register


def _page_of_batch(job: Job) -> str:
    return reverse("admin:customers_importbatch_change", args=[job.params["batch"]])


register(
    batches.IMPORT,
    run.run_import,
    label=_("Import customers"),
    result_url=_page_of_batch,
    ended=batches.ended,
    permission="customers.add_importbatch",
)
register(
    batches.UNDO,
    undo.run_undo,
    label=_("Undo an import"),
    result_url=_page_of_batch,
    ended=undo.ended,
    permission="customers.change_importbatch",
)


@shared_task(ignore_result=True)
def expire_import_rows() -> None:
    """Forget what was kept of old imports."""
    expire.expire_import_rows()
