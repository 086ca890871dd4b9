"""Who acts now, through which door, and why.

A context variable and no thread-local: it follows the request, task or command it was set in and
is put back when that ends. Whoever changes a row without saying who they are is recorded as
"unknown", coming through the "shell".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from staff.models import User

SYSTEM = "system"
UNKNOWN = "unknown"
ANONYMOUS = "anonymous"


class Door(models.TextChoices):
    """The way a change came in, in the words of the history page."""

    ADMIN = "admin", _("in the admin")
    COMMAND = "command", _("by a command")
    TASK = "task", _("by a background job")
    SYSTEM = "system", _("by the system")
    SHELL = "shell", _("outside the application")


@dataclass(frozen=True)
class Acting:
    """One answer to "who, how, why"; the actor is looked up only when somebody asks."""

    find_actor: Callable[[], User | AnonymousUser | None]
    door: str
    reason: str
    request_id: UUID

    @property
    def actor(self) -> User | None:
        """The member of staff, or None for the system and for people not signed in."""
        actor = self.find_actor()
        return actor if actor is not None and actor.is_authenticated else None

    @property
    def actor_id(self) -> UUID | None:
        actor = self.actor
        return actor.pk if actor is not None else None

    @property
    def actor_name(self) -> str:
        actor = self.find_actor()
        if actor is None:
            return UNKNOWN if self.door == Door.SHELL else SYSTEM
        return str(actor) if actor.is_authenticated else ANONYMOUS


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting(
    *, actor: User | None, door: str, reason: str = "", request_id: UUID | None = None
) -> Iterator[Acting]:
    """Everything changed inside the block is recorded under this actor, door and reason.

    A block inside another keeps the outer request id: both belong to one deed.
    """
    with acting_lazily(
        find_actor=lambda: actor, door=door, reason=reason, request_id=request_id
    ) as now_acting:
        yield now_acting


@contextmanager
def acting_lazily(
    *,
    find_actor: Callable[[], User | AnonymousUser | None],
    door: str,
    reason: str = "",
    request_id: UUID | None = None,
) -> Iterator[Acting]:
    """As `acting()`, for doors that would have to ask the database who it is."""
    outer = _acting.get()
    if request_id is None:
        request_id = outer.request_id if outer is not None else uuid7()
    now_acting = Acting(find_actor, Door(door).value, reason, request_id)
    token = _acting.set(now_acting)
    try:
        yield now_acting
    finally:
        _acting.reset(token)


def current() -> Acting:
    """Who acts now; outside any `acting()` block nobody said."""
    return _acting.get() or Acting(lambda: None, Door.SHELL.value, "", uuid7())
