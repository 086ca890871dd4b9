"""The job row: what there is to do, who asked, how far it is.

The row is the truth and the broker's message only a wake-up call, so that a lost message, a killed
worker and a broker that is down cost a minute, never work.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

# A worker that was not heard of for so long is taken for dead, and its job may be claimed.
SILENT_AFTER = timedelta(seconds=60)


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class JobQuerySet(models.QuerySet["Job"]):
    def claimable(self) -> "JobQuerySet":
        """Waiting for a worker, or left behind by one that fell silent."""
        silent = models.Q(state=State.RUNNING, heartbeat_at__lt=timezone.now() - SILENT_AFTER)
        return self.filter(models.Q(state=State.QUEUED) | silent)

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=(State.QUEUED, State.RUNNING))


class Job(models.Model):
    """`params`, `cursor`, `message`, `result` and `error` never hold protected data: they name
    rows by id, count, and say in words what happened."""

    history_exempt = "technical: the row is itself the record of one piece of work"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("work"), max_length=100)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    params = models.JSONField(default=dict)
    cursor = models.JSONField(null=True, help_text=_("Where the next batch begins."))
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("of"), null=True)
    message = models.CharField(_("message"), max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(_("last heard of"), null=True)
    woken_at = models.DateTimeField(null=True, help_text=_("When a worker was last called."))
    unheard = models.BooleanField(default=False, help_text=_("The broker did not take the call."))
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        default_permissions = ("view", "change")
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="jobs_unfinished",
            ),
            models.Index(fields=["actor", "-created_at"], name="jobs_by_actor"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="jobs_state")
        ]

    def __str__(self) -> str:
        from jobs.registry import label_of  # the registry knows kinds, this file only their names

        return str(label_of(self.kind))

    @property
    def is_finished(self) -> bool:
        return self.state in (State.DONE, State.FAILED, State.CANCELLED)

    def is_silent(self, now: datetime | None = None) -> bool:
        """Running, but not heard of for so long that its worker must be dead."""
        if self.state != State.RUNNING or self.heartbeat_at is None:
            return False
        return self.heartbeat_at < (now or timezone.now()) - SILENT_AFTER

    def duration(self, now: datetime | None = None) -> timedelta | None:
        """From the first start to the end, or to now; None before it started."""
        if self.started_at is None:
            return None
        return (self.finished_at or now or timezone.now()) - self.started_at
