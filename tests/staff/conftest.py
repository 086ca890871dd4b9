import pytest
from django.contrib.auth.models import Group
from django.test import Client

from staff.models import User
from staff.roles import Role

PASSWORD = "correct horse battery staple"


@pytest.fixture
def member(db):
    """Make somebody with these roles."""

    def make(username, *roles, **values):
        user = User.objects.create_user(username, password=PASSWORD, **values)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def administrator(member):
    return member("ada", Role.ADMINISTRATOR)


@pytest.fixture
def signed_in():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in
