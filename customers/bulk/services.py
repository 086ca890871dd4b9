"""Verbs on bulk changes: ask for one, ask for its undo, and what a job leaves behind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from customers.bulk.deeds import deed_of
from customers.models import Customer
from customers.models.bulk import UNDO_DAYS, BulkAction, BulkChange, BulkRow, BulkState
from customers.models.choices import Stage
from customers.models.numbers import add_numbered
from customers.models.tags import LONGEST_TAG, tag_words, tidy_tags
from customers.selection import Selection
from jobs.models import Job, State
from jobs.services import cancel_job, create_job
from staff.models import User

BULK = "customers.bulk"
UNDO = "customers.bulk_undo"
FORGOTTEN_AT_ONCE = 1_000


class CannotChange(ValueError):
    """This bulk change cannot be asked for; the message says why."""


class CannotUndo(ValueError):
    """This bulk change cannot be taken back now; the message says why."""


def start_bulk(
    *,
    actor: User,
    action: str,
    options: Mapping[str, Any],
    selection: Selection,
    reason: str = "",
    door: str = "admin",
    key: UUID | None = None,
) -> BulkChange:
    """Ask for the deed; its job is `change.job`. Raises CannotChange.

    Asked for again with the same `key`, it is the same deed: a second click does nothing more.
    """
    key = key or uuid7()
    if known := BulkChange.objects.filter(pk=key, started_by=actor).first():
        return known
    settled = settle(action, options)
    try:
        with transaction.atomic():
            change: BulkChange = add_numbered(
                BulkChange,
                pk=key,
                action=BulkAction(action),
                options=settled,
                selection=selection.as_json(),
                reason=reason.strip(),
                started_by=actor,
            )
            params = {"change": str(change.pk), "door": door}
            change.job = create_job(actor=actor, kind=BULK, params=params)
            change.save(update_fields=["job"])
    except IntegrityError:  # the second click came at the same moment
        if known := BulkChange.objects.filter(pk=key, started_by=actor).first():
            return known
        raise CannotChange(_("Too many bulk changes begin at this moment. Try again.")) from None
    return change


def settle(action: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as they are kept. Raises CannotChange for what cannot be done."""
    if action in (BulkAction.ADD_TAG, BulkAction.REMOVE_TAG):
        return {"tag": _one_tag(str(options.get("tag", "")))}
    if action == BulkAction.SET_STAGE:
        if options.get("stage") not in Stage.values:
            raise CannotChange(_("Choose one of the stages."))
        return {"stage": str(options["stage"])}
    if action == BulkAction.ASSIGN_OWNER:
        owner = options.get("owner")
        return {"owner": str(_at_work(owner).pk) if owner else None}
    if action == BulkAction.HAND_OVER:
        return _settle_hand_over(options)
    raise CannotChange(_("Nothing here knows how to do this to many customers."))


def _settle_hand_over(options: Mapping[str, Any]) -> dict[str, Any]:
    giver = User.objects.filter(pk=options["from"]).first() if options.get("from") else None
    if giver is None:
        raise CannotChange(_("Choose whose customers are handed over."))
    takers = [_at_work(one) for one in dict.fromkeys(options.get("to") or ())]
    if not takers:
        raise CannotChange(_("Choose who takes over: nobody who works here was named."))
    if giver in takers:
        raise CannotChange(_("Choose somebody else: these customers are theirs already."))
    return {"from": str(giver.pk), "to": [str(taker.pk) for taker in takers]}


def _one_tag(text: str) -> str:
    tag = tidy_tags(text)
    if not tag:
        raise CannotChange(_("Write the tag."))
    if len(tag_words(tag)) > 1:
        raise CannotChange(_("Write one tag, without a comma."))
    if len(tag) > LONGEST_TAG:
        raise CannotChange(_("Write a shorter tag: at most %(n)d letters.") % {"n": LONGEST_TAG})
    try:
        for check in Customer._meta.get_field("tags").validators:
            check(tag)
    except ValidationError as problem:
        raise CannotChange(" ".join(problem.messages)) from None
    return tag


def _at_work(who: User | UUID | str) -> User:
    key = who.pk if isinstance(who, User) else who
    try:
        return User.objects.get(pk=key, is_active=True)
    except (User.DoesNotExist, ValidationError):
        raise CannotChange(_("Choose somebody who works here now.")) from None


def reason_of(change: BulkChange) -> str:
    """What the history of each customer says: "bulk change #4: stage → Customer"."""
    told = _("bulk change #%(number)d: %(what)s") % {
        "number": change.number,
        "what": deed_of(change).words(),
    }
    return f"{told}: {change.reason}" if change.reason else told


# Undo --------------------------------------------------------------------------------------------


def start_undo(*, actor: User, change: BulkChange, door: str = "admin") -> Job:
    """Ask for the undo. Raises CannotUndo."""
    with transaction.atomic():
        # Two who ask at once: the second waits here, and then finds it asked for already.
        BulkChange.objects.select_for_update().get(pk=change.pk)
        change.refresh_from_db()
        if change.job is not None and change.job.is_silent():
            cancel_job(job_id=change.job.pk)
            change.refresh_from_db()
        if problem := why_no_undo(change):
            raise CannotUndo(problem)
        job = create_job(actor=actor, kind=UNDO, params={"change": str(change.pk), "door": door})
        BulkChange.objects.filter(pk=change.pk).update(state=BulkState.UNDOING, job=job)
    change.refresh_from_db()
    return job


def why_no_undo(change: BulkChange) -> str:
    """Empty when it can be undone now."""
    if change.state == BulkState.UNDONE:
        return _("Bulk change #%(number)d was undone already.") % {"number": change.number}
    if change.job is not None and not change.job.is_finished:
        return _("Bulk change #%(number)d is at work. Wait until its job has ended.") % {
            "number": change.number
        }
    if undo_ends(change) < timezone.now():
        return _("Bulk change #%(number)d is too old: an undo is kept for %(days)d days.") % {
            "number": change.number,
            "days": UNDO_DAYS,
        }
    return ""


def undo_ends(change: BulkChange) -> datetime:
    return (change.finished_at or change.created_at) + timedelta(days=UNDO_DAYS)


def may_undo(user: User, change: BulkChange) -> bool:
    """Whoever did it, while they may change customers at all; and whoever sets others' work
    right."""
    if not user.has_perm("customers.change_bulkchange"):
        return False
    if change.started_by_id == user.pk:
        return user.has_perm("customers.change_customer")
    return user.has_perm("customers.hand_over_customer")


# What a job leaves behind ------------------------------------------------------------------------


def bulk_ended(job: Job) -> None:
    """Done, or stopped: what was done so far can be undone either way."""
    done = job.state == State.DONE
    counts = job.result if done else (job.cursor or {}).get("tally")
    BulkChange.objects.filter(pk=job.params["change"], state=BulkState.RUNNING).update(
        state=BulkState.DONE if done else BulkState.FAILED,
        counts=counts or {},
        finished_at=timezone.now(),
    )


def forget_old_changes() -> int:
    """What a bulk change did to whom is kept as long as it can be undone; how many rows went."""
    before = timezone.now() - timedelta(days=UNDO_DAYS)
    old = BulkRow.objects.filter(change__finished_at__lt=before).exclude(
        change__job__state__in=(State.QUEUED, State.RUNNING)
    )
    gone = 0
    while keys := list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        gone += BulkRow.objects.filter(pk__in=keys).delete()[0]
    return gone
