"""A database that is locked, full or away is told in words, and nothing else is blamed on it."""

import errno

import pytest
from django.db import OperationalError
from django.test import Client

from crm import errors
from staff.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    """Signed in, and shown what people are shown when something fails."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_user("boss", is_staff=True, is_superuser=True))
    return client


def fail_with(monkeypatch, error):
    def view(*args, **kwargs):
        raise error

    monkeypatch.setattr("crm.home.home_page", view)
    monkeypatch.setattr("django.contrib.admin.sites.AdminSite.each_context", view)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("database is locked"), "Another program was writing"),
        (OperationalError("canceling statement due to lock timeout"), "Another program"),
        (OperationalError("database or disk is full"), "disk of the server is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk of the server is full"),
        (OperationalError("connection to server at 10.0.0.1 refused"), "does not answer"),
    ],
    ids=["locked", "locked in PostgreSQL", "full", "full for a file", "away"],
)
def test_what_passes_is_said_in_words(client, monkeypatch, caplog, error, words):
    fail_with(monkeypatch, error)
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert words in page
    assert "Nothing of this step was saved" in page
    assert "10.0.0.1" not in page


def test_our_own_mistakes_are_not_blamed_on_the_database(client, monkeypatch):
    fail_with(monkeypatch, ValueError("x"))
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


def test_there_is_no_reason_without_an_error():
    assert errors.reason_for(None) == ""
