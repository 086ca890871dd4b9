import pytest

from jobs import registry
from jobs.services import create_job
from staff.models import User


@pytest.fixture
def li_na(db):
    return User.objects.create_user("li.na", first_name="Li", last_name="Na")


@pytest.fixture
def kinds(monkeypatch):
    """A registry of its own, so that kinds made by a test end with it."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    return registry


@pytest.fixture
def make_job(kinds, li_na):
    def make(run, *, params=None, total=None, **options):
        kinds._kinds.pop("test.kind", None)
        kinds.register("test.kind", run, label="Test work", **options)
        return create_job(actor=li_na, kind="test.kind", params=params or {}, total=total)

    return make
