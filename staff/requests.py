"""Who asks."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from staff.models import User


def member(request: HttpRequest) -> User:
    """Who signed in; the admin lets nobody else this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
