"""Putting an old version back: the service, its page and its command."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.context import acting
from audit.disclosure import protected_fields
from audit.models import PutBack
from audit.versions import (
    CannotPutBack,
    ChangedMeanwhile,
    may_put_back,
    put_back,
    restorable,
    url_of_restore,
)
from encryption.sealed import sealed_values
from staff.models import User
from tests.audit.testapp.models import Club, Member

pytestmark = pytest.mark.django_db

BROKEN = "p1.k0000000." + "A" * 60
RIGHTS = ("view_member", "change_member", "restore_version")


def somebody(username, role, *permissions):
    user = User.objects.create_user(username, is_staff=True, first_name=username.title())
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def steward(db):
    return somebody("steward", "data_steward", *RIGHTS)


@pytest.fixture
def marketing(db):
    return somebody("mark", "marketing", *RIGHTS)


def change(member, actor=None, **values):
    with acting(actor=actor, door="admin"):
        stored = Member.objects.get(pk=member.pk)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.save()
    return stored.history.first().history_id


def first_version(member):
    return member.history.last().history_id


def token(member, column="email"):
    with sealed_values():
        held = getattr(Member.objects.get(pk=member.pk), column)
    return None if held is None else held.token


def back(actor, member, version, *fields, **options):
    names = fields or [field.name for field in restorable(Member)]
    return put_back(
        actor=actor, obj=member, version=version, fields=names, reason="typed wrongly", **options
    )


def url_for(member, version):
    return reverse("admin:testaudit_member_put_back", args=[member.pk, version])


def history_url(member):
    return reverse("admin:testaudit_member_history", args=[member.pk])


def seen_in(html):
    return re.search(r'name="seen" value="([^"]*)"', html)[1]


def ticked(html):
    return re.findall(r'name="fields" value="(\w+)" checked', html)


def answer(client, url, html, **values):
    data = {"seen": seen_in(html), "fields": ticked(html), "reason": "typed wrongly"}
    return client.post(url, data | values)


# The service -------------------------------------------------------------------------------------


def test_an_old_version_comes_back_as_one_more_step_with_who_and_why(steward, member):
    first = first_version(member)
    change(member, name="Zhang", city="Bern", email="new@example.com")
    with acting(actor=steward, door="admin"):
        changed = back(steward, member, first)
    now = Member.objects.get()
    assert sorted(changed) == ["city", "email", "name"]
    assert (now.name, now.city, now.email) == ("Zhang Wei", "Berlin", "wei@example.com")
    step = member.history.first()
    assert (step.history_actor, step.history_door) == (str(steward), "admin")
    assert step.history_change_reason == "typed wrongly"
    assert member.history.count() == 3
    assert PutBack.objects.get().version_id == first


def test_the_stored_token_comes_back_byte_for_byte_and_its_index_finds_it(steward, member):
    first, was = first_version(member), token(member)
    change(member, email="new@example.com")
    assert token(member) != was
    back(steward, member, first, "email")
    assert token(member) == was
    assert Member.objects.get(email="wei@example.com") == member
    assert not Member.objects.filter(email="new@example.com").exists()


def test_only_the_chosen_fields_come_back(steward, member):
    first = first_version(member)
    change(member, name="Zhang", city="Bern")
    assert back(steward, member, first, "city") == ["city"]
    now = Member.objects.get()
    assert (now.name, now.city) == ("Zhang", "Berlin")


def test_an_emptied_value_comes_back_and_a_new_one_goes(steward, member):
    first = first_version(member)
    change(member, email=None, national_id="330106199001011234")
    back(steward, member, first)
    now = Member.objects.get()
    assert (now.email, now.national_id) == ("wei@example.com", None)


def test_a_value_that_cannot_be_opened_comes_back_as_it_is(steward, member):
    first = first_version(member)
    change(member, phone="13900005678")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE testaudit_historicalmember SET phone = %s WHERE history_type = '+'", [BROKEN]
        )
    back(steward, member, first, "phone")
    assert token(member, "phone") == BROKEN


def test_the_index_of_what_cannot_be_opened_is_empty(steward, member):
    first = first_version(member)
    change(member, email="new@example.com")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE testaudit_historicalmember SET email = %s WHERE history_type = '+'", [BROKEN]
        )
    back(steward, member, first, "email")
    assert Member.objects.filter(email_index__isnull=True).exists()


def test_a_value_that_cannot_be_opened_is_replaced_by_one_that_can(steward, member):
    first = first_version(member)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testaudit_member SET email = %s", [BROKEN])
    assert back(steward, member, first, "email") == ["email"]
    assert Member.objects.get(email="wei@example.com") == member


def test_putting_back_what_stands_there_writes_nothing(steward, member):
    assert back(steward, member, first_version(member)) == []
    assert member.history.count() == 1


def test_what_points_at_something_that_is_gone_stays_away(steward, member, club):
    with_club = change(member, club=club)
    change(member, club=None)
    club.delete()
    with pytest.raises(CannotPutBack) as refused:
        back(steward, member, with_club)
    assert refused.value.errors == {"club": ["What stood here then is no longer there."]}
    assert Member.objects.get().club is None


def test_who_no_longer_works_here_is_not_put_in_charge(steward, member, lina):
    with_owner = change(member, owner=lina)
    change(member, owner=None)
    lina.is_active = False
    lina.save()
    with pytest.raises(CannotPutBack) as refused:
        back(steward, member, with_owner)
    assert refused.value.errors == {"owner": ["Na Li no longer works here."]}


def test_what_the_model_refuses_is_refused_here_in_its_words(steward, member, monkeypatch):
    from django.core.exceptions import ValidationError

    first = first_version(member)
    change(member, city="Bern")

    def refuse(self):
        if self.city == "Berlin":
            raise ValidationError({"city": "We left Berlin."})

    monkeypatch.setattr(Member, "clean", refuse)
    with pytest.raises(CannotPutBack) as refused:
        back(steward, member, first)
    assert refused.value.errors == {"city": ["We left Berlin."]}
    assert Member.objects.get().city == "Bern"


def test_no_refusal_repeats_a_protected_value(steward, member):
    first = first_version(member)
    change(member, phone="13900005678")
    field = protected_fields(Member)["phone"]
    was = field.max_length
    long = "1" * 40
    with_long = change(member, phone=long)
    change(member, phone=None)
    with pytest.raises(CannotPutBack) as refused:
        back(steward, member, with_long, "phone")
    assert was < len(long)
    assert long not in str(refused.value)
    assert back(steward, member, first, "phone") == ["phone"]


def test_a_change_after_the_look_is_told_and_nothing_is_done(steward, member):
    first = first_version(member)
    looked = change(member, city="Bern")
    change(member, city="Basel")
    with pytest.raises(ChangedMeanwhile):
        back(steward, member, first, seen=looked)
    assert Member.objects.get().city == "Basel"


def test_a_version_of_somebody_else_is_none(steward, member):
    other = Member.objects.create(name="Other", city="Oslo")
    with pytest.raises(CannotPutBack):
        back(steward, member, first_version(other))


def test_a_deleted_row_does_not_come_back_this_way(steward, member):
    first = first_version(member)
    Member.objects.filter(pk=member.pk).delete()
    with pytest.raises(CannotPutBack, match="deleted"):
        back(steward, member, first)


def test_who_may_is_asked_of_role_and_object(steward, marketing, member):
    assert may_put_back(steward, member)
    reader = somebody("reader", "auditor", "view_member", "restore_version")
    assert not may_put_back(reader, member)
    assert not may_put_back(somebody("rep", "sales", "change_member"), member)
    version = first_version(member)
    assert url_of_restore(member, version) == url_for(member, version)
    assert url_of_restore(Club(name="Chess"), version)


VALUES = {
    "name": st.sampled_from(["Ann", "Bo", "Çelik", "张伟"]),
    "city": st.sampled_from(["", "Bern", "Oslo"]),
    "visits": st.integers(0, 3),
    "email": st.sampled_from([None, "a@example.com", "b@example.com"]),
    "phone": st.sampled_from([None, "13800000001", "13900000002"]),
    "birth_date": st.none() | st.dates(),
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    edits=st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=1, max_size=6),
    which=st.integers(0, 100),
)
def test_whatever_was_edited_any_version_comes_back_whole(steward, edits, which):
    member = Member.objects.create(name="Zhang Wei", email="wei@example.com")
    states = {}
    for values in [{}, *edits]:
        version = change(member, **values)
        stored = Member.objects.get(pk=member.pk)
        states[version] = {name: getattr(stored, name) for name in VALUES}
        states[version]["tokens"] = (token(member), token(member, "phone"))
    version, wanted = list(states.items())[which % len(states)]
    before = member.history.count()
    changed = back(steward, member, version)
    stored = Member.objects.get(pk=member.pk)
    now = {name: getattr(stored, name) for name in VALUES}
    now["tokens"] = (token(member), token(member, "phone"))
    assert {name: now[name] for name in VALUES} == {name: wanted[name] for name in VALUES}
    for name, had, has in zip(("email", "phone"), wanted["tokens"], now["tokens"], strict=True):
        assert has == had or name not in changed
    assert member.history.count() == before + bool(changed)


# The page ----------------------------------------------------------------------------------------


def test_the_preview_shows_now_and_then_and_ticks_what_differs(client, steward, member):
    first = first_version(member)
    change(member, city="Bern", phone="13900005678")
    client.force_login(steward)
    html = client.get(url_for(member, first)).content.decode()
    assert ticked(html) == ["city", "phone"]
    assert "Bern" in html
    assert "Berlin" in html
    assert 'value="name"' not in html


def test_what_was_ticked_comes_back_and_the_history_tells_of_it(client, steward, member):
    first = first_version(member)
    change(member, city="Bern", name="Zhang")
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    response = answer(client, url, html, fields=["city"])
    assert response["Location"] == history_url(member)
    now = Member.objects.get()
    assert (now.city, now.name) == ("Berlin", "Zhang")
    html = client.get(history_url(member)).content.decode()
    assert "city: Bern → Berlin" in html
    assert "typed wrongly" in html
    assert "Put back from the version of" in html


def test_a_value_may_be_put_back_by_whoever_may_not_see_it(client, marketing, member):
    first = first_version(member)
    change(member, email="new@example.com", phone="13811110001")
    client.force_login(marketing)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    assert "w***@example.com" in html
    assert "138****0001" in html
    assert "differs in what is hidden" in html
    for value in ("wei@example.com", "new@example.com", "13800000001", "13811110001"):
        assert value not in html
    assert answer(client, url, html).status_code == 302
    assert Member.objects.get(email="wei@example.com").phone == "13800000001"


def test_without_a_reason_nothing_happens_and_nothing_typed_is_lost(client, steward, member):
    first = first_version(member)
    change(member, city="Bern", name="Zhang")
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    html = answer(client, url, html, fields=["city"], reason=" ").content.decode()
    assert "whoever reads the history will ask" in html
    assert ticked(html) == ["city"]
    for reason in ("paid with 4111 1111 1111 1111", "a\x07b"):
        html = answer(client, url, html, reason=reason).content.decode()
        assert "put-back-problem" in html
    assert Member.objects.get().city == "Bern"


def test_a_card_number_in_a_reason_is_refused(client, steward, member):
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(steward)
    html = client.get(url_for(member, first)).content.decode()
    answer(client, url_for(member, first), html, reason="card 4111 1111 1111 1111")
    assert Member.objects.get().city == "Bern"


def test_a_change_since_the_preview_is_told_with_what_stands_there_now(
    client, steward, member, lina
):
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    change(member, actor=lina, city="Basel")
    html = answer(client, url, html).content.decode()
    assert "Na Li changed this after you opened this page" in html
    assert "Basel" in html
    assert Member.objects.get().city == "Basel"
    assert "typed wrongly" in html
    assert answer(client, url, html).status_code == 302
    assert Member.objects.get().city == "Berlin"


def test_a_change_since_the_preview_is_told_also_to_whoever_forgot_the_reason(
    client, steward, member, lina
):
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    change(member, actor=lina, city="Basel")
    html = answer(client, url, html, reason="").content.decode()
    assert "Na Li changed this after you opened this page" in html
    assert "whoever reads the history will ask" in html


def test_the_second_click_writes_nothing(client, steward, member):
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    for _click in range(2):
        assert answer(client, url, html).status_code == 302
    assert member.history.count() == 3


def test_a_forged_seen_or_field_puts_nothing_back(client, steward, member):
    first = first_version(member)
    change(member, city="Bern", secret_note="between us", hidden=False)
    client.force_login(steward)
    url = url_for(member, first)
    html = client.get(url).content.decode()
    for forged in ("", "nonsense", str(first)):
        assert answer(client, url, html, seen=forged).status_code == 200
    assert "secret_note" not in html
    assert answer(client, url, html, fields=["secret_note", "id", "nonsense"]).status_code == 200
    assert Member.objects.get().secret_note == "between us"


def test_what_the_form_does_not_let_one_change_is_not_put_back(
    client, steward, member, lina, monkeypatch
):
    from tests.audit.testapp.admin import MemberAdmin

    first = first_version(member)
    change(member, city="Bern", owner=lina)
    monkeypatch.setattr(MemberAdmin, "readonly_fields", ("owner",))
    client.force_login(steward)
    html = client.get(url_for(member, first)).content.decode()
    assert ticked(html) == ["city"]
    answer(client, url_for(member, first), html, fields=["city", "owner"])
    assert Member.objects.get().owner == lina


@pytest.mark.parametrize("missing", RIGHTS[1:])
def test_without_the_right_there_is_neither_offer_nor_page(client, member, missing):
    rights = [right for right in RIGHTS if right != missing]
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(somebody("intruder", "service", *rights))
    assert "put-back" not in client.get(history_url(member)).content.decode()
    url = url_for(member, first)
    assert client.get(url).status_code == 403
    seen = member.history.first().history_id
    data = {"seen": seen, "fields": ["city"], "reason": "mine"}
    assert client.post(url, data).status_code == 403
    assert Member.objects.get().city == "Bern"


def test_a_row_hidden_from_the_list_has_no_such_page(client, steward, member):
    first = first_version(member)
    Member.objects.audited_set(hidden=True)
    client.force_login(steward)
    assert client.get(url_for(member, first)).status_code == 404


def test_of_a_deleted_row_the_page_says_that_it_does_not_come_back(client, steward, member):
    first = first_version(member)
    steward.user_permissions.add(Permission.objects.get(codename="view_deleted_history"))
    url = url_for(member, first)
    member.delete()
    client.force_login(steward)
    html = client.get(url, follow=True).content.decode()
    assert "What was deleted is not put back from its history" in html
    assert "Put back…" not in html


def test_problems_stand_at_their_field_and_leave_it_unticked(client, steward, member, club):
    with_club = change(member, club=club, city="Bern")
    change(member, club=None, city="Basel")
    club.delete()
    client.force_login(steward)
    html = client.get(url_for(member, with_club)).content.decode()
    assert "What stood here then is no longer there." in html
    assert ticked(html) == ["city"]
    html = answer(
        client, url_for(member, with_club), html, fields=["club", "city"]
    ).content.decode()
    assert "What stood here then is no longer there." in html
    assert Member.objects.get().city == "Basel"


def test_what_cannot_be_opened_now_is_said_so_and_not_ticked(client, steward, member):
    first = first_version(member)
    change(member, city="Bern")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testaudit_member SET email = %s", [BROKEN])
    client.force_login(steward)
    html = client.get(url_for(member, first)).content.decode()
    assert "cannot be opened" in html
    assert ticked(html) == ["city"]
    assert answer(client, url_for(member, first), html, fields=["email"]).status_code == 302
    assert Member.objects.get(email="wei@example.com")


def test_going_back_behind_one_step_ticks_what_that_step_changed(client, steward, member):
    change(member, name="Zhang")
    step = change(member, city="Bern")
    change(member, stage="customer")
    client.force_login(steward)
    html = client.get(url_of_restore(member, step, undo=True)).content.decode()
    assert ticked(html) == ["city"]
    assert answer(client, url_of_restore(member, step, undo=True), html).status_code == 302
    now = Member.objects.get()
    assert (now.city, now.name, now.stage) == ("Berlin", "Zhang", "customer")


def test_markup_in_an_old_version_is_text(client, steward, member):
    version = change(member, name="<script>alert(1)</script>")
    change(member, name="Zhang")
    client.force_login(steward)
    for url in (url_for(member, version), history_url(member)):
        assert "<script>alert(1)" not in client.get(url).content.decode()


def test_the_preview_asks_as_often_for_many_fields_as_for_one(client, steward, member):
    first = first_version(member)
    change(member, city="Bern")
    client.force_login(steward)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url_for(member, first)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    change(member, name="A", stage="customer", email="x@example.com", phone="1", birth_date=None)
    for n in range(20):
        change(member, visits=n)
    assert queries() == few


# Filter and comparison ---------------------------------------------------------------------------


def test_the_history_can_be_narrowed_to_one_field(client, steward, member):
    change(member, city="Bern")
    for n in range(60):
        change(member, name=f"Name {n}")
    change(member, city="Basel", phone="13900005678")
    client.force_login(steward)
    html = client.get(history_url(member) + "?field=city").content.decode()
    assert "city: Bern → Basel" in html
    assert "city: Berlin → Bern" in html
    assert "name: Name 5" not in html
    assert "13900005678" not in html
    assert "field=city" in html
    phones = client.get(history_url(member) + "?field=phone").content.decode()
    assert "phone: 138****0001 → 139****5678" in phones
    for none in ("secret_note", "nonsense", "id"):
        assert "Name 59" in client.get(f"{history_url(member)}?field={none}").content.decode()


def test_two_versions_are_compared_whatever_lies_between(client, steward, member):
    first = first_version(member)
    change(member, name="Somebody else")
    change(member, name="Zhang Wei", city="Bern")
    last = change(member, email="new@example.com")
    client.force_login(steward)
    url = f"{history_url(member)}?compare={last}&compare={first}"
    html = client.get(url).content.decode()
    compared = html[html.index("history-compared") : html.index("<ol>")]
    assert compared.index("Berlin") < compared.index("Bern</td>")
    assert "Somebody else" not in compared
    assert "w***@example.com" in compared
    assert "new@example.com" not in html
    for wrong in (f"?compare={first}", f"?compare={first}&compare={first}", "?compare=x&compare=y"):
        told = client.get(history_url(member) + wrong).content.decode()
        assert "Tick two steps" in told


def test_versions_of_others_are_not_compared(client, steward, member):
    other = Member.objects.create(name="Very Secret")
    client.force_login(steward)
    url = f"{history_url(member)}?compare={first_version(other)}&compare={first_version(member)}"
    html = client.get(url).content.decode()
    assert "Very Secret" not in html
    assert "Tick two steps" in html


# The command -------------------------------------------------------------------------------------


def run(*arguments):
    output = StringIO()
    call_command("restore_version", *map(str, arguments), stdout=output, stderr=StringIO())
    return output.getvalue()


def test_the_command_tells_first_and_then_does_it(member, lina):
    first = first_version(member)
    change(member, city="Bern", name="Zhang", email="new@example.com")
    where = ("testaudit.member", member.pk, first)
    told = json.loads(run(*where, "--dry-run", "--json"))
    assert told == {"changed": ["name", "city", "email"], "problems": {}, "dry_run": True}
    assert Member.objects.get().city == "Bern"
    said = run(*where, "--fields", "city,email", "--reason", "script", "--actor", "lina")
    assert said.splitlines()[-1] == "changed 2 field(s): city, email"
    step = member.history.first()
    assert (step.history_actor, step.history_door) == ("Na Li", "command")
    assert step.history_change_reason == "script"
    assert Member.objects.get().name == "Zhang"


def test_a_wrong_version_is_answered_with_those_there_are(member, lina):
    first = first_version(member)
    change(member, city="Bern")
    with pytest.raises(CommandError) as refused:
        run("testaudit.member", member.pk, member.pk, "--reason", "x")
    told = str(refused.value).splitlines()
    assert len(told) == 3
    assert told[-1].startswith(f"  {first}")
    assert "Bern" not in str(refused.value)


def test_the_command_says_what_is_wrong(member, club):
    first = first_version(member)
    with_club = change(member, club=club)
    change(member, club=None)
    club.delete()
    where = ("testaudit.member", member.pk)
    for arguments, code in (
        ((*where, first), 2),
        ((*where, with_club, "--reason", "x"), 2),
        ((*where, with_club, "--dry-run"), 1),
        ((*where, first, "--fields", "secret,id", "--reason", "x"), 2),
        ((*where, member.pk, "--reason", "x"), 2),
        ((*where, "nonsense", "--reason", "x"), 2),
        (("testaudit.member", club.pk, first, "--reason", "x"), 2),
        (("staff.user", member.pk, first, "--reason", "x"), 2),
        (("nonsense", member.pk, first, "--reason", "x"), 2),
    ):
        with pytest.raises(CommandError) as refused:
            run(*arguments)
        assert refused.value.returncode == code
    assert Member.objects.get().club is None
