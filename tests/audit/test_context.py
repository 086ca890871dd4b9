"""Who acts: in requests, commands and blocks inside blocks."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.http import HttpResponse

from audit.commands import ActorCommand, CouldNotBeDone, VerdictIsBad
from audit.context import acting, current
from audit.middleware import acting_middleware
from staff.models import User
from tests.audit.testapp.models import Member


def test_outside_any_block_nobody_said():
    assert (current().actor_name, current().door, current().actor_id) == ("unknown", "shell", None)


@pytest.mark.django_db
def test_a_block_says_who_and_is_over_when_it_ends(lina):
    with acting(actor=lina, door="task", reason="import #7"):
        assert (current().actor_name, current().reason) == ("Na Li", "import #7")
    assert current().actor is None


@pytest.mark.django_db
def test_a_block_inside_another_belongs_to_the_same_deed(lina):
    with acting(actor=lina, door="admin") as outer:
        with acting(actor=None, door="system") as inner:
            assert inner.request_id == outer.request_id
            assert current().actor_name == "system"
        assert current().actor_name == "Na Li"


def test_an_unknown_door_is_refused():
    with pytest.raises(ValueError, match="window"), acting(actor=None, door="window"):
        pass


def test_a_failure_inside_a_block_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), acting(actor=None, door="task"):
        raise ZeroDivisionError
    assert current().door == "shell"


class Asking:
    """A request that counts how often somebody asks who sent it."""

    def __init__(self, user):
        self._user = user
        self.asked = 0

    @property
    def user(self):
        self.asked += 1
        return self._user


def test_a_request_is_asked_who_sent_it_only_when_something_is_written():
    request = Asking(AnonymousUser())
    seen = []

    def view(_request):
        seen.append(current().door)
        return HttpResponse()

    acting_middleware(view)(request)
    assert (seen, request.asked) == (["admin"], 0)
    assert current().door == "shell"


@pytest.mark.django_db
def test_each_request_has_its_own_id_and_actor(lina):
    names, ids = [], []

    def view(request):
        names.append(current().actor_name)
        ids.append(current().request_id)
        assert request.audit_request_id == current().request_id
        return HttpResponse()

    acting_middleware(view)(Asking(lina))
    acting_middleware(view)(Asking(AnonymousUser()))
    assert names == ["Na Li", "anonymous"]
    assert ids[0] != ids[1]


class Rename(ActorCommand):
    help = "Renames everybody."
    json_output = True

    def add_arguments(self, parser):
        parser.add_argument("name")

    def handle(self, *args, **options):
        for member in Member.objects.all():
            member.name = options["name"]
            member.save()
        self.write_json({"renamed": Member.objects.count()}, options["json"])
        self.say("1 renamed")


@pytest.mark.django_db
def test_a_command_acts_for_whom_it_is_told(member, lina):
    call_command(Rename(), "Wei", actor="lina", stderr=StringIO())
    row = member.history.first()
    assert (row.history_actor, row.history_door) == ("Na Li", "command")


@pytest.mark.django_db
def test_a_command_acts_for_the_system_unless_told(member):
    call_command(Rename(), "Wei", stderr=StringIO())
    row = member.history.first()
    assert row.history_actor == "system"
    assert row.history_actor_id == User.objects.get(username="system").pk


@pytest.mark.django_db
def test_an_actor_nobody_knows_is_refused_before_anything_is_done(member):
    with pytest.raises(CouldNotBeDone, match="no member of staff") as refused:
        call_command(Rename(), "Wei", actor="mallory")
    assert refused.value.returncode == 2
    assert Member.objects.get().name == "Zhang Wei"


@pytest.mark.django_db
def test_a_database_without_room_is_told_in_words(member, monkeypatch):
    def full(self, **options):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Member, "save", full)
    with pytest.raises(CouldNotBeDone, match=r"disk is full\).*room") as refused:
        call_command(Rename(), "Wei")
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_a_file_that_cannot_be_is_refused_before_anything_is_done(member, tmp_path):
    with pytest.raises(CouldNotBeDone, match="no such directory"):
        call_command(Rename(), "Wei", json=str(tmp_path / "nowhere" / "result.json"))
    assert Member.objects.get().name == "Zhang Wei"


@pytest.mark.django_db
def test_json_goes_to_standard_output_or_into_a_file(member, tmp_path):
    out, err = StringIO(), StringIO()
    call_command(Rename(), "Wei", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == {"renamed": 1}
    assert err.getvalue() == "1 renamed\n"
    call_command(Rename(), "Wei", json=str(tmp_path / "r.json"), stdout=out, stderr=err)
    assert json.loads((tmp_path / "r.json").read_text()) == {"renamed": 1}
    with pytest.raises(CouldNotBeDone, match="Cannot write"):
        call_command(Rename(), "Wei", json=str(tmp_path), stdout=out, stderr=err)


def test_exit_codes_are_those_of_the_house():
    assert VerdictIsBad("found").returncode == 1
    assert CouldNotBeDone("no").returncode == 2
    assert issubclass(VerdictIsBad, CommandError)
