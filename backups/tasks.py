"""The scheduler's door: a verified backup every hour (crm/celery.py)."""

import logging

from celery import shared_task

from backups import services
from backups.errors import BackupRunning
from staff.services import system_user

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def back_up() -> None:
    """Raises when it fails, so that the scheduler's log and its watchers see it."""
    try:
        services.back_up(actor=system_user())
    except BackupRunning:
        logger.info("no backup now: another one is being made")
