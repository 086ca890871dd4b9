"""Who gave whom which role, and took it away: in the history of the person.

Roles are a many-to-many relation, which is no column of the person's row; so the step is written
with a note in words. Django sends these signals inside the transaction of the change.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed
from django.utils.translation import gettext as _

from audit.recording import CHANGED, record
from staff.models import User
from staff.roles import Role


def listen() -> None:
    m2m_changed.connect(
        record_role_change, sender=User.groups.through, dispatch_uid="audit.role_changes"
    )


def record_role_change(
    sender: Any,
    instance: User | Group,
    action: str,
    reverse: bool,
    pk_set: set[Any] | None,
    using: str,
    **kwargs: Any,
) -> None:
    """`reverse` when somebody was added to a group instead of a group to somebody."""
    words = {"post_add": _("given: %s"), "post_remove": _("taken away: %s")}
    if action == "pre_clear":
        action, pk_set = "post_remove", _all_of(instance, reverse)
    if action not in words or not pk_set:
        return
    people = pk_set if reverse else {instance.pk}
    groups: Any = {instance.pk} if reverse else pk_set
    names = Group.objects.using(using).filter(pk__in=groups).values_list("name", flat=True)
    note = words[action] % ", ".join(sorted(_title(name) for name in names))
    record(User, people, CHANGED, using=using, note=note)


def _all_of(instance: Any, reverse: bool) -> set[Any]:
    related = instance.user_set if reverse else instance.groups
    return set(related.values_list("pk", flat=True))


def _title(name: str) -> str:
    return str(Role(name).label) if name in Role.values else name
