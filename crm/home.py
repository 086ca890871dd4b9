"""The home page and the sidebar: what should I do next, and where do I find it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def may(permission: str) -> Any:
    return lambda request: request.user.has_perm(permission)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the sidebar; each item shows for whoever may open it."""
    return [
        {
            "title": None,
            "items": [
                {"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")},
                item(_("Customers"), "group", "customers.view_customer", "customers_customer"),
                item(_("Imports"), "upload_file", "customers.view_importbatch",
                     "customers_importbatch"),
                item(_("Sources"), "hub", "customers.view_source", "customers_source"),
                item(_("Tags"), "label", "customers.view_tag", "customers_tag"),
            ],
        },
        {
            "title": _("Operation"),
            "items": [
                item(_("Jobs"), "schedule", "jobs.view_job", "jobs_job"),
                item(_("Staff"), "badge", "staff.view_user", "staff_user"),
                item(_("Teams"), "groups", "staff.view_team", "staff_team"),
            ],
        },
    ]


def item(title: Any, icon: str, permission: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": may(permission),
    }


def home_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    return context
