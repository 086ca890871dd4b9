"""The Celery app and the beat schedule, which stands in code and is reviewed like code."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "wake jobs that fell silent": {
        "task": "jobs.tasks.requeue_silent_jobs",
        "schedule": 30.0,
    },
    "back up every hour": {
        "task": "backups.tasks.back_up",
        "schedule": crontab(minute=7),
    },
    "look into drop places": {
        "task": "customers.tasks.look_into_drops",
        "schedule": 30.0,
    },
    "forget old bulk changes": {
        "task": "customers.tasks.forget_old_bulk_changes",
        "schedule": crontab(hour=3, minute=50),
    },
    "count customers for the plots": {
        "task": "customers.tasks.refresh_tallies",
        "schedule": 300.0,
    },
    "expire exports": {
        "task": "customers.tasks.expire_exports",
        "schedule": crontab(minute="*/15"),
    },
    "remind of follow-ups": {
        "task": "customers.tasks.remind",
        "schedule": crontab(minute="*/15"),
    },
    "expire set-aside import rows": {
        "task": "customers.tasks.expire_import_rows",
        "schedule": crontab(hour=3, minute=40),
    },
}


@worker_init.connect
@beat_init.connect
def refuse_to_start(**signal: Any) -> None:
    from crm import startup

    startup.refuse_to_start()
