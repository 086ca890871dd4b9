"""What was said and what is to be done: logging, planning, doing, postponing, handing on.

A form carries a submission id. It becomes the key of what is made, so a second click, a browser
that sends again and two tabs make one row, and the database itself holds that.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.context import acting, current
from audit.disclosure import Scope
from customers import due
from customers.errors import NotPossible
from customers.models import Customer, FollowUp, Interaction
from customers.models.choices import Direction, InteractionKind
from staff.models import User
from staff.roles import Role, roles_of

STEWARDS = frozenset({Role.DATA_STEWARD, Role.ADMINISTRATOR})
INTERACTION_FIELDS = frozenset({"kind", "direction", "happened_at", "minutes", "text"})


@dataclass(frozen=True)
class Plan:
    """A follow-up somebody wants: what, by when, and who does it."""

    what: str
    due_at: datetime
    assigned_to: User


@dataclass(frozen=True)
class Logged:
    """What stands now; `again` when the same form had come before."""

    interaction: Interaction
    follow_up: FollowUp | None
    again: bool


def log_interaction(
    *,
    actor: User,
    customer: Customer,
    kind: str = InteractionKind.CALL,
    text: str = "",
    direction: str = Direction.OUT,
    minutes: int | None = None,
    happened_at: datetime | None = None,
    follow_up: Plan | None = None,
    submission: UUID | None = None,
) -> Logged:
    """Write down what was said and, in the same transaction, what is to be done next.

    Raises ValidationError by field, NotPossible for a customer in the bin.
    """
    interaction = Interaction(
        pk=submission or uuid7(),
        customer=customer,
        kind=kind,
        direction="" if kind == InteractionKind.NOTE else direction,
        happened_at=happened_at or timezone.now(),
        minutes=minutes,
        text=text or None,
        staff=actor,
    )
    interaction.clean_fields(exclude=["customer", "staff"])
    planned = None
    with _doing(actor):
        _refuse_bin(customer)
        if not _inserted(interaction):
            return _logged_before(actor, customer, interaction.pk)
        if follow_up is not None:
            planned = _planned(customer, follow_up, interaction, None)
            planned.save(force_insert=True)
    return Logged(interaction, planned, again=False)


def plan_follow_up(
    *, actor: User, customer: Customer, plan: Plan, submission: UUID | None = None
) -> tuple[FollowUp, bool]:
    """Plan something without having talked. Returns it and whether it stood already."""
    planned = _planned(customer, plan, None, submission)
    with _doing(actor):
        _refuse_bin(customer)
        if _inserted(planned):
            return planned, False
    stands = FollowUp.objects.filter(pk=planned.pk, customer=customer).first()
    if stands is None:
        raise NotPossible(_("This form was used for another customer. Open the page again."))
    return stands, True


def change_interaction(*, actor: User, interaction: Interaction, **values: Any) -> Interaction:
    """Correct what was written down; what stood before stays in the history."""
    if strange := values.keys() - INTERACTION_FIELDS:
        raise TypeError(f"not a field of an interaction that changes: {sorted(strange)}")
    with _doing(actor):
        stored = Interaction.objects.select_for_update().get(pk=interaction.pk)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.clean_fields(exclude=INTERACTION_FIELDS - values.keys())
        stored.save()
    return stored


def complete_follow_up(*, actor: User, follow_up: FollowUp) -> bool:
    """Tick it off. False when somebody had done so before: their time and name stay."""
    with _doing(actor):
        stored = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        if stored.done_at is not None:
            return False
        stored.done_at, stored.done_by = timezone.now(), actor
        stored.save()
    return True


def reopen_follow_up(*, actor: User, follow_up: FollowUp) -> bool:
    """It was not done after all. False when it is open already."""
    with _doing(actor):
        stored = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        if stored.done_at is None:
            return False
        stored.done_at, stored.done_by = None, None
        stored.save()
    return True


def postpone_follow_up(*, actor: User, follow_up: FollowUp, due_at: datetime) -> FollowUp:
    """Give it another time, earlier or later. What is done keeps its time."""
    with _doing(actor):
        stored = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        if stored.done_at is not None:
            raise NotPossible(_("This is done already. Open it again first."))
        stored.due_at = due_at
        stored.save()
    return stored


def reassign_follow_ups(*, actor: User, follow_ups: Iterable[FollowUp], to: User) -> int:
    """Hand open follow-ups to a colleague who is there. Returns how many changed hands."""
    if not to.is_active:
        raise NotPossible(_("%(who)s no longer works here. Choose somebody else.") % {"who": to})
    keys = [one.pk for one in follow_ups]
    with _doing(actor):
        still_open = FollowUp.objects.filter(pk__in=keys, done_at__isnull=True)
        return int(still_open.audited_set(assigned_to=to))


# Who may -----------------------------------------------------------------------------------------


def may_log(user: User, customer: Customer) -> bool:
    return not customer.in_bin and user.has_perm("customers.add_interaction")


def may_plan(user: User, customer: Customer) -> bool:
    return not customer.in_bin and user.has_perm("customers.add_followup")


def may_change_interaction(user: User, interaction: Interaction) -> bool:
    """Its author, and a steward for what authors leave behind."""
    if not user.has_perm("customers.change_interaction"):
        return False
    return interaction.staff_id == user.pk or bool(roles_of(user) & STEWARDS)


def may_change_follow_up(user: User, follow_up: FollowUp) -> bool:
    """Who has to do it, who works with the customer, and a steward."""
    if not user.has_perm("customers.change_followup"):
        return False
    near = follow_up.owned_by(user) in (Scope.OWN, Scope.TEAM)
    return near or bool(roles_of(user) & STEWARDS)


def who_can_do_it() -> Any:
    """Staff a follow-up can be given to: those at work here who may tick one off."""
    may = {"groups__permissions__codename": "change_followup"}
    able = User.objects.filter(
        is_active=True, groups__permissions__content_type__app_label="customers", **may
    )
    return able.distinct().order_by("first_name", "last_name", "username")


# How ---------------------------------------------------------------------------------------------


@contextmanager
def _doing(actor: User) -> Iterator[None]:
    """One transaction under the name of who does it, through whichever door they came."""
    now = current()
    with acting(actor=actor, door=now.door, reason=now.reason), transaction.atomic():
        yield


def _inserted(row: Any) -> bool:
    """Whether this row is new. A key that is taken leaves the transaction as it was."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not type(row)._base_manager.filter(pk=row.pk).exists():
            raise
        return False
    return True


def _logged_before(actor: User, customer: Customer, key: UUID) -> Logged:
    stands = Interaction.objects.filter(pk=key, customer=customer, staff=actor).first()
    if stands is None:
        raise NotPossible(_("This form was used before. Open the page of the customer again."))
    return Logged(stands, stands.follow_ups.order_by("pk").first(), again=True)


def _planned(
    customer: Customer, plan: Plan, interaction: Interaction | None, submission: UUID | None
) -> FollowUp:
    if not plan.assigned_to.is_active:
        text = _("%(who)s no longer works here. Choose somebody else.")
        raise ValidationError({"assigned_to": text % {"who": plan.assigned_to}})
    if plan.due_at > timezone.now() + due.FARTHEST:
        raise ValidationError({"due_at": _("This is more than ten years ahead.")})
    planned = FollowUp(
        pk=submission or uuid7(),
        customer=customer,
        interaction=interaction,
        what=plan.what,
        due_at=plan.due_at,
        assigned_to=plan.assigned_to,
    )
    planned.clean_fields(exclude=["customer", "interaction", "assigned_to"])
    return planned


def _refuse_bin(customer: Customer) -> None:
    """As it is stored: somebody may have thrown it away since the page was opened."""
    if Customer.with_bin.filter(pk=customer.pk, binned_at__isnull=False).exists():
        raise NotPossible(
            _("This customer was moved to the bin meanwhile. Bring it back before going on.")
        )
