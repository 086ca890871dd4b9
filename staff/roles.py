"""The registry of roles: who may do what, written by each app for its own models.

Every app puts a `roles.py` on its shelf that calls `register()`. After `migrate`, the group of
each role holds exactly what the registry says: a permission removed from the code is removed from
the database, one added by hand is taken away again. What a role may *see* of a protected value is
another matrix (audit answers it).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.utils.translation import gettext_lazy as _

from staff.models import User


class Role(models.TextChoices):
    """What a member of staff is here for. The value is the name of the role's group."""

    ADMINISTRATOR = "administrator", _("Administrator")
    DATA_STEWARD = "data_steward", _("Data steward")
    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    AUDITOR = "auditor", _("Auditor")
    READ_ONLY = "read_only", _("Read only")


class UnknownPermission(ImproperlyConfigured):
    """A role line names a permission that no model has."""


_lines: dict[str, dict[Role, frozenset[str]]] = {}
_nobody: dict[str, frozenset[str]] = {}


def register(
    app_label: str,
    lines: Mapping[Role, Iterable[str]],
    *,
    nobody: Iterable[str] = (),
) -> None:
    """Say what each role may do with the models of one app.

    `lines` maps roles to permissions written "app.codename". The administrator needs no line: that
    role holds every permission of every registered app, except the ones under `nobody` and except
    changing history. Calling it again for the same app replaces its lines.
    """
    _lines[app_label] = {Role(role): frozenset(names) for role, names in lines.items()}
    _nobody[app_label] = frozenset(nobody)
    for name in frozenset().union(*_lines[app_label].values(), _nobody[app_label]):
        if name.count(".") != 1:
            raise UnknownPermission(
                f"roles.py of {app_label}: {name!r} is not written as app.codename."
            )


def permissions_of(role: Role) -> frozenset[str]:
    """Everything a role may do, as "app.codename", from the code alone (no database)."""
    wanted = frozenset().union(*(lines.get(role, frozenset()) for lines in _lines.values()))
    if role is Role.ADMINISTRATOR:
        wanted |= _everything()
    return wanted - frozenset().union(*_nobody.values())


def matrix() -> dict[Role, frozenset[str]]:
    """Role by role, everything it may do."""
    return {role: permissions_of(role) for role in Role}


def roles_of(user: User | AnonymousUser) -> frozenset[Role]:
    """The roles somebody holds; remembered on the instance, as Django does with permissions."""
    if not isinstance(user, User) or user.pk is None:
        return frozenset()
    held: frozenset[Role] | None = getattr(user, "_roles", None)
    if held is None:
        names = set(user.groups.values_list("name", flat=True)) & set(Role.values)
        held = frozenset(Role(name) for name in names)
        if user.is_superuser:
            held |= {Role.ADMINISTRATOR}
        user._roles = held  # type: ignore[attr-defined]
    return held


def apply_roles(using: str = DEFAULT_DB_ALIAS, apps: Apps = installed_apps) -> None:
    """Make the group of every role equal to the registry; may be repeated at will.

    `apps` is the state of the models that `migrate` reached. Lines of an app that is not fully
    migrated yet wait for the next run; any other permission that does not exist is an error.
    """
    known = {
        f"{label}.{codename}": key
        for key, label, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    waiting = _unfinished_apps(apps)
    with transaction.atomic(using=using):
        for role, wanted in matrix().items():
            wanted = frozenset(name for name in wanted if name.split(".")[0] not in waiting)
            unknown = sorted(wanted - known.keys())
            if unknown:
                raise UnknownPermission(
                    f"The role {role.value!r} names permissions that no model has: "
                    f"{', '.join(unknown)}. Mend the roles.py that registers them."
                )
            group, _created = Group.objects.using(using).get_or_create(name=role.value)
            group.permissions.set([known[name] for name in wanted])


def apply_roles_after_migrate(
    sender: Any,
    using: str = DEFAULT_DB_ALIAS,
    apps: Apps = installed_apps,
    **kwargs: Any,
) -> None:
    """The `post_migrate` door.

    The signal comes once per app, and each app's permissions are made when its own arrives. Only
    after the last one do all of them exist.
    """
    last = [config for config in installed_apps.get_app_configs() if config.models_module][-1]
    if sender.label != last.label:
        return
    try:
        for model in ("auth.Group", "auth.Permission", "staff.User"):
            apps.get_model(model)
    except LookupError:  # migrated only in part: nothing to write to yet
        return
    apply_roles(using=using, apps=apps)


def _unfinished_apps(state: Apps) -> frozenset[str]:
    reached = {(model._meta.app_label, model._meta.model_name) for model in state.get_models()}
    return frozenset(
        model._meta.app_label
        for model in installed_apps.get_models()
        if model._meta.managed and (model._meta.app_label, model._meta.model_name) not in reached
    )


def _everything() -> frozenset[str]:
    found: set[str] = set()
    for label in _lines:
        for model in installed_apps.get_app_config(label).get_models():
            meta = model._meta
            # History is written by the system alone. Whoever administers may read it.
            of_history = any(field.name == "history_type" for field in meta.fields)
            actions = ("view",) if of_history else meta.default_permissions
            found |= {f"{label}.{get_permission_codename(action, meta)}" for action in actions}
            found |= {f"{label}.{codename}" for codename, _name in meta.permissions}
    return frozenset(found)


register(
    "staff",
    {
        Role.PRIVACY_OFFICER: ["staff.view_user", "staff.view_team"],
        Role.AUDITOR: ["staff.view_user", "staff.view_team"],
    },
    # What somebody did keeps its author: staff are deactivated.
    nobody=["staff.delete_user"],
)
