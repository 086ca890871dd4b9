"""The home page and the sidebar: what should I do next, and where do I find it.

Nothing stands on a home page that its reader cannot act on: each part shows for whoever may open
what it leads to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.broker import broker_answers
from customers.models import Customer, ImportBatch, ImportRow
from customers.models.choices import Stage
from customers.models.imports import BatchState, Outcome
from jobs.models import Job, State

RECENT = 5
NEW_WITHIN = timedelta(days=7)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the sidebar; each item shows for whoever may open it."""
    home = {"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")}
    desk = [
        item(_("Customers"), "group", "customers.view_customer", "customers_customer"),
        item(_("Imports"), "upload_file", "customers.view_importbatch", "customers_importbatch"),
        item(_("Sources"), "hub", "customers.view_source", "customers_source"),
    ]
    operation = [
        # Everyone may watch the jobs they started themselves.
        item(_("Jobs"), "schedule", "", "jobs_job"),
        item(_("Staff"), "badge", "staff.view_user", "staff_user"),
        item(_("Teams"), "groups", "staff.view_team", "staff_team"),
    ]
    groups: list[dict[str, Any]] = [{"title": None, "items": [home, *permitted(request, desk)]}]
    if shown := permitted(request, operation):
        groups.append({"title": _("Operation"), "separator": True, "items": shown})
    return groups


def permitted(request: HttpRequest, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in items if entry["permission"](request)]


def item(title: Any, icon: str, permission: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: not permission or request.user.has_perm(permission),
    }


def home_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds what the template shows. Every part costs one query, whatever the number of rows."""
    user = request.user
    context |= {"title": greeting(user), "subtitle": None}
    if user.has_perm("customers.view_customer"):
        context["stages"] = stages()
        context["mine"] = mine(user)
        context["new_this_week"] = Customer.objects.filter(
            created_at__gte=timezone.now() - NEW_WITHIN
        ).count()
    if user.has_perm("customers.view_importbatch"):
        context["imports"] = ImportBatch.objects.select_related("started_by")[:RECENT]
        context["import_done"] = BatchState.DONE
    if user.has_perm("customers.change_importrow"):
        context["waiting"] = ImportRow.objects.filter(outcome=Outcome.REVIEW, decision="").count()
    if user.has_perm("jobs.view_job"):
        context["failed_jobs"] = Job.objects.filter(
            state=State.FAILED, finished_at__gte=timezone.now() - NEW_WITHIN
        ).count()
        context["broker_is_silent"] = not broker_answers()
    return context


def greeting(user: Any) -> str:
    hour = timezone.localtime().hour
    words = (
        _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    )
    return f"{words}, {user.get_short_name() or user.get_username()}"


def mine(user: Any) -> list[Customer]:
    """The customers of whoever looks, the last touched first."""
    return list(Customer.objects.filter(owner_id=user.pk).order_by("-updated_at", "-pk")[:RECENT])


def stages() -> list[dict[str, Any]]:
    """How many customers stand at each stage, as share of the largest for the bar."""
    rows = Customer.objects.order_by().values("stage").annotate(count=Count("pk"))
    counts = {row["stage"]: row["count"] for row in rows}
    largest = max(counts.values(), default=0)
    where = reverse("admin:customers_customer_changelist")
    return [
        {
            "label": stage.label,
            "count": counts.get(stage.value, 0),
            "percent": round(100 * counts.get(stage.value, 0) / largest) if largest else 0,
            "link": f"{where}?stage__exact={stage.value}",
        }
        for stage in Stage
    ]
