"""The history page: who may read it, and what stands in it."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.context import acting
from staff.models import User
from tests.audit.testapp.models import Club, Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(db):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    return user


@pytest.fixture
def signed_in(client, viewer):
    client.force_login(viewer)
    return client


def history_of(member):
    return reverse("admin:testaudit_member_history", args=[member.pk])


def version_of(member):
    row = member.history.first()
    return reverse("admin:testaudit_member_simple_history", args=[member.pk, row.history_id])


def test_the_page_says_who_when_how_why_and_what(signed_in, member, lina, club):
    with acting(actor=lina, door="command", reason="asked by phone"):
        member.city = "Bern"
        member.phone = "13900005678"
        member.stage = Member.Stage.CUSTOMER
        member.club = club
        member.save()
    html = signed_in.get(history_of(member)).content.decode()
    for words in (
        "Na Li",
        "by a command",
        "asked by phone",
        "city: Berlin → Bern",
        "phone: 138****0001 → 139****5678",
        "stage: Lead → Regular customer",
        "club: — → Chess",
        "created this",
    ):
        assert words in html
    assert "13900005678" not in html
    assert html.index("Berlin → Bern") < html.index("created this")


def test_fields_that_the_page_of_the_object_does_not_show_are_not_in_its_history(signed_in, member):
    member.secret_note = "between us"
    member.save()
    html = signed_in.get(history_of(member)).content.decode()
    assert "between us" not in html
    assert "changed something that is not shown here" in html


def test_a_row_hidden_from_the_list_has_no_history_page(signed_in, member):
    version = version_of(member)
    Member.objects.audited_set(hidden=True)
    assert signed_in.get(history_of(member)).status_code == 404
    assert signed_in.get(version).status_code == 404
    assert signed_in.post(version, {"name": "Mallory"}).status_code == 403


@pytest.mark.parametrize("extra", [(), ("change_member",)])
def test_nobody_edits_through_the_history_form(client, viewer, member, extra):
    viewer.user_permissions.add(*Permission.objects.filter(codename__in=extra))
    client.force_login(viewer)
    response = client.get(version_of(member))
    assert response.status_code == 302
    assert response["Location"] == history_of(member)
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(version_of(member), {"name": "Mallory"}).status_code == 403
    assert Member.objects.get().name == "Zhang Wei"


def test_without_the_permission_there_is_no_history(client, member, lina):
    client.force_login(lina)
    assert client.get(history_of(member)).status_code == 403
    assert client.get(version_of(member)).status_code == 403


def test_the_signed_out_are_sent_to_sign_in(client, member):
    assert client.get(history_of(member)).status_code == 302


def test_a_deleted_object_is_history_for_those_who_may_read_that(client, viewer, member):
    url = history_of(member)
    member.delete()
    client.force_login(viewer)
    assert client.get(url).status_code == 404
    viewer.user_permissions.add(Permission.objects.get(codename="view_deleted_history"))
    html = client.get(url).content.decode()
    assert "deleted this" in html
    assert (
        client.get(reverse("admin:testaudit_member_history", args=["nonsense"])).status_code == 404
    )


def test_one_token_that_does_not_open_does_not_break_the_page(signed_in, member):
    member.phone = "13900005678"
    member.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE testaudit_historicalmember SET phone = %s WHERE history_type = '+'",
            ["p1.k0000000." + "A" * 60],
        )
    html = signed_in.get(history_of(member)).content.decode()
    assert "phone: cannot be opened → 139****5678" in html


def test_the_page_asks_as_often_for_forty_steps_as_for_two(signed_in, member, lina):
    clubs = Club.objects.audited_create([Club(name=f"Club {n}") for n in range(40)])

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            signed_in.get(history_of(member))
        return len(captured)

    member.club, member.owner = clubs[0], lina
    member.save()
    queries()
    few = queries()
    for club in clubs:
        member.club, member.city = club, club.name
        member.save()
    assert queries() == few


def test_the_oldest_step_of_a_page_is_told_against_the_row_before_it(signed_in, member):
    for n in range(60):
        member.city = f"City {n}"
        member.save()
    first = signed_in.get(history_of(member)).content.decode()
    assert "city: City 58 → City 59" in first
    assert "city: City 9 → City 10" in first
    assert "City 8 →" not in first
    second = signed_in.get(history_of(member) + "?p=2").content.decode()
    assert "city: City 8 → City 9" in second
    assert "city: Berlin → City 0" in second


def test_a_related_object_that_is_gone_is_called_deleted(signed_in, member, club):
    member.club = club
    member.save()
    member.club = None
    member.save()
    club.delete()
    assert "club: (deleted) → —" in signed_in.get(history_of(member)).content.decode()


def test_staff_have_a_history_page_too(client, lina):
    reader = User.objects.create_user("reader", is_staff=True)
    reader.groups.add(Group.objects.get(name="administrator"))
    client.force_login(reader)
    with acting(actor=reader, door="admin"):
        lina.first_name = "Nana"
        lina.save()
    html = client.get(reverse("admin:staff_user_history", args=[lina.pk])).content.decode()
    assert "first name: Na → Nana" in html
