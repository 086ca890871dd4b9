"""Whose customers and follow-ups are handed over, and to whom."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from customers.models import Customer, FollowUp
from customers.selection import Selection
from staff.models import Team, User

TEAM = "team:"


class NobodyThere(ValueError):
    """Nobody is left to take over; the message says why."""


def owners() -> list[tuple[str, str]]:
    """Everybody who has customers or open follow-ups, whether they still work here or not."""
    owned = Customer.objects.filter(owner=OuterRef("pk"))
    promised = FollowUp.objects.filter(assigned_to=OuterRef("pk"), done_at__isnull=True)
    found = User.objects.filter(Exists(owned) | Exists(promised))
    left = _("%(who)s (left)")
    return [
        (str(one.pk), str(one) if one.is_active else left % {"who": one})
        for one in found.order_by("is_active", "first_name", "username")
    ]


def as_options(giver: str | UUID, taker: str) -> dict[str, Any]:
    """The options of the bulk change: a team stands for its members at work. Raises
    NobodyThere."""
    if not taker.startswith(TEAM):
        return {"from": str(giver), "to": [taker]}
    try:
        team = Team.objects.get(pk=taker.removeprefix(TEAM))
    except (Team.DoesNotExist, ValidationError):
        raise NobodyThere(_("There is no such team.")) from None
    members = User.objects.filter(team=team, is_active=True).exclude(pk=giver).order_by("username")
    if not members:
        raise NobodyThere(_("Nobody else of the team %(team)s works here.") % {"team": team})
    return {"from": str(giver), "to": [str(one.pk) for one in members]}


def waiting_of(
    giver: str | UUID, selection: Selection
) -> tuple[QuerySet[Customer], QuerySet[FollowUp]]:
    """Their customers and their open follow-ups, as far as the selection means them."""
    meant = selection.customers()
    mine: Any = FollowUp.objects.filter(
        assigned_to=giver, done_at__isnull=True, customer__in=meant.values("pk")
    )
    return meant.filter(owner=giver), mine
