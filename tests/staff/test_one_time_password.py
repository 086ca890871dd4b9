"""A one-time password opens the page to change it, and nothing else, and only once."""

import pytest
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from staff.models import User
from staff.roles import Role
from staff.services import create_staff, system_user

NEW = "a much better password"


@pytest.fixture
def newcomer(db):
    return create_staff(actor=system_user(), username="li.na", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def client_of(newcomer):
    user, password = newcomer
    client = Client()
    assert client.login(username=user.username, password=password)
    return client


def change(client, old, new):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("admin:password_change"), data)


def test_every_page_leads_to_the_password_change_page_which_says_why(client_of):
    for url in ("/", reverse("admin:staff_user_changelist"), "/no/such/page/"):
        response = client_of.get(url)
        assert (response.status_code, response.url) == (302, reverse("admin:password_change"))
    page = client_of.get(response.url).content.decode()
    assert page.count("Choose your own password first") == 1


def test_nothing_can_be_posted_either(client_of):
    url = reverse("admin:staff_team_add")
    assert client_of.post(url, {"name": "North"}).url == reverse("admin:password_change")


def test_a_script_gets_an_answer_it_understands(client_of):
    response = client_of.get("/", headers={"accept": "application/json"})
    assert response.status_code == 403
    assert "password" in response.json()["error"]


def test_signing_out_and_translations_stay_open(client_of):
    assert client_of.get(reverse("admin:jsi18n")).status_code == 200
    assert client_of.post(reverse("admin:logout")).status_code == 200


def test_a_new_password_opens_everything(client_of, newcomer):
    user, password = newcomer
    assert change(client_of, password, NEW).url == reverse("admin:password_change_done")
    assert client_of.get(reverse("admin:staff_user_changelist")).status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.check_password(NEW)


def test_the_one_time_password_cannot_be_kept(client_of, newcomer):
    user, password = newcomer
    change(client_of, password, password)
    user.refresh_from_db()
    assert user.must_change_password
    assert client_of.get("/").status_code == 302


def test_a_better_hash_of_the_same_password_does_not_count_as_a_change(newcomer, settings):
    user, password = newcomer
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert user.check_password(password)
    assert user.password.startswith("pbkdf2")
    assert user.must_change_password


def test_the_validator_says_it_at_the_field(newcomer):
    user, password = newcomer
    ours = get_password_validators(
        [{"NAME": "staff.validators.DiffersFromPresentPassword"}],
    )
    with pytest.raises(ValidationError, match="present password"):
        validate_password(password, user, ours)
    validate_password(NEW, user, ours)
    validate_password(password, User(username="new"), ours)
    validate_password(password, None, ours)
    assert "differ" in ours[0].get_help_text()


def test_an_administrator_who_resets_a_password_hands_out_a_one_time_password(
    administrator, member, signed_in
):
    user = member("wang.wei", Role.SALES)
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    page = signed_in(administrator).get(url)
    assert page.status_code == 200
    response = signed_in(administrator).post(url, {"password1": NEW, "password2": NEW})
    assert response.status_code == 302
    user.refresh_from_db()
    assert user.must_change_password
    assert user.check_password(NEW)


@pytest.mark.parametrize("write", [str, lambda key: key.hex, lambda key: str(key).upper()])
def test_an_administrator_changes_their_own_password_with_the_old_one(
    administrator, signed_in, write
):
    url = reverse("admin:auth_user_password_change", args=[write(administrator.pk)])
    response = signed_in(administrator).post(url, {"password1": NEW, "password2": NEW})
    assert response.url == reverse("admin:password_change")
    administrator.refresh_from_db()
    assert not administrator.check_password(NEW)


def test_a_new_one_time_password_ends_the_sessions_of_the_old_one(administrator, member, signed_in):
    user = member("wang.wei", Role.SALES)
    client = signed_in(user)
    assert client.get("/").status_code == 200
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    signed_in(administrator).post(url, {"password1": NEW, "password2": NEW})
    assert client.get("/").url.startswith(reverse("admin:login"))
    assert Client().login(username="wang.wei", password=NEW)
