"""What was planned, done, postponed and handed on, each step at its own time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.disclosure import shown
from customers import due
from customers.interactions import may_change_follow_up
from customers.models import FollowUp
from customers.timeline.entries import Entry, Kind, Link, Looking
from customers.timeline.stories import Chapter, chapters

# Said by the title, by who did it, or by the customer's own page.
SAID_OTHERWISE = {"customer", "interaction", "done_at", "done_by", "what"}
PLANNED = "event_upcoming"


def follow_ups(looking: Looking) -> list[Entry]:
    if not looking.user.has_perm("customers.view_followup"):
        return []
    found_by = Q(customer_id=looking.customer.pk)
    told = chapters(FollowUp, looking, found_by, but=SAID_OTHERWISE)
    stand = _as_they_stand(looking, {chapter.key for chapter in told})
    return [_entry(chapter, stand.get(chapter.key), looking) for chapter in told]


def _as_they_stand(looking: Looking, keys: set[UUID]) -> dict[UUID, FollowUp]:
    if not keys:
        return {}
    rows = FollowUp.objects.filter(pk__in=keys).select_related("assigned_to")
    stand = {one.pk: one for one in rows}
    for one in stand.values():
        one.customer = looking.customer
    return stand


def _entry(chapter: Chapter, now: FollowUp | None, looking: Looking) -> Entry:
    icon, title = _title(chapter, now, looking)
    planned_open = chapter.created and now is not None and now.done_at is None
    workable = (
        now is not None and not looking.customer.in_bin and may_change_follow_up(looking.user, now)
    )
    done_url, links = "", []
    if planned_open and workable and now is not None:
        done_url = reverse("admin:customers_followup_done", args=[now.pk])
        links = [Link(_("Change"), reverse("admin:customers_followup_change", args=[now.pk]))]
    return Entry(
        when=chapter.row["history_date"],
        key=chapter.row["history_id"],
        kind=Kind.FOLLOW_UP,
        icon=icon,
        title=title,
        text=shown(looking.user, now, "what") if now is not None else "",
        who=chapter.row["history_actor"],
        why=chapter.row["history_change_reason"] or "",
        changes=() if chapter.created else _told(chapter.changes, chapter),
        links=links,
        done_url=done_url,
    )


def _title(chapter: Chapter, now: FollowUp | None, looking: Looking) -> tuple[str, str]:
    if chapter.created:
        return PLANNED, _planned(chapter, now, looking)
    if chapter.deleted:
        return "event_busy", _("Follow-up deleted")
    if chapter.changed("done_at"):
        if chapter.row["done_at"] is not None:
            return "task_alt", _("Follow-up done")
        return "undo", _("Follow-up opened again")
    if chapter.changed("due_at"):
        later = chapter.older is not None and chapter.row["due_at"] > chapter.older["due_at"]
        words = _("Follow-up postponed to %(day)s") if later else _("Follow-up moved up to %(day)s")
        return "schedule", words % {"day": due.in_words(chapter.row["due_at"], looking.now)}
    if chapter.changed("assigned_to_id"):
        return "swap_horiz", _("Follow-up handed on")
    return "edit", _("Follow-up changed")


def _planned(chapter: Chapter, now: FollowUp | None, looking: Looking) -> str:
    at = now.due_at if now is not None else chapter.row["due_at"]
    told: dict[str, Any] = {"day": due.in_words(at, looking.now)}
    if now is None:
        return _("Follow-up, due %(day)s") % told
    told["who"] = str(now.assigned_to)
    if now.done_at is not None:
        return _("Follow-up planned for %(who)s") % told
    if now.due_at < looking.now:
        return _("Follow-up for %(who)s, overdue since %(day)s") % told
    return _("Follow-up for %(who)s, due %(day)s") % told


def _told(changes: Sequence[Any], chapter: Chapter) -> list[Any]:
    """A due time stands in the title already when it is all that changed."""
    return [] if [c.field for c in changes] == ["due_at"] else list(changes)
