"""Who may do what: the registry, the groups it makes, and the command that prints it."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.management import call_command

from staff import roles
from staff.models import User
from staff.roles import Role, UnknownPermission, apply_roles, permissions_of, roles_of

# The lines of this app; the tables of the others stand in their own tests.
TABLE = {
    "staff.add_user": {Role.ADMINISTRATOR},
    "staff.change_user": {Role.ADMINISTRATOR},
    "staff.delete_user": set(),
    "staff.view_user": {Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.AUDITOR},
    "staff.add_team": {Role.ADMINISTRATOR},
    "staff.change_team": {Role.ADMINISTRATOR},
    "staff.delete_team": {Role.ADMINISTRATOR},
    "staff.view_team": {Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.AUDITOR},
}


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(roles, "_lines", dict(roles._lines))
    monkeypatch.setattr(roles, "_nobody", dict(roles._nobody))
    return roles


@pytest.mark.parametrize("permission", TABLE)
def test_each_permission_on_staff_is_held_by_exactly_these_roles(permission):
    assert {role for role in Role if permission in permissions_of(role)} == TABLE[permission]


def test_the_table_names_every_permission_on_staff():
    actions = ("add", "change", "delete", "view")
    assert TABLE.keys() == {f"staff.{a}_{m}" for a in actions for m in ("user", "team")}


@pytest.mark.django_db
def test_migrate_gives_every_role_a_group_that_equals_the_registry():
    for role in Role:
        held = Permission.objects.filter(group__name=role.value)
        names = {f"{p.content_type.app_label}.{p.codename}" for p in held}
        assert names == permissions_of(role)


@pytest.mark.django_db
def test_a_permission_granted_by_hand_is_taken_away_at_the_next_migrate():
    group = Group.objects.get(name="sales")
    group.permissions.add(Permission.objects.get(codename="change_user"))
    apply_roles()
    assert not group.permissions.filter(codename="change_user").exists()


@pytest.mark.django_db
def test_a_line_removed_from_the_code_is_removed_from_the_group(registry):
    registry.register("staff", {Role.SALES: ["staff.view_team"]})
    apply_roles()
    group = Group.objects.get(name="sales")
    assert group.permissions.filter(codename="view_team").exists()
    registry.register("staff", {})
    apply_roles()
    assert not group.permissions.filter(codename="view_team").exists()


@pytest.mark.django_db
def test_a_misspelt_permission_stops_migrate_and_is_named(registry):
    registry.register("staff", {Role.SALES: ["staff.veiw_team"]})
    with pytest.raises(UnknownPermission, match=r"'sales'.*staff\.veiw_team"):
        apply_roles()


def test_a_permission_without_its_app_is_refused_at_once(registry):
    with pytest.raises(UnknownPermission, match=r"app\.codename"):
        registry.register("staff", {Role.SALES: ["view_team"]})


@pytest.mark.django_db
def test_lines_of_an_app_that_is_not_migrated_yet_wait(registry):
    class StateBeforeStaff:
        @staticmethod
        def get_models():
            return [m for m in apps.get_models() if m._meta.app_label != "staff"]

    registry.register("staff", {Role.SALES: ["staff.not_there_yet"]})
    apply_roles(apps=StateBeforeStaff())
    assert not Group.objects.get(name="sales").permissions.filter(codename="not_there_yet").exists()


@pytest.mark.django_db
def test_no_role_may_change_what_nobody_may(registry):
    registry.register("staff", {Role.SALES: ["staff.view_team"]}, nobody=["staff.view_team"])
    assert not [role for role in Role if "staff.view_team" in permissions_of(role)]


@pytest.mark.django_db
def test_somebody_holds_the_roles_of_their_groups_and_no_others():
    user = User.objects.create_user("li.na")
    user.groups.add(Group.objects.get(name="sales"), Group.objects.create(name="Football club"))
    assert roles_of(user) == {Role.SALES}


@pytest.mark.django_db
def test_roles_are_asked_from_the_database_once_per_person(django_assert_num_queries):
    user = User.objects.create_user("li.na")
    with django_assert_num_queries(1):
        assert roles_of(user) == roles_of(user) == frozenset()


def test_a_stranger_holds_no_role():
    assert roles_of(AnonymousUser()) == frozenset()


def test_show_roles_prints_one_line_per_permission_with_aligned_columns():
    out = StringIO()
    call_command("show_roles", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["permission", *Role.values]
    line = next(line for line in lines if line.startswith("staff.view_user "))
    assert line[lines[0].index("administrator") :].startswith("yes")
    assert line[lines[0].index("sales") :].startswith("-")
    assert lines[-1].startswith(f"{len(Role)} roles, ")


def test_show_roles_writes_json_for_machines(tmp_path):
    call_command("show_roles", "--json", str(tmp_path / "roles.json"))
    found = json.loads((tmp_path / "roles.json").read_text())
    assert found["auditor"] == sorted(permissions_of(Role.AUDITOR))
    out = StringIO()
    call_command("show_roles", "--json", stdout=out)
    assert json.loads(out.getvalue()) == found
