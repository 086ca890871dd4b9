"""A job in words, for the progress page and the script that keeps it fresh.

All text is made here, so that the script needs no translations and the page is whole without it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import Job, State
from jobs.registry import UnknownKind, kind_of

# Before that, a rate is noise and a waiting job is only on its way.
FIRST_RATE_AFTER = timedelta(seconds=1)
PATIENCE = timedelta(seconds=30)


def describe(job: Job, now: datetime | None = None) -> dict[str, Any]:
    """What the page shows. Only reads the row it is given."""
    now = now or timezone.now()
    return {
        "state": job.state,
        "state_label": str(State(job.state).label),
        "finished": job.is_finished,
        "percent": percent(job),
        "count": count(job),
        "rate": rate_text(job, now),
        "left": left_text(job, now),
        "message": job.message,
        "note": note(job, now),
    }


def percent(job: Job) -> int | None:
    """Whole percents, None while nobody knows how much there is. Only what is done has 100."""
    if job.state == State.DONE:
        return 100
    if not job.total:
        return None
    return min(99, job.done * 100 // job.total)


def count(job: Job) -> str:
    if job.total:
        return _("%(done)s of %(total)s") % {"done": _n(job.done), "total": _n(job.total)}
    return _n(job.done) if job.done else ""


def rate(job: Job, now: datetime) -> float | None:
    """Pieces per second since the first start, None while too early to say."""
    took = job.duration(now)
    if took is None or took < FIRST_RATE_AFTER or not job.done:
        return None
    return job.done / took.total_seconds()


def rate_text(job: Job, now: datetime) -> str:
    found = rate(job, now)
    if found is None:
        return ""
    return _("%(count)s per second") % {"count": _n(round(found, 0 if found >= 10 else 1))}


def left_text(job: Job, now: datetime) -> str:
    found = rate(job, now)
    if job.state != State.RUNNING or not job.total or not found or job.done > job.total:
        return ""
    seconds = (job.total - job.done) / found
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    text = ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes)
    return text % {"n": _n(minutes)}


def duration_text(job: Job, now: datetime | None = None) -> str:
    took = job.duration(now)
    if took is None:
        return ""
    seconds = int(took.total_seconds())
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 3600:
        return _("%(m)s min %(s)s s") % {"m": seconds // 60, "s": seconds % 60}
    return _("%(h)s h %(m)s min") % {"h": seconds // 3600, "m": seconds % 3600 // 60}


def note(job: Job, now: datetime) -> str:
    """Why nothing moves, where nothing moves. No alarm before there was a chance to."""
    if job.state == State.QUEUED and job.unheard:
        return _(
            "The message broker does not answer, so no worker could be called. Nothing is lost: "
            "the work begins by itself once the broker is back."
        )
    if job.state == State.QUEUED and job.created_at < now - PATIENCE:
        return _(
            "All workers are busy, or none is running. The work begins as soon as one is free."
        )
    if job.is_silent(now):
        return _(
            "Its worker has not been heard of for a minute. Another one goes on with it shortly, "
            "from where it stopped."
        )
    return ""


def subject_url(job: Job) -> str | None:
    """The page of what the job works on; what came of it will stand there too."""
    try:
        kind = kind_of(job.kind)
    except UnknownKind:
        return None
    return kind.result_url(job) if kind.result_url else None


def result_url(job: Job) -> str | None:
    """Where what came of it can be seen, once it is done."""
    return subject_url(job) if job.is_finished else None


def _n(number: float) -> str:
    return number_format(int(number) if number == int(number) else number, force_grouping=True)
