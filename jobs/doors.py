"""The wake-up call: tell a worker that there is work.

It must never hold up or fail the page or command that asked for the work. A job that nobody was
told of waits in the database, and the scheduler calls again.
"""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from jobs.models import Job

logger = logging.getLogger(__name__)

# Seconds. A call that nobody took by then is void: the scheduler has called again.
VOID_AFTER = 120
# Enough for a broker on another continent, little enough for somebody who waits for a page.
PATIENCE = 1.0


def wake(job: Job) -> bool:
    """Call a worker once the present transaction is committed. Takes under two seconds, never
    raises. False when the broker did not take the call (the job's page then says so); inside a
    transaction the answer is not known yet and True is returned."""
    answers: list[bool] = []
    transaction.on_commit(lambda: answers.append(call(job)))
    return answers[0] if answers else True


def call(job: Job) -> bool:
    """Send the call now, and note in the job's row whether the broker took it."""
    taken = _send(str(job.pk))
    try:
        Job.objects.filter(pk=job.pk).update(
            unheard=not taken, woken_at=timezone.now() if taken else None
        )
    except Exception:
        # Only a note. The job itself is committed, and the scheduler finds it.
        logger.warning("job %s: whether a worker was called could not be noted", job.pk)
    return taken


def _send(job_id: str) -> bool:
    from jobs.tasks import run_job  # tasks import services; this file serves both

    try:
        with current_app.connection_for_write(**_impatient()) as broker:
            options: dict[str, Any] = {"connection": broker, "retry": False}
            run_job.apply_async((job_id,), expires=VOID_AFTER, ignore_result=True, **options)
    except Exception as error:
        # Brokers fail in the classes of many libraries; none of them may reach the page.
        logger.warning(
            "the broker does not answer (%s): job %s waits", type(error).__name__, job_id
        )
        return False
    return True


def _impatient() -> dict[str, Any]:
    options = dict(current_app.conf.broker_transport_options or {})
    if str(current_app.conf.broker_url or "").startswith(("redis", "sentinel")):
        options |= {
            "socket_connect_timeout": PATIENCE,
            "socket_timeout": PATIENCE,
            "retry_on_timeout": False,
        }
    options |= {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    return {"transport_options": options, "connect_timeout": PATIENCE}
