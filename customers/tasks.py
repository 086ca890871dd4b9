"""Doors for the worker and the scheduler: import, undo, forget what was kept too long."""

import logging

from celery import shared_task
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers import reminders, search_index, tallies
from customers.bulk import run as bulk_run
from customers.bulk import services as bulk
from customers.bulk import undo as bulk_undo
from customers.drops import looking, taking
from customers.exports import run as export_run
from customers.exports import services as exports
from customers.imports import batches, expire, run, undo
from customers.models import Source
from jobs.doors import wake
from jobs.models import Job
from jobs.registry import register
from staff.services import system_user

logger = logging.getLogger(__name__)


def _page_of_batch(job: Job) -> str:
    return reverse("admin:customers_importbatch_change", args=[job.params["batch"]])


register(
    batches.IMPORT,
    run.run_import,
    label=_("Import customers"),
    result_url=_page_of_batch,
    ended=batches.ended,
    permission="customers.add_importbatch",
    subject=batches.files_of,
)
register(
    batches.UNDO,
    undo.run_undo,
    label=_("Undo an import"),
    result_url=_page_of_batch,
    ended=undo.ended,
    permission="customers.change_importbatch",
    subject=batches.files_of,
)
register(
    looking.TAKE,
    taking.run_taking,
    label=_("Import files that arrived"),
    result_url=lambda job: reverse("admin:customers_source_change", args=[job.params["source"]]),
    permission="customers.add_importbatch",
)


def _page_of_change(job: Job) -> str:
    return reverse("admin:customers_bulkchange_change", args=[job.params["change"]])


register(
    bulk.BULK,
    bulk_run.run_bulk,
    label=_("Change many customers"),
    result_url=_page_of_change,
    ended=bulk.bulk_ended,
    permission="customers.add_bulkchange",
)
register(
    bulk.UNDO,
    bulk_undo.run_undo,
    label=_("Undo a bulk change"),
    result_url=_page_of_change,
    permission="customers.change_bulkchange",
)
register(
    exports.EXPORT,
    export_run.run_export,
    label=_("Export customers"),
    result_url=lambda job: reverse("admin:customers_export_change", args=[job.params["export"]]),
    ended=exports.export_ended,
    permission=exports.PERMISSION,
)


@shared_task(ignore_result=True)
def look_into_drops() -> None:
    """Have each drop place looked into, each in a task of its own: one that stalls delays none."""
    for source in looking.sources_with_drops():
        look_into_drop.apply_async((str(source.pk),), expires=25)


@shared_task(ignore_result=True)
def look_into_drop(source: str) -> None:
    """Look into one drop place; what is whole is taken in by a job."""
    found = Source.objects.filter(pk=source, drop_paused=False).exclude(drop="").first()
    look = looking.look_into(found) if found else None
    if found and look and look.whole:
        job = looking.ask_to_take(actor=system_user(), source=found)
        if job is not None:
            wake(job)


@shared_task(ignore_result=True)
def expire_import_rows() -> None:
    """Forget what was kept of old imports."""
    expire.expire_import_rows()


@shared_task(ignore_result=True)
def forget_old_bulk_changes() -> None:
    """Forget what old bulk changes did to whom: they can no longer be undone."""
    bulk.forget_old_changes()


register(
    search_index.KIND,
    search_index.run_rebuild,
    label=_("Make the search index again"),
    permission="jobs.change_job",
)


@shared_task(ignore_result=True)
def refresh_tallies() -> None:
    """Count customers anew, where they are too many to be counted while somebody waits."""
    tallies.refresh_tallies()


@shared_task(ignore_result=True)
def expire_exports() -> None:
    """Delete files that were made to be fetched and lay here long enough."""
    exports.expire_exports()


@shared_task(ignore_result=True)
def remind() -> None:
    """Send the mail of the day to whoever has not had it."""
    done = reminders.send_reminders()
    if done.sent or done.refused or done.unsure or done.unreachable:
        logger.info("%s", done)
