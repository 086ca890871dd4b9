"""What can be done with many customers at once: the list offers it, each entry opens its page.

A registry, so that what leads elsewhere (an export) stands beside what is done here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.selection import Selection


@dataclass(frozen=True)
class BulkDoor:
    """`open(model_admin, request, selection)` answers with the page that asks before it does."""

    name: str
    label: str | Promise
    permission: str
    open: Callable[[Any, HttpRequest, Selection], HttpResponse]


_doors: dict[str, BulkDoor] = {}


def register(door: BulkDoor) -> None:
    _doors[door.name] = door


def doors_for(user: Any) -> list[BulkDoor]:
    """Those open to this person, in the order of registration."""
    return [door for door in _doors.values() if user.has_perm(door.permission)]


def posted_selection(request: HttpRequest) -> Selection:
    """Whom the page that asked was about."""
    try:
        return Selection.from_page(request.POST.get("selection", ""))
    except ValueError:
        raise PermissionDenied(_("The page was changed on its way. Open the list again.")) from None


def token_of(request: HttpRequest) -> UUID | None:
    """The key that the page that asked gave to what was asked for: pressed twice, it is one."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return None
