import pytest

from audit.context import acting
from staff.models import User
from tests.audit.testapp.models import Club, Member


@pytest.fixture
def lina(db):
    return User.objects.create_user("lina", first_name="Na", last_name="Li", is_staff=True)


@pytest.fixture
def in_admin(lina):
    with acting(actor=lina, door="admin", reason="asked by phone") as now_acting:
        yield now_acting


@pytest.fixture
def member(db):
    return Member.objects.create(
        name="Zhang Wei", city="Berlin", email="wei@example.com", phone="13800000001"
    )


@pytest.fixture
def club(db):
    return Club.objects.create(name="Chess")


@pytest.fixture(autouse=True)
def _own_sidebar(settings):
    """The pages of this floor are tried without the sidebar, which knows the floors above."""
    settings.UNFOLD = {}
