"""Verbs on staff: taking somebody on, giving them roles."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import Team, User
from staff.roles import Role, roles_of

SYSTEM_USERNAME = "system"
# No letter or digit that is taken for another when read aloud or from paper.
READABLE = "abcdefghijkmnpqrstuvwxyz23456789"


def system_user() -> User:
    """Who acts when nobody does: the scheduler, the command line. Can never sign in."""
    user, created = User.objects.get_or_create(
        username=SYSTEM_USERNAME, defaults={"is_active": False, "is_staff": False, "password": "!"}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def may_grant(actor: User, role: Role) -> bool:
    """Nobody gives away a role they do not hold, except an administrator (or the system)."""
    held = roles_of(actor)
    return actor.username == SYSTEM_USERNAME or Role.ADMINISTRATOR in held or role in held


def may_manage(actor: User, user: User) -> bool:
    """Whether `actor` may change this person: not somebody who may do more than they may.

    Otherwise a new password for an administrator would be a way to become one.
    """
    if user.username == SYSTEM_USERNAME:
        return False
    return all(may_grant(actor, role) for role in roles_of(user))


@transaction.atomic
def create_staff(
    *,
    actor: User,
    username: str,
    roles: Iterable[Role],
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    team: Team | None = None,
    password: str | None = None,
    must_change_password: bool = True,
) -> tuple[User, str]:
    """Take somebody on. Returns them and their one-time password ("" when one was given).

    Raises ValidationError for a name that is taken, a weak password or no role, PermissionDenied
    for a role that `actor` may not give.
    """
    wanted = {Role(role) for role in roles}
    if not wanted:
        raise ValidationError(_("Choose at least one role: without one nothing can be done here."))
    user = User(
        username=User.normalize_username(username.strip()),
        first_name=first_name,
        last_name=last_name,
        email=User.objects.normalize_email(email),
        team=team,
    )
    one_time_password = "" if password is not None else new_one_time_password()
    if password is not None:
        validate_password(password, user)
    user.set_password(password or one_time_password)
    user.must_change_password = must_change_password
    user.full_clean()
    user.save()
    set_roles(actor=actor, user=user, roles=wanted)
    return user, one_time_password


@transaction.atomic
def set_roles(*, actor: User, user: User, roles: Iterable[Role]) -> None:
    """Give somebody exactly these roles. Groups that are no role stay as they are."""
    wanted = {Role(role) for role in roles}
    held = roles_of(user)
    if user.username == SYSTEM_USERNAME:
        raise PermissionDenied(_("The system itself holds no role."))
    for role in wanted ^ held:
        if not may_grant(actor, role):
            raise PermissionDenied(
                _("Only an administrator, or who holds the role “%(role)s”, gives or takes it.")
                % {"role": role.label}
            )
    if Role.ADMINISTRATOR in held - wanted and is_last_administrator(user):
        raise ValidationError(
            _("This is the last administrator. Give somebody else that role first.")
        )
    user.groups.remove(*Group.objects.filter(name__in=held - wanted))
    user.groups.add(*Group.objects.filter(name__in=wanted - held))
    forget_permissions(user)


def is_last_administrator(user: User) -> bool:
    """Whether nobody could manage staff if this person no longer did."""
    others = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    return (
        user.is_active
        and Role.ADMINISTRATOR in roles_of(user)
        and not others.exclude(pk=user.pk).exists()
    )


def new_one_time_password() -> str:
    """Four groups of five readable characters: 100 bits."""
    groups = ("".join(secrets.choice(READABLE) for _n in range(5)) for _g in range(4))
    return "-".join(groups)


def forget_permissions(user: User) -> None:
    """Drop what Django and `roles_of` remember on the instance about an earlier set of roles."""
    for name in ("_roles", "_perm_cache", "_group_perm_cache", "_user_perm_cache"):
        user.__dict__.pop(name, None)
