"""Who manages staff, and that nobody becomes more than they are by way of these pages."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from staff.models import Team, User
from staff.roles import Role, roles_of
from staff.services import set_roles, system_user

LIST = "admin:staff_user_changelist"


def page_of(user):
    return reverse("admin:staff_user_change", args=[user.pk])


def filled(user, *roles, **values):
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "team": user.team_id or "",
        "is_active": "on",
        "roles": [Group.objects.get(name=role).pk for role in roles],
    } | values


@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING, Role.SERVICE, Role.READ_ONLY])
def test_most_roles_cannot_open_the_staff_pages_at_all(role, member, signed_in):
    user = member("wang.wei", role)
    client = signed_in(user)
    for url in (reverse(LIST), page_of(user), reverse("admin:staff_user_add")):
        assert client.get(url).status_code == 403
    assert client.post(page_of(user), filled(user, Role.ADMINISTRATOR)).status_code == 403
    assert roles_of(User.objects.get(pk=user.pk)) == {role}


def test_an_auditor_reads_the_staff_pages_and_changes_nothing(member, signed_in):
    user, auditor = member("wang.wei", Role.SALES), member("audrey", Role.AUDITOR)
    client = signed_in(auditor)
    assert "Sales" in client.get(reverse(LIST)).content.decode()
    page = client.get(page_of(user))
    assert page.status_code == 200
    assert "Sales" in page.content.decode()
    assert client.post(page_of(auditor), filled(auditor, Role.ADMINISTRATOR)).status_code == 403
    assert roles_of(User.objects.get(pk=auditor.pk)) == {Role.AUDITOR}


def test_an_administrator_takes_somebody_on(administrator, signed_in):
    client = signed_in(administrator)
    assert client.get(reverse("admin:staff_user_add")).status_code == 200
    team = Team.objects.create(name="North")
    response = client.post(
        reverse("admin:staff_user_add"),
        {
            "username": "li.na",
            "first_name": "娜",
            "last_name": "李",
            "team": team.pk,
            "roles": [Group.objects.get(name="sales").pk],
            "password1": "one time password 1",
            "password2": "one time password 1",
        },
    )
    assert response.status_code == 302
    user = User.objects.get(username="li.na")
    assert (str(user), user.team, roles_of(user)) == ("李娜", team, {Role.SALES})
    assert user.must_change_password
    assert user.is_staff
    assert not user.is_superuser


def test_an_administrator_changes_somebodys_roles(administrator, member, signed_in):
    user = member("wang.wei", Role.SALES)
    client = signed_in(administrator)
    page = client.get(page_of(user)).content.decode()
    assert "Nobody is deleted here" in page
    assert 'name="is_superuser"' not in page
    assert 'name="user_permissions"' not in page
    data = filled(user, Role.SERVICE, Role.MARKETING, is_superuser="on")
    assert client.post(page_of(user), data).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert roles_of(user) == {Role.SERVICE, Role.MARKETING}
    assert not user.is_superuser


def test_somebody_who_left_is_deactivated_and_cannot_be_deleted(administrator, member, signed_in):
    user = member("wang.wei", Role.SALES)
    client = signed_in(administrator)
    data = filled(user, Role.SALES)
    del data["is_active"]
    assert client.post(page_of(user), data).status_code == 302
    assert not User.objects.get(pk=user.pk).is_active
    url = reverse("admin:staff_user_delete", args=[user.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    client.post(reverse(LIST), bulk)
    assert User.objects.filter(pk=user.pk).exists()


def helper(member):
    """Somebody of a role that may change staff without being an administrator."""
    user = member("hester", Role.SERVICE)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="staff", codename__endswith="_user")
    )
    return user


def test_a_key_no_database_can_hold_is_that_of_no_role(administrator, member, signed_in):
    user = member("wang.wei", Role.SALES)
    sent = filled(user) | {"roles": ["9" * 400]}
    refused = signed_in(administrator).post(page_of(user), sent)
    assert "roles" in refused.context["adminform"].form.errors
    assert roles_of(User.objects.get(pk=user.pk)) == {Role.SALES}


def test_nobody_grants_a_role_they_do_not_hold(member, signed_in):
    user = member("wang.wei")
    client = signed_in(helper(member))
    page = client.get(page_of(user)).content.decode()
    assert "Service" in page
    assert "Administrator" not in page
    client.post(page_of(user), filled(user, Role.ADMINISTRATOR))
    assert roles_of(User.objects.get(pk=user.pk)) == frozenset()
    assert client.post(page_of(user), filled(user, Role.SERVICE)).status_code == 302
    assert roles_of(User.objects.get(pk=user.pk)) == {Role.SERVICE}


def test_nobody_makes_themselves_more_than_they_are(member, signed_in):
    hester = helper(member)
    signed_in(hester).post(page_of(hester), filled(hester, Role.SERVICE, Role.ADMINISTRATOR))
    assert roles_of(User.objects.get(pk=hester.pk)) == {Role.SERVICE}


def test_nobody_takes_over_somebody_who_may_do_more(member, administrator, signed_in):
    client = signed_in(helper(member))
    url = reverse("admin:auth_user_password_change", args=[administrator.pk])
    new = {"password1": "taken over by me", "password2": "taken over by me"}
    assert client.post(url, new).status_code == 403
    assert client.post(page_of(administrator), filled(administrator)).status_code == 403


def test_the_last_administrator_can_neither_step_down_nor_leave(administrator, signed_in):
    client = signed_in(administrator)
    gone = filled(administrator, Role.ADMINISTRATOR)
    del gone["is_active"]
    for data in (filled(administrator, Role.SALES), gone):
        response = client.post(page_of(administrator), data)
        assert response.status_code == 200
        assert "last administrator" in response.content.decode()
    with pytest.raises(ValidationError, match="last administrator"):
        set_roles(actor=administrator, user=administrator, roles=[Role.SALES])


def test_an_administrator_may_step_down_when_there_is_another(administrator, member, signed_in):
    member("bob", Role.ADMINISTRATOR)
    client = signed_in(administrator)
    client.post(page_of(administrator), filled(administrator, Role.SALES))
    assert roles_of(User.objects.get(pk=administrator.pk)) == {Role.SALES}


def test_the_system_user_is_nobody_one_can_be_or_edit(administrator, signed_in):
    system = system_user()
    assert system_user() == system
    assert not system.is_active
    assert not system.has_usable_password()
    client = signed_in(administrator)
    assert client.get(page_of(system)).status_code == 302
    assert client.post(page_of(system), filled(system)).status_code == 302
    with pytest.raises(PermissionDenied):
        set_roles(actor=administrator, user=system, roles=[Role.SALES])


@pytest.mark.parametrize("name", ["system", "System", "ADA"])
def test_a_taken_name_is_refused_at_its_field(name, administrator, signed_in):
    data = {
        "username": name,
        "password1": "one time password 1",
        "password2": "one time password 1",
    }
    response = signed_in(administrator).post(
        reverse("admin:staff_user_add"),
        data | {"roles": [Group.objects.get(name="sales").pk]},
    )
    assert response.status_code == 200
    assert "username" in response.context["adminform"].form.errors


def test_markup_in_a_name_stays_text(administrator, member, signed_in):
    member("mallory", Role.SALES, first_name="<script>alert(1)</script>")
    page = signed_in(administrator).get(reverse(LIST)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_staff_list_asks_as_often_for_fifty_people_as_for_one(
    administrator, member, signed_in, django_assert_max_num_queries
):
    team = Team.objects.create(name="North")
    for n in range(50):
        member(f"person{n}", Role.SALES, team=team)
    client = signed_in(administrator)
    with django_assert_max_num_queries(15):
        client.get(reverse(LIST))


def test_groups_have_no_page_because_roles_are_code():
    assert not admin.site.is_registered(Group)


def test_teams_show_how_many_work_in_them(administrator, member, signed_in):
    team = Team.objects.create(name="North")
    member("a", team=team)
    member("b", team=team, is_active=False)
    page = signed_in(administrator).get(reverse("admin:staff_team_changelist"))
    [found] = page.context["cl"].result_list
    assert found.active_members == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Li", "Na", "Li Na"), ("娜", "李", "李娜"), ("Ada", "", "Ada"), ("", "", "who")],
)
def test_people_are_called_by_their_name_in_its_own_order(first, last, shown):
    assert str(User(username="who", first_name=first, last_name=last)) == shown


@pytest.mark.parametrize("text", ["\u202eada", "a\u0007b"])
def test_nobody_is_called_what_reads_like_somebody_else(administrator, member, signed_in, text):
    client, user = signed_in(administrator), member("li")
    page = reverse("admin:staff_user_change", args=[user.pk])
    refused = client.post(page, {"username": "li", "first_name": text, "is_active": "on"})
    assert "invisible control characters" in refused.text
    refused = client.post(reverse("admin:staff_team_add"), {"name": text})
    assert "invisible control characters" in refused.text
    assert not Team.objects.exists()
