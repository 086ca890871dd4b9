"""What stewards, auditors and administrators look at: what waits, what came in, what went out,
what failed. Nothing is said of what is as it should be, but for the last backup."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backups.services import kept_backups
from crm.home.desk import looks_after_customers
from crm.home.parts import Part, list_of
from crm.home.waiting import waiting_for_review
from customers.models import BulkChange, Customer, Export, ImportBatch
from customers.models.imports import BatchState
from customers.search_index import is_stale
from jobs.models import Job, State
from staff.models import User
from staff.roles import Role, roles_of

SHOWN = 5
LATELY = timedelta(days=7)
# Backed up every hour; whoever looks after the house hears of it when two were missed.
BACKUP_OVERDUE = timedelta(hours=2, minutes=30)
NEW_PASSWORD_AFTER = timedelta(days=7)


def needs_me(user: User) -> Part | None:
    """What waits for a decision of this person."""
    shows: dict[str, Any] = {}
    if user.has_perm("customers.change_importrow"):
        shows["rows"] = waiting_for_review().order_by().count()
    if user.has_perm("customers.hand_over_customer"):
        shows["left"] = [
            (who, f"{list_of('customers_customer')}?owner={who.pk}") for who in _left_customers()
        ]
    if not shows:
        return None
    return Part("needs_me", _("Needs me"), shows)


def _left_customers() -> list[User]:
    """Colleagues who left and still have customers, whom nobody looks after."""
    owned = Customer.objects.filter(owner=OuterRef("pk"))
    left = User.objects.filter(is_active=False).filter(Exists(owned))
    return list(left.order_by("username")[:SHOWN])


def recent_imports(user: User) -> Part | None:
    if not user.has_perm("customers.view_importbatch") or looks_after_customers(user):
        return None
    batches = list(ImportBatch.objects.select_related("started_by", "source")[:SHOWN])
    shows = {"batches": batches, "done": BatchState.DONE, "all": list_of("customers_importbatch")}
    return Part("imports", _("Recent imports"), shows)


def exports(user: User) -> Part | None:
    """What left the house lately, for whoever watches over it."""
    watches = roles_of(user) & {Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}
    where = list_of("customers_export")
    if not (watches and where and user.has_perm("customers.view_export")):
        return None
    found = Export.objects.select_related("started_by").annotate(fetched=Count("downloads"))
    lately = found.filter(created_at__gte=timezone.now() - LATELY)
    return Part("exports", _("Exports this week"), {"exports": list(lately[:SHOWN]), "all": where})


def bulk_changes(user: User) -> Part | None:
    """Many customers changed at once, for whoever watches over it."""
    watches = roles_of(user) & {Role.AUDITOR, Role.DATA_STEWARD, Role.ADMINISTRATOR}
    where = list_of("customers_bulkchange")
    if not (watches and where and user.has_perm("customers.view_bulkchange")):
        return None
    found = BulkChange.objects.select_related("started_by")
    lately = list(found.filter(created_at__gte=timezone.now() - LATELY)[:SHOWN])
    if not lately and not roles_of(user) & {Role.AUDITOR}:
        return None
    return Part("bulk_changes", _("Bulk changes this week"), {"changes": lately, "all": where})


def jobs(user: User) -> Part | None:
    if not user.has_perm("jobs.view_job"):
        return None
    since = timezone.now() - LATELY
    counts = Job.objects.aggregate(
        running=Count("pk", filter=Q(state=State.RUNNING)),
        queued=Count("pk", filter=Q(state=State.QUEUED)),
        failed=Count("pk", filter=Q(state=State.FAILED, finished_at__gte=since)),
    )
    shows = {
        **counts,
        "all": list_of("jobs_job"),
        "index_is_old": is_stale(),
    }
    if not any((counts["running"], counts["queued"], counts["failed"], shows["index_is_old"])):
        return None
    return Part("jobs", _("Background work"), shows)


def backups(user: User) -> Part | None:
    """When the last backup was made: the one thing that is said when all is well, too."""
    if Role.ADMINISTRATOR not in roles_of(user):
        return None
    kept = kept_backups()
    last = kept[0] if kept else None
    since = last.made if last else _working_since()
    late = timezone.now() - since > BACKUP_OVERDUE
    return Part("backups", _("Backups"), {"last": last, "kept": len(kept), "late": late})


def _working_since() -> datetime:
    """When the first of us came: before that nothing could be backed up."""
    first: datetime | None = User.objects.aggregate(first=Min("date_joined"))["first"]
    return first or timezone.now()


def staff(user: User) -> Part | None:
    """Accounts that somebody should look at: handed out and never taken up."""
    if not user.has_perm("staff.change_user"):
        return None
    waiting = User.objects.filter(
        is_active=True,
        must_change_password=True,
        date_joined__lt=timezone.now() - NEW_PASSWORD_AFTER,
    )
    found = list(waiting.order_by("date_joined")[:SHOWN])
    if not found:
        return None
    shows = {"people": [(who, reverse("admin:staff_user_change", args=[who.pk])) for who in found]}
    return Part("staff", _("Accounts nobody took up"), shows)
