import pytest
from django.contrib.auth.models import Group

from audit.context import acting
from staff.models import Team, UntoldWrite, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    return Group.objects.get(name="sales")


def test_the_history_of_a_person_says_who_gave_which_role(lina, sales):
    with acting(actor=lina, door="admin", reason="new job"):
        lina.groups.add(sales)
        lina.groups.remove(sales)
    given, taken = list(lina.history.all())[1::-1]
    assert given.history_change_reason == "new job · given: Sales"
    assert taken.history_change_reason == "new job · taken away: Sales"
    assert taken.history_actor == "Na Li"


def test_from_the_side_of_the_role_and_all_at_once_too(lina, sales):
    sales.user_set.add(lina)
    lina.groups.clear()
    sales.user_set.set([lina])
    sales.user_set.clear()
    reasons = [row.history_change_reason for row in lina.history.all()]
    assert reasons[:4] == ["taken away: Sales", "given: Sales", "taken away: Sales", "given: Sales"]


def test_giving_a_role_somebody_has_leaves_no_step(lina, sales):
    lina.groups.add(sales)
    before = lina.history.count()
    lina.groups.add(sales)
    lina.groups.set([sales])
    assert lina.history.count() == before


@pytest.mark.parametrize("model", [User, Team])
def test_no_staff_are_written_past_their_history(db, model):
    one = model(**({"username": "li"} if model is User else {"name": "North"}))
    with acting(actor=None, door="system"):
        one.save()
    for write in (
        lambda: model.objects.update(pk=one.pk),
        lambda: model.objects.filter(pk=one.pk).update(pk=one.pk),
        lambda: model.objects.bulk_create([one]),
        lambda: model.objects.bulk_update([one], [model._meta.fields[-1].name]),
    ):
        with pytest.raises(UntoldWrite, match="save"):
            write()
    assert one.history.count() == 1
    with acting(actor=None, door="system"):
        model.objects.all().delete()
    assert model.history.filter(history_type="-").count() == 1
