"""Doors for Celery: do one job, and call again for jobs that nobody does."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from jobs import doors, services
from jobs.models import Job

# Younger ones are only just on their way.
OVERDUE_AFTER = timedelta(seconds=10)
CALL_AGAIN_AFTER = timedelta(seconds=30)


@shared_task(acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Do one job, if it still waits. The job's row keeps result and failure."""
    services.run_job(job_id=job_id)


@shared_task(ignore_result=True)
def requeue_silent_jobs() -> int:
    """Call a worker for every job that waits or whose worker fell silent. How many were called."""
    now = timezone.now()
    overdue = (
        Job.objects.claimable()
        .filter(created_at__lt=now - OVERDUE_AFTER)
        .filter(Q(woken_at=None) | Q(woken_at__lt=now - CALL_AGAIN_AFTER))
        .order_by("created_at")
    )
    called = 0
    for job in overdue.only("pk"):
        if not doors.call(job):
            break  # no broker: the others would wait in vain, one second each
        called += 1
    return called
