"""Which parts stand on whose home page, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.broker import broker_answers
from crm.home import desk, operation, plots
from crm.home.parts import Part
from staff.models import User
from staff.requests import member

# Who looks after customers begins with the day; others with what waits for them.
ORDER: tuple[Callable[[User], Part | None], ...] = (
    desk.my_day,
    operation.needs_me,
    desk.recently_seen,
    desk.mine,
    operation.recent_imports,
    operation.exports,
    operation.bulk_changes,
    operation.jobs,
    operation.backups,
    operation.staff,
)


def home_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds what the template shows. Every part costs a few queries, whatever the number of rows."""
    user = member(request)
    made = [part for make in ORDER if (part := make(user)) is not None]
    context |= {
        "title": greeting(user),
        "subtitle": None,
        "parts": made,
        "plots": plots.plots_for(user),
    }
    if user.has_perm("jobs.view_job"):
        context["broker_is_silent"] = not broker_answers()
    return context


def greeting(user: Any) -> str:
    hour = timezone.localtime().hour
    words = (
        _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    )
    return f"{words}, {user.get_short_name() or user.get_username()}"
