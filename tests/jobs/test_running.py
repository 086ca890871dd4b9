"""What happens to a job: claimed once, resumed where it stopped, failed without saying too much."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, transaction
from django.utils import timezone

from jobs import services
from jobs.errors import ClaimLost, JobFailed
from jobs.models import SILENT_AFTER, Job, State
from jobs.registry import UnknownKind
from jobs.services import JobHandle, cancel_job, create_job, retry_job, run_job
from staff.models import Team

pytestmark = pytest.mark.django_db


def fall_silent(job):
    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=timezone.now() - SILENT_AFTER - timedelta(seconds=1)
    )


def claimed(job):
    """A handle as a worker holds it, while that worker is in the middle of its work."""
    claim = uuid4()
    assert services._claim(job.pk, claim)
    job.refresh_from_db()
    return JobHandle(job, claim)


def test_work_that_ends_keeps_its_result(make_job):
    job = run_job(job_id=make_job(lambda handle: {"rows": handle.params["n"]}, params={"n": 3}).pk)
    assert (job.state, job.result, job.error) == (State.DONE, {"rows": 3}, "")
    assert job.claim is None
    assert job.started_at <= job.finished_at


def test_a_kind_nobody_registered_cannot_be_asked_for(li_na):
    with pytest.raises(UnknownKind):
        create_job(actor=li_na, kind="nobody.knows", params={})


def test_two_apps_cannot_take_the_same_kind(kinds):
    kinds.register("test.kind", lambda handle: {}, label="one")
    with pytest.raises(ImproperlyConfigured, match=r"test\.kind"):
        kinds.register("test.kind", lambda handle: {}, label="two")


def test_a_job_whose_kind_is_gone_fails_in_words(make_job, kinds):
    job = make_job(lambda handle: {})
    del kinds._kinds["test.kind"]
    job = run_job(job_id=job.pk)
    assert job.state == State.FAILED
    assert "kind of work" in job.error
    assert str(job) == "test.kind"


def test_a_second_worker_leaves_a_running_job_alone(make_job):
    ran = []
    job = make_job(lambda handle: ran.append(1) or {})
    claimed(job)
    assert run_job(job_id=job.pk).state == State.RUNNING
    assert ran == []


def test_a_finished_job_is_not_done_again(make_job):
    ran = []
    job = make_job(lambda handle: ran.append(1) or {})
    run_job(job_id=job.pk)
    run_job(job_id=job.pk)
    assert ran == [1]


def test_a_silent_job_goes_on_from_its_cursor(make_job):
    seen = []
    job = make_job(lambda handle: seen.append(handle.cursor) or {})
    handle = claimed(job)
    handle.advance(cursor={"row": 500}, done=500, total=1000, message="half of it")
    fall_silent(job)
    job = run_job(job_id=job.pk)
    assert seen == [{"row": 500}]
    assert (job.done, job.total, job.message, job.attempts) == (500, 1000, "half of it", 2)


def test_the_worker_that_was_taken_for_dead_cannot_store_its_batch(make_job):
    job = make_job(lambda handle: {})
    slow = claimed(job)
    fall_silent(job)
    claimed(Job.objects.get(pk=job.pk))

    def batch():
        with transaction.atomic():
            Team.objects.create(name="written by the batch")
            slow.advance(cursor=1, done=1)

    with pytest.raises(ClaimLost):
        batch()
    assert not Team.objects.exists()
    assert slow.cancelled()


def test_a_worker_that_lost_its_claim_does_not_end_the_job(make_job):
    job = make_job(lambda handle: {})

    def loses_it(handle):
        Job.objects.filter(pk=handle.job.pk).update(claim=uuid4())
        return {"from": "the slow one"}

    job = make_job_again(job, loses_it)
    job = run_job(job_id=job.pk)
    assert (job.state, job.result) == (State.RUNNING, None)


def make_job_again(job, run):
    from jobs import registry

    registry._kinds.pop("test.kind")
    registry.register("test.kind", run, label="Test work")
    return job


def test_a_cancelled_job_stops_at_its_next_batch_and_keeps_the_earlier_ones(make_job):
    def run(handle):
        for n in (1, 2, 3):
            with transaction.atomic():
                Team.objects.create(name=f"batch {n}")
                handle.advance(cursor=n, done=n)
            if n == 2:
                assert cancel_job(job_id=handle.job.pk)
        return {}

    job = run_job(job_id=make_job(run).pk)
    assert (job.state, job.cursor, job.result) == (State.CANCELLED, 2, None)
    assert Team.objects.count() == 2


def test_what_is_finished_cannot_be_cancelled(make_job):
    job = run_job(job_id=make_job(lambda handle: {}).pk)
    assert not cancel_job(job_id=job.pk)
    assert Job.objects.get(pk=job.pk).state == State.DONE


def test_a_retried_job_goes_on_where_it_stopped(make_job):
    seen = []

    def run(handle):
        seen.append(handle.cursor)
        if handle.cursor is None:
            handle.advance(cursor=7, done=7)
            raise JobFailed("The disk is full. Make room, then try again.")
        return {"ok": True}

    job = run_job(job_id=make_job(run).pk)
    assert (job.state, job.error) == (
        State.FAILED,
        "The disk is full. Make room, then try again.",
    )
    assert retry_job(job_id=job.pk)
    job = run_job(job_id=job.pk)
    assert (job.state, job.error, seen) == (State.DONE, "", [None, 7])
    assert not retry_job(job_id=job.pk)


def test_an_exception_is_named_but_its_message_is_shown_nowhere(make_job, caplog):
    def run(handle):
        try:
            raise KeyError("alice@example.com")
        except KeyError as error:
            raise ValueError("could not read alice@example.com") from error

    job = run_job(job_id=make_job(run).pk)
    assert job.state == State.FAILED
    assert job.error.startswith("ValueError: ")
    assert str(job.pk) in job.error
    row = json.dumps(Job.objects.filter(pk=job.pk).values().get(), default=str)
    assert "alice" not in row.replace('raise ValueError("could', "")
    log = caplog.text
    assert "ValueError" in log
    assert "KeyError" in log
    assert "could not read alice@example.com\n" not in log.replace('raise ValueError("', "")


@pytest.mark.django_db(transaction=True)  # whose connection is given up, and with it a transaction
def test_a_locked_database_lets_the_job_wait_and_then_go_on(make_job):
    tries = []

    def run(handle):
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("database is locked")
        return {}

    job = run_job(job_id=make_job(run).pk)
    assert (job.state, job.claim) == (State.QUEUED, None)
    assert run_job(job_id=job.pk).state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_locked_fails_the_job_in_the_end(make_job):
    def run(handle):
        raise OperationalError("database is locked")

    job = make_job(run)
    for _attempt in range(services.MAX_ATTEMPTS):
        assert Job.objects.get(pk=job.pk).state == State.QUEUED
        run_job(job_id=job.pk)
    assert Job.objects.get(pk=job.pk).state == State.FAILED


def test_a_job_that_kills_every_worker_is_given_up(make_job):
    ran = []
    job = make_job(lambda handle: ran.append(1) or {})
    for _attempt in range(services.MAX_ATTEMPTS):
        claimed(Job.objects.get(pk=job.pk))
        fall_silent(job)
    job = run_job(job_id=job.pk)
    assert (job.state, ran) == (State.FAILED, [])
    assert "5 attempts" in job.error


def test_a_heartbeat_in_a_long_batch_keeps_the_claim(make_job, monkeypatch):
    handle = claimed(make_job(lambda handle: {}))
    fall_silent(handle.job)
    handle.beat()  # too early after the last write: costs nothing
    assert Job.objects.get(pk=handle.job.pk).is_silent()
    handle._last_write -= services.BEAT_EVERY
    handle.beat()
    assert not Job.objects.get(pk=handle.job.pk).is_silent()


def test_mere_progress_leaves_the_cursor_and_is_written_seldom(make_job, django_assert_num_queries):
    handle = claimed(make_job(lambda handle: {}))
    handle.advance(cursor=5, done=5)
    with django_assert_num_queries(0):
        handle.progress(6, 10)
    handle._last_write -= services.PROGRESS_EVERY
    with django_assert_num_queries(1):
        handle.progress(7, 10)
    job = Job.objects.get(pk=handle.job.pk)
    assert (job.cursor, job.done, job.total) == (5, 7, 10)


def test_the_kind_is_told_once_how_its_job_ended(make_job):
    ends = []
    job = make_job(lambda handle: {}, ended=lambda job: ends.append(job.state))
    cancel_job(job_id=job.pk)
    cancel_job(job_id=job.pk)
    retry_job(job_id=job.pk)
    run_job(job_id=job.pk)
    assert ends == [State.CANCELLED, State.DONE]


def test_a_kind_that_stumbles_over_the_end_does_not_undo_it(make_job):
    def ended(job):
        raise RuntimeError

    assert run_job(job_id=make_job(lambda handle: {}, ended=ended).pk).state == State.DONE


@pytest.mark.django_db(transaction=True)  # as above
@pytest.mark.parametrize(
    ("error", "words"), [("database is locked", "busy"), ("database or disk is full", "disk")]
)
def test_why_a_job_waits_is_said_until_it_goes_on(make_job, error, words):
    def work(handle):
        if handle.job.attempts == 1:
            raise OperationalError(error)
        return {}

    job = run_job(job_id=make_job(work).pk)
    assert job.state == State.QUEUED
    assert words in job.message
    job = run_job(job_id=job.pk)
    assert (job.state, job.message) == (State.DONE, "")


@pytest.mark.django_db(transaction=True)  # as above
def test_a_job_that_never_finds_room_says_so_and_fills_no_log(make_job, caplog):
    def work(handle):
        raise OperationalError("database or disk is full")

    job = make_job(work)
    for _attempt in range(services.MAX_ATTEMPTS):
        job = run_job(job_id=job.pk)
    assert job.state == State.FAILED
    assert "Make room" in job.error
    assert "Traceback" not in caplog.text
    assert caplog.text.count("the disk is full") == services.MAX_ATTEMPTS
