"""Conversations and follow-ups for the tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from uuid_utils.compat import uuid7

from customers import due
from customers.interactions import Plan, log_interaction, plan_follow_up
from customers.models import Customer, FollowUp, Interaction
from staff.models import User
from tests.customers.people import somebody_acts


def talk(
    actor: User, customer: Customer, text: str = "asked for a plan", **values: Any
) -> Interaction:
    with somebody_acts(actor):
        return log_interaction(actor=actor, customer=customer, text=text, **values).interaction


def promise(
    actor: User, customer: Customer, what: str = "send the plan", due_at: Any = None, to: Any = None
) -> FollowUp:
    plan = Plan(what, due_at or due.whole_day(timezone.localdate()), to or actor)
    with somebody_acts(actor):
        return plan_follow_up(actor=actor, customer=customer, plan=plan)[0]


def in_hours(hours: float) -> Any:
    return timezone.now() + timedelta(hours=hours)


def typed(**values: Any) -> dict[str, Any]:
    """What a log box sends."""
    return {
        "submission": str(uuid7()), "kind": "call", "direction": "out", "text": "", "minutes": "",
        "happened_at": "", "what": "", "day": "", "hour": "", "who": "",
    } | values  # fmt: skip
