"""The broker is only a wake-up call: nothing waits for it, nothing is lost without it."""

import contextlib
import socket
import time
from datetime import timedelta

import pytest
import redis
from celery import current_app
from django.db import transaction
from django.utils import timezone

from jobs import doors, services, tasks
from jobs.models import SILENT_AFTER, Job, State
from tests.servers import redis_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    """Point Celery at another broker for one test."""
    conf = current_app.conf
    names = ("broker_url", "broker_write_url", "broker_transport_options")
    before = {name: getattr(conf, name, None) for name in names}

    def point(url, **options):
        conf.update(broker_url=url, broker_write_url=url, broker_transport_options=options)

    yield point
    conf.update(before)


@pytest.fixture
def deaf():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def calls(monkeypatch):
    sent = []
    monkeypatch.setattr(doors, "_send", lambda job_id: sent.append(job_id) or True)
    return sent


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", ["closed", "deaf", "no such socket", "no route"])
def test_a_broker_that_is_down_costs_under_two_seconds_and_no_job(
    url, broker, deaf, make_job, tmp_path
):
    broker(
        {
            "closed": f"redis://127.0.0.1:{closed_port()}/0",
            "deaf": f"redis://127.0.0.1:{deaf}/0",
            "no such socket": f"redis+socket://{tmp_path}/redis.sock",
            "no route": "redis://198.51.100.1:6379/0",
        }[url],
        socket_timeout=30,
    )
    job = make_job(lambda handle: {})
    start = time.monotonic()
    assert doors.wake(job) is False
    assert time.monotonic() - start < 2
    job.refresh_from_db()
    assert (job.state, job.unheard) == (State.QUEUED, True)
    assert services.run_job(job_id=job.pk).unheard is False


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_there_gets_the_id_and_nothing_else(broker, make_job, tmp_path):
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    broker(
        "filesystem://",
        data_folder_in=str(tmp_path / "queue"),
        data_folder_out=str(tmp_path / "queue"),
        control_folder=str(tmp_path / "control"),
    )
    job = make_job(lambda handle: {}, params={"n": "not for the broker"})
    assert doors.wake(job) is True
    [message] = (tmp_path / "queue").iterdir()
    assert b"not for the broker" not in message.read_bytes()
    job.refresh_from_db()
    assert not job.unheard
    assert job.woken_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_call_waits_for_the_commit_and_a_rollback_sends_none(make_job, calls):
    job = make_job(lambda handle: {})
    with transaction.atomic():
        doors.wake(job)
        assert calls == []
    assert calls == [str(job.pk)]
    with transaction.atomic():
        doors.wake(job)
        transaction.set_rollback(True)
    assert calls == [str(job.pk)]


def age(job, seconds, **values):
    Job.objects.filter(pk=job.pk).update(
        created_at=timezone.now() - timedelta(seconds=seconds), **values
    )


def test_a_job_nobody_was_called_for_is_called_again_after_ten_seconds(make_job, calls):
    job = make_job(lambda handle: {})
    assert tasks.requeue_silent_jobs() == 0
    age(job, 11)
    assert tasks.requeue_silent_jobs() == 1
    assert calls == [str(job.pk)]


def test_a_call_that_is_on_its_way_is_not_repeated_at_once(make_job, calls):
    job = make_job(lambda handle: {})
    age(job, 11, woken_at=timezone.now() - timedelta(seconds=5))
    assert tasks.requeue_silent_jobs() == 0
    age(job, 60, woken_at=timezone.now() - timedelta(seconds=31))
    assert tasks.requeue_silent_jobs() == 1


def test_a_silent_job_is_called_again_and_a_living_or_finished_one_is_not(make_job, calls):
    job = make_job(lambda handle: {})
    age(job, 100, state=State.RUNNING, heartbeat_at=timezone.now())
    assert tasks.requeue_silent_jobs() == 0
    silent = timezone.now() - SILENT_AFTER - timedelta(seconds=1)
    age(job, 100, heartbeat_at=silent)
    assert tasks.requeue_silent_jobs() == 1
    age(job, 100, state=State.DONE, heartbeat_at=silent, woken_at=None)
    assert tasks.requeue_silent_jobs() == 0


def test_without_a_broker_the_scheduler_does_not_try_every_job(make_job, monkeypatch):
    tried = []
    monkeypatch.setattr(doors, "_send", lambda job_id: bool(tried.append(job_id)))
    for _n in range(3):
        age(make_job(lambda handle: {}), 60)
    assert tasks.requeue_silent_jobs() == 0
    assert len(tried) == 1


def test_the_task_does_the_job(make_job):
    job = make_job(lambda handle: {"ok": 1})
    tasks.run_job(str(job.pk))
    job.refresh_from_db()
    assert job.state == State.DONE


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_comes_back_is_called_again_by_the_scheduler(broker, make_job, tmp_path):
    job = make_job(lambda handle: {})
    broker(f"redis://127.0.0.1:{closed_port()}/0")
    assert doors.wake(job) is False
    with redis_server(tmp_path) as url, contextlib.closing(redis.Redis.from_url(url)) as client:
        broker(url, socket_timeout=30)
        age(job, 11)
        assert tasks.requeue_silent_jobs() == 1
        assert client.llen("celery") == 1
    job.refresh_from_db()
    assert not job.unheard
