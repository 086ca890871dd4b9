"""Verbs on jobs: create, run, cancel, retry. They never call the broker (`jobs.doors` does)."""

import logging
import time
import traceback
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import OperationalError, connection
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.errors import ClaimLost, JobFailed, is_disk_full
from jobs.models import Job, State
from jobs.registry import Kind, UnknownKind, kind_of
from staff.models import User

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
BEAT_EVERY = 5.0  # seconds between heartbeats that carry nothing else
PROGRESS_EVERY = 0.5  # seconds between writes of mere progress


@dataclass
class JobHandle:
    """What a kind's `run` holds in hand: its parameters, and the way to say how far it is."""

    job: Job
    claim: UUID
    _last_write: float = field(default_factory=time.monotonic)

    @property
    def params(self) -> dict[str, Any]:
        params: dict[str, Any] = self.job.params
        return params

    @property
    def cursor(self) -> Any:
        """Where to go on: what the last finished batch gave to `advance()`, None at first."""
        return self.job.cursor

    def advance(
        self, *, cursor: Any, done: int, total: int | None = None, message: str = ""
    ) -> None:
        """Finish a batch. Call it inside the batch's transaction, as its last statement.

        The cursor and the batch are then stored together or not at all, and only while this worker
        holds the claim: otherwise ClaimLost rolls the batch back.
        """
        values: dict[str, Any] = {"cursor": cursor, "done": done}
        if total is not None:
            values["total"] = total
        if message:
            values["message"] = message[:200]
        self._write(values)

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is without moving the cursor: the callback for services that take one.

        Writes at most twice a second; call it outside a transaction, or nobody sees it.
        """
        if time.monotonic() - self._last_write < PROGRESS_EVERY:
            return
        self.advance(cursor=self.job.cursor, done=done, total=total, message=message)

    def beat(self) -> None:
        """Say “I live” in the middle of a batch that takes long. Cheap: writes every five seconds.

        Call it outside a transaction; inside one nobody hears it before the commit.
        """
        if time.monotonic() - self._last_write >= BEAT_EVERY:
            self._write({})

    def cancelled(self) -> bool:
        """Whether the claim is gone. Only reads; `advance()` would raise ClaimLost."""
        mine = Job.objects.filter(pk=self.job.pk, claim=self.claim, state=State.RUNNING)
        return not mine.exists()

    def _write(self, values: dict[str, Any]) -> None:
        values["heartbeat_at"] = timezone.now()
        mine = Job.objects.filter(pk=self.job.pk, claim=self.claim, state=State.RUNNING)
        if not mine.update(**values):
            raise ClaimLost(str(self.job.pk))
        for name, value in values.items():
            setattr(self.job, name, value)
        self._last_write = time.monotonic()


def create_job(*, actor: User, kind: str, params: dict[str, Any], total: int | None = None) -> Job:
    """Ask for work. `params` holds ids and options, never protected data."""
    kind_of(kind)
    return Job.objects.create(actor=actor, kind=kind, params=params, total=total)


def run_job(*, job_id: UUID | str) -> Job:
    """Claim a job and do its work. Returns it as it then is; never raises for the job's failure.

    Does nothing when it is finished or another worker has it.
    """
    claim = uuid4()
    if not _claim(job_id, claim):
        return Job.objects.get(pk=job_id)
    job = Job.objects.get(pk=job_id)
    if job.attempts > MAX_ATTEMPTS:
        _finish(job, claim, State.FAILED, error=_given_up())
        return Job.objects.get(pk=job_id)
    try:
        result = kind_of(job.kind).run(JobHandle(job, claim))
        _finish(job, claim, State.DONE, result=result)
    except ClaimLost:
        logger.info("job %s: the claim is lost, another worker goes on or it was cancelled", job_id)
    except OperationalError as error:
        # The database was locked, full or away: that passes. The cursor stands where it stood.
        if is_disk_full(error):
            logger.warning("job %s (%s) waits: the disk is full", job.pk, job.kind)
        else:
            _log(job, error)
        _release_or_fail(job, claim, error)
    except JobFailed as error:
        _finish(job, claim, State.FAILED, error=str(error))
    except UnknownKind:
        _finish(job, claim, State.FAILED, error=_("Nothing here knows this kind of work any more."))
    except Exception as error:
        _log(job, error)
        _finish(job, claim, State.FAILED, error=_unexpected(job, error))
    return Job.objects.get(pk=job_id)


def cancel_job(*, job_id: UUID | str) -> bool:
    """End a job that is not finished. What its batches did so far stays done.

    The worker notices at its next batch, which is rolled back. False when it was finished already.
    """
    ended = (
        Job.objects.filter(pk=job_id)
        .unfinished()
        .update(state=State.CANCELLED, claim=None, finished_at=timezone.now())
    )
    if ended:
        _tell_its_kind(Job.objects.get(pk=job_id))
    return bool(ended)


def retry_job(*, job_id: UUID | str) -> bool:
    """Let a failed or cancelled job go on where it stopped. False when it is neither."""
    return bool(
        Job.objects.filter(pk=job_id, state__in=(State.FAILED, State.CANCELLED)).update(
            state=State.QUEUED,
            attempts=0,
            error="",
            claim=None,
            finished_at=None,
            woken_at=None,
            heartbeat_at=None,
        )
    )


def _claim(job_id: UUID | str, claim: UUID) -> bool:
    now = timezone.now()
    return bool(
        Job.objects.filter(pk=job_id)
        .claimable()
        .update(
            state=State.RUNNING,
            claim=claim,
            heartbeat_at=now,
            started_at=Coalesce("started_at", now),
            attempts=F("attempts") + 1,
            unheard=False,
            # Why it waited is true no more.
            message=Case(When(state=State.QUEUED, then=Value("")), default=F("message")),
        )
    )


def _release_or_fail(job: Job, claim: UUID, error: OperationalError) -> None:
    connection.close_if_unusable_or_obsolete()
    if job.attempts >= MAX_ATTEMPTS:
        why = _no_room() if is_disk_full(error) else _unexpected(job, error)
        _finish(job, claim, State.FAILED, error=why)
        return
    mine = Job.objects.filter(pk=job.pk, claim=claim, state=State.RUNNING)
    mine.update(state=State.QUEUED, claim=None, message=_why_it_waits(error))


def _why_it_waits(error: OperationalError) -> str:
    if is_disk_full(error):
        return _("The disk of the server is full; it goes on once an administrator made room.")
    return _("The database was busy; it goes on soon.")


def _no_room() -> str:
    return _(
        "The disk of the server is full. Make room, then try again; it goes on where it stopped."
    )


def _finish(
    job: Job, claim: UUID, state: State, *, result: dict[str, Any] | None = None, error: str = ""
) -> None:
    mine = Job.objects.filter(pk=job.pk, claim=claim, state=State.RUNNING)
    now = timezone.now()
    ended = mine.update(
        state=state, result=result, error=error[:500], claim=None, heartbeat_at=now, finished_at=now
    )
    if ended:
        _tell_its_kind(Job.objects.get(pk=job.pk))


def _tell_its_kind(job: Job) -> None:
    try:
        kind: Kind = kind_of(job.kind)
        if kind.ended is not None:
            kind.ended(job)
    except UnknownKind:
        return
    except Exception as error:
        _log(job, error)


def _given_up() -> str:
    return _(
        "Given up after %(count)d attempts: each time the worker ended in the middle. "
        "See the log, then try again; it goes on where it stopped."
    ) % {"count": MAX_ATTEMPTS}


def _unexpected(job: Job, error: Exception) -> str:
    return _(
        "%(name)s: something unexpected happened. What was done so far is kept. An administrator "
        "finds the place in the log under job %(id)s."
    ) % {"name": type(error).__name__, "id": job.pk}


def _log(job: Job, error: BaseException) -> None:
    """Log where it happened. Messages of exceptions may quote a customer, so they stay out."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        chain.append("".join(traceback.format_tb(seen.__traceback__)) + type(seen).__qualname__)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    logger.error("job %s (%s) failed:\n%s", job.pk, job.kind, "\nraised from:\n".join(chain))
