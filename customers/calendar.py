"""Somebody's follow-ups as a calendar that other programs read by a private link.

The link is the only proof of who reads it, calendar programs keep it in plain text and send it
through servers of others. So it opens as little as it can: when, the customer's number, and a
link that asks to sign in. Its secret is 256 random bits of which a digest alone is stored and
looked up, so that neither the database nor the time of an answer tells anything about it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from customers import due
from customers.desk import open_of
from customers.models import CalendarFeed, FollowUp
from staff.models import User

SECRET_BYTES = 32
LONGEST_SECRET = 100
LENGTH = timedelta(minutes=30)
# What was to be done longer ago stands on "my day", not in every calendar for ever.
LOOK_BACK = timedelta(days=90)
AT_MOST = 500  # of what is overdue, and of what is to come
NOTE_READING_EVERY = timedelta(hours=1)
REFRESH = timedelta(minutes=15)


@transaction.atomic
def make_link(*, actor: User) -> str:
    """The secret of a new link of one's own, told this once; the link before it ends."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    CalendarFeed.objects.update_or_create(
        user=actor,
        defaults={"digest": digest(secret), "created_at": timezone.now(), "read_at": None},
    )
    return secret


def switch_off(*, actor: User) -> bool:
    """End one's own link. False when there was none."""
    deleted, _by_model = CalendarFeed.objects.filter(user=actor).delete()
    return bool(deleted)


def reader_of(secret: str) -> CalendarFeed | None:
    """Whose calendar this secret opens. None for a wrong one, and for somebody who may no longer
    sign in or read follow-ups: from outside the two look the same."""
    if len(secret) > LONGEST_SECRET:
        return None
    found = CalendarFeed.objects.filter(digest=digest(secret)).select_related("user").first()
    if found is None:
        return None
    user = found.user
    may = user.is_active and user.is_staff and not user.must_change_password
    return found if may and user.has_perm("customers.view_followup") else None


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def calendar_of(user: User, *, address: str, now: datetime | None = None) -> bytes:
    """The open follow-ups as RFC 5545 text. `address` is that of the site, without last slash."""
    calendar = Calendar()
    calendar.add("prodid", "-//CRM//follow-ups//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _("CRM follow-ups"))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for one in upcoming(user, now or timezone.now()):
        calendar.add_component(_event(one, address))
    return bytes(calendar.to_ical())


def upcoming(user: User, now: datetime) -> Iterable[FollowUp]:
    """What is to come, and what is overdue but not since ever; each the nearest first."""
    mine = open_of(user).select_related("customer").defer("what")
    overdue = mine.filter(Q(due_at__lt=now) & Q(due_at__gte=now - LOOK_BACK))
    yield from overdue.order_by("-due_at", "-pk")[:AT_MOST]
    yield from mine.filter(due_at__gte=now).order_by("due_at", "pk")[:AT_MOST]


def _event(one: FollowUp, address: str) -> Event:
    """Times are told in UTC, which every program turns into its reader's; a whole day is a date."""
    event = Event()
    event.add("uid", f"{one.pk}@follow-ups.crm")
    event.add("dtstamp", one.updated_at.astimezone(UTC))
    event.add("last-modified", one.updated_at.astimezone(UTC))
    event.add("summary", _("Follow-up %(number)s") % {"number": one.customer.number})
    if due.is_whole_day(one.due_at):
        day = timezone.localdate(one.due_at)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # a whole day must not block the diary
    else:
        event.add("dtstart", one.due_at.astimezone(UTC))
        event.add("duration", LENGTH)
    event.add("url", f"{address}{_page(one.customer_id)}")
    return event


def _page(customer_id: UUID) -> str:
    return reverse("admin:customers_customer_change", args=[customer_id])


def note_reading(feed: CalendarFeed) -> None:
    """So that its owner sees that it is read. Once an hour, and never worth waiting for."""
    now = timezone.now()
    if feed.read_at is not None and now - feed.read_at < NOTE_READING_EVERY:
        return
    try:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    except OperationalError:
        return
