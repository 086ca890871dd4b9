"""The sidebar: groups by what people do, and numbers only where something waits for the reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from crm.home.waiting import rows_to_review
from customers import desk

REMEMBERED = "_sidebar"


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the sidebar; each item shows for whoever may open it.

    The theme may ask more than once while it makes a page: the answer is remembered.
    """
    if not hasattr(request, REMEMBERED):
        setattr(request, REMEMBERED, _groups(request))
    groups: list[dict[str, Any]] = getattr(request, REMEMBERED)
    return groups


def _groups(request: HttpRequest) -> list[dict[str, Any]]:
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index"), "keys": "h"}
    wanted = [
        (None, [home], _desk()),
        (_("In and out"), [], _sources()),
        (_("Operation"), [], _operation()),
    ]
    groups = []
    for title, always, items in wanted:
        shown = always + [made for item in items if (made := _made(request, *item))]
        if shown:
            groups.append({"title": title, "separator": title is not None, "items": shown})
    return groups


# Title, icon, permission, model, and what waits there for the reader.
Item = tuple[Any, str, str, str, Callable[[Any], str] | None]
# The letter that goes there after g.
KEYS = {
    "customers_customer": "c",
    "customers_followup": "f",
    "customers_importbatch": "i",
    "jobs_job": "j",
}


def _desk() -> list[Item]:
    return [
        (_("Customers"), "group", "customers.view_customer", "customers_customer", None),
        (_("Follow-ups"), "task_alt", "customers.view_followup", "customers_followup", desk.badge),
    ]


def _sources() -> list[Item]:
    review = rows_to_review
    return [
        (
            _("Imports"),
            "upload_file",
            "customers.view_importbatch",
            "customers_importbatch",
            review,
        ),
        (_("Exports"), "download", "customers.view_export", "customers_export", None),
        (_("Bulk changes"), "checklist", "customers.view_bulkchange", "customers_bulkchange", None),
        (_("Sources"), "hub", "customers.view_source", "customers_source", None),
    ]


def _operation() -> list[Item]:
    return [
        # Everyone may watch the jobs they started themselves.
        (_("Jobs"), "schedule", "", "jobs_job", None),
        (_("Staff"), "badge", "staff.view_user", "staff_user", None),
        (_("Teams"), "groups", "staff.view_team", "staff_team", None),
    ]


def _made(
    request: HttpRequest,
    title: Any,
    icon: str,
    permission: str,
    model: str,
    badge: Callable[[Any], str] | None,
) -> dict[str, Any] | None:
    if permission and not request.user.has_perm(permission):
        return None
    try:
        link = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return None
    made = {"title": title, "icon": icon, "link": link, "keys": KEYS.get(model, "")}
    if badge and (number := badge(request.user)):
        made |= {"badge": number, "badge_variant": "primary"}
    return made
