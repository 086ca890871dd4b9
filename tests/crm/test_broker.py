"""The broker may be away: pages say so at once, and what is scheduled exists."""

import importlib
import socket
import time

import pytest

from crm import broker
from crm.celery import app


@pytest.fixture
def hanging(tmp_path):
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_broker_that_hangs_holds_the_page_up_for_a_second_at_most(settings, hanging):
    settings.CELERY_BROKER_URL = settings.REDIS_URL = f"redis://127.0.0.1:{hanging}/0"
    settings.OWN_REDIS = False
    started = time.monotonic()
    assert not broker.broker_answers()
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("own", [True, False])
def test_a_broker_that_is_gone_is_noticed_at_once(settings, tmp_path, own):
    settings.OWN_REDIS = own
    settings.BROKER_SOCKET = tmp_path / "redis.sock"
    settings.CELERY_BROKER_URL = settings.REDIS_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    assert not broker.broker_answers()
    assert time.monotonic() - started < 0.5


def test_files_are_never_down(settings):
    settings.CELERY_BROKER_URL = "filesystem://localhost"
    assert broker.broker_answers()


@pytest.mark.parametrize("entry", app.conf.beat_schedule.values(), ids=lambda entry: entry["task"])
def test_what_the_scheduler_calls_is_a_task_that_workers_know(entry):
    module, name = entry["task"].rsplit(".", 1)
    task = getattr(importlib.import_module(module), name)
    assert task.name == entry["task"]
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks
