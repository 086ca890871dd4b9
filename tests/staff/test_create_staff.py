"""Taking somebody on from the command line."""

import json
import stat
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from staff.models import Team, User
from staff.roles import Role, roles_of
from staff.services import create_staff, system_user

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("create_staff", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_gets_a_one_time_password_once():
    out = run("ada", "--role", "administrator", "--role", "sales", "--first-name", "Ada")
    user = User.objects.get(username="ada")
    assert roles_of(user) == {Role.ADMINISTRATOR, Role.SALES}
    password = out.splitlines()[0].rsplit(" ", 1)[1]
    assert out.count(password) == 1
    assert user.check_password(password)
    assert user.must_change_password
    assert not user.is_superuser
    assert out.splitlines()[-1] == "1 member of staff created: ada (administrator, sales)"


def test_two_people_get_two_passwords():
    passwords = {run(name, "--role", "sales").splitlines()[0].rsplit(" ", 1)[1] for name in "ab"}
    assert len(passwords) == 2
    assert min(map(len, passwords)) >= 20


def test_a_given_password_comes_from_standard_input_and_is_not_printed(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("a long enough password\n"))
    out = run("ada", "--role", "sales", "--password-stdin")
    assert "long enough" not in out
    user = User.objects.get(username="ada")
    assert user.check_password("a long enough password")
    assert user.must_change_password


def test_a_weak_given_password_is_refused_and_nobody_created(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("12345\n"))
    with pytest.raises(CommandError, match="too short") as refused:
        run("ada", "--role", "sales", "--password-stdin")
    assert refused.value.returncode == 2
    assert not User.objects.filter(username="ada").exists()


def test_the_same_name_twice_is_refused():
    run("ada", "--role", "sales")
    with pytest.raises(CommandError, match="already exists") as refused:
        run("ada", "--role", "administrator")
    assert refused.value.returncode == 2
    assert roles_of(User.objects.get(username="ada")) == {Role.SALES}


def test_machines_get_json_in_a_file_nobody_else_reads(tmp_path):
    target = tmp_path / "ada.json"
    run("ada", "--role", "sales", "--one-time-password", "--json", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    found = json.loads(target.read_text())
    assert (found["username"], found["roles"]) == ("ada", ["sales"])
    assert User.objects.get(username="ada").check_password(found["one_time_password"])


def test_an_actor_cannot_give_more_than_they_hold(member):
    member("sam", Role.SALES)
    with pytest.raises(CommandError, match="Administrator"):
        run("ada", "--role", "administrator", "--actor", "sam")
    assert not User.objects.filter(username="ada").exists()


def test_unknown_actor_and_unknown_team_are_named():
    with pytest.raises(CommandError, match="'ghost'"):
        run("ada", "--role", "sales", "--actor", "ghost")
    with pytest.raises(CommandError, match="'Nowhere'"):
        run("ada", "--role", "sales", "--team", "Nowhere")


def test_a_team_is_found_by_its_name():
    Team.objects.create(name="North")
    run("ada", "--role", "sales", "--team", "North")
    assert User.objects.get(username="ada").team.name == "North"


def test_nobody_is_taken_on_without_a_role():
    with pytest.raises(ValidationError, match="at least one role"):
        create_staff(actor=system_user(), username="ada", roles=[])
