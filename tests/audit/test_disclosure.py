"""The matrix as a table, and the promises of `shown()`."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection

from audit.disclosure import Level, Line, Scope, level, register, shown
from encryption.classes import DataClass
from staff.models import User
from staff.roles import Role
from tests.audit.testapp.models import Member

pytestmark = pytest.mark.django_db

CLEAR, MASKED, HIDDEN = Level.CLEAR, Level.MASKED, Level.HIDDEN


def somebody(*roles):
    user = User.objects.create_user("-".join(roles) or "nobody")
    for role in roles:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.mark.parametrize(
    ("role", "contact", "identity", "contact_of_others"),
    [
        (Role.ADMINISTRATOR, CLEAR, MASKED, CLEAR),
        (Role.DATA_STEWARD, CLEAR, MASKED, CLEAR),
        (Role.PRIVACY_OFFICER, CLEAR, MASKED, CLEAR),
        (Role.SALES, CLEAR, MASKED, MASKED),
        (Role.SERVICE, CLEAR, MASKED, MASKED),
        (Role.MARKETING, MASKED, MASKED, MASKED),
        (Role.AUDITOR, MASKED, MASKED, MASKED),
        (Role.READ_ONLY, MASKED, MASKED, MASKED),
    ],
)
def test_each_role_sees_what_the_matrix_says(role, contact, identity, contact_of_others, lina):
    user = somebody(role)
    unowned = Member(name="x")
    others = Member(name="y", owner=lina)
    assert level(user, Member, "email", unowned) is contact
    assert level(user, Member, "national_id", unowned) is identity
    assert level(user, Member, "birth_date", unowned) is identity
    assert level(user, Member, "email", others) is contact_of_others
    assert level(user, Member, "email", unowned, where="list") is MASKED
    assert level(user, Member, "email", unowned, where="history") is MASKED
    assert level(user, Member, "city", others, where="list") is CLEAR


def test_of_two_roles_the_more_seeing_one_counts():
    assert level(somebody(Role.AUDITOR, Role.SALES), Member, "email", Member()) is CLEAR


def test_without_a_role_everything_protected_is_masked():
    assert level(somebody(), Member, "email", Member()) is MASKED


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_who_is_not_signed_in_sees_nothing(nobody, member):
    assert level(nobody, Member, "email", member) is HIDDEN
    assert shown(nobody, member, "email") == ""


def test_an_app_adds_its_own_lines(monkeypatch):
    monkeypatch.setattr("audit.disclosure._lines", {})
    register([Line(Role.MARKETING, DataClass.CONTACT, Level.CLEAR, Scope.OWN)])
    user = somebody(Role.MARKETING)
    assert level(user, Member, "email", Member(owner=user)) is CLEAR
    assert level(user, Member, "email", Member()) is MASKED


def test_shown_gives_the_value_the_mask_or_nothing(member):
    assert shown(somebody(Role.SALES), member, "phone") == "13800000001"
    assert shown(somebody(Role.MARKETING), member, "phone") == "138****0001"
    assert shown(somebody(Role.SERVICE), member, "phone", where="list") == "138****0001"
    assert shown(somebody(Role.ADMINISTRATOR), member, "national_id") == ""


def test_what_does_not_open_is_said_and_raises_nothing(member):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testaudit_member SET phone = 'not a token at all'")
    broken = Member.objects.get()
    assert shown(somebody(Role.SALES), broken, "phone") == "cannot be opened"
    assert shown(somebody(Role.AUDITOR), broken, "phone") == "cannot be opened"
