"""Who sees which protected value, and how much of it: one matrix, asked by every page.

Role × class of data × scope answers clear, masked or hidden. Each app may add lines from its
`audit.py`; whatever no line mentions is masked. Lists and histories are masked for everybody:
they show many people at once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from encryption.classes import DataClass
from encryption.errors import CannotOpen
from encryption.fields import ProtectedMixin
from encryption.masks import DOTS, masked
from encryption.sealed import Sealed, sealed_values
from staff.roles import Role, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from staff.models import User

CANNOT_BE_OPENED = _("cannot be opened")
HIDDEN_FIELD = "••••"
EMPTY = "—"


class Level(enum.IntEnum):
    """How much is shown; the most that any role of a person allows counts."""

    HIDDEN = 0
    MASKED = 1
    CLEAR = 2


class Scope(enum.IntEnum):
    """How near a row is to somebody: their own, their team's, or anybody's."""

    OWN = 1
    TEAM = 2
    ALL = 3


@dataclass(frozen=True)
class Line:
    """`role` sees values of this class at `level`, of rows no farther away than `scope`."""

    role: Role
    data_class: DataClass
    level: Level
    scope: Scope = Scope.ALL


_lines: dict[tuple[Role, DataClass], list[Line]] = {}


def register(lines: Iterable[Line]) -> None:
    """Add lines to the matrix; called from an app's `audit.py`."""
    for line in lines:
        _lines.setdefault((line.role, line.data_class), []).append(line)


def is_protected(field: Any) -> bool:
    """Whether a model field holds sealed values."""
    return isinstance(field, ProtectedMixin)


def protected_fields(model: type[models.Model]) -> dict[str, Any]:
    """The protected fields of a model by name."""
    return {field.name: field for field in model._meta.concrete_fields if is_protected(field)}


def scope_of(user: User | AnonymousUser, obj: models.Model | None) -> Scope:
    """How near the row is; a model that does not say belongs to anybody."""
    owned_by = getattr(obj, "owned_by", None)
    return Scope(owned_by(user)) if owned_by is not None else Scope.ALL


def level(
    user: User | AnonymousUser | None,
    model: type[models.Model],
    field: str,
    obj: models.Model | None = None,
    where: str = "page",
) -> Level:
    """What `user` may see of `field`. `where` is "page", "list" or "history".

    Without `obj` the answer is for a row of which nothing is known: scope ALL.
    """
    model_field = model._meta.get_field(field)
    if not isinstance(model_field, ProtectedMixin):
        return Level.CLEAR
    if user is None or not user.is_authenticated:
        return Level.HIDDEN
    allowed = _allowed(user, model_field.data_class, obj)
    return allowed if where == "page" else min(allowed, Level.MASKED)


def _allowed(
    user: User | AnonymousUser, data_class: DataClass | None, obj: models.Model | None
) -> Level:
    scope = scope_of(user, obj)
    if data_class is None:  # not declared: nobody decided who may see it
        return Level.MASKED
    levels = [
        line.level
        for role in roles_of(user)
        for line in _lines.get((role, data_class), ())
        if scope <= line.scope
    ]
    return max(levels, default=Level.MASKED)


def shown(
    user: User | AnonymousUser | None, obj: models.Model, field_name: str, where: str = "page"
) -> str:
    """The value as `user` may see it: clear, masked, or empty. Never raises, never lies."""
    field: Any = obj._meta.get_field(field_name)
    allowed = level(user, type(obj), field_name, obj, where)
    if allowed is Level.HIDDEN:
        return ""
    with sealed_values():
        value = getattr(obj, field.attname)
    return str(shown_value(field, value, row=obj.pk, allowed=allowed))


def shown_value(field: Any, value: Any, *, row: Any, allowed: Level) -> str | Promise:
    """As `shown()`, for a value that was read without its object (history, `values()`)."""
    if allowed is Level.HIDDEN:
        return ""
    if isinstance(value, Sealed):
        try:
            value = value.open(row=row)
        except CannotOpen:
            return CANNOT_BE_OPENED
    if value in (None, ""):
        return ""
    if allowed is Level.CLEAR:
        return str(value)
    try:
        return masked(value, field.mask)
    except (ValueError, TypeError, IndexError):  # a mask that does not fit must not tell anything
        return DOTS


def _default_matrix() -> Iterable[Line]:
    """Contact, address and text: in clear for those who work with the customer. Identity,
    health, finance and secrets: masked for everybody, which is what no line means."""
    everyday = (DataClass.CONTACT, DataClass.ADDRESS, DataClass.TEXT)
    for data_class in everyday:
        for role in (Role.SALES, Role.SERVICE):
            yield Line(role, data_class, Level.CLEAR, Scope.TEAM)
        for role in (Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR):
            yield Line(role, data_class, Level.CLEAR)


register(_default_matrix())
