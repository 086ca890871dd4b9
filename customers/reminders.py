"""One mail in the morning with what is due and overdue, per person and day; never two.

A claim is written before the mail server is spoken to (docs/decisions/0006). The mail crosses
servers of others in plain text: it tells times, customer numbers and links that ask to sign in,
no name and nothing of what was written.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Count, F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers import due
from customers.desk import open_of
from customers.models import FollowUp, Reminder
from staff.models import User

logger = logging.getLogger(__name__)

LISTED = 50
MOST_ATTEMPTS = 6  # a day; a server that refuses a person all morning will not change its mind
KEPT_DAYS = 90


@dataclass
class Sent:
    """What a run did, for its log line and the command."""

    off: bool = False
    early: bool = False
    unreachable: bool = False
    sent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    no_address: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if self.off:
            return "reminders: off, no mail server is set (EMAIL_URL)"
        if self.early:
            return f"reminders: not before {settings.CRM_REMINDERS_AT}"
        parts = [f"reminders: sent {len(self.sent)}"]
        for text, names in (
            ("refused", self.refused),
            ("perhaps sent", self.unsure),
            ("without an e-mail address", self.no_address),
        ):
            if names:
                parts.append(f"{text} {len(names)} ({', '.join(names)})")
        if self.unreachable:
            parts.append("the mail server does not answer, the next run tries again")
        return ", ".join(parts)


@dataclass(frozen=True)
class Waiting:
    """Somebody with something due."""

    person: User
    overdue: int
    today: int


def send_reminders(
    *, now: datetime | None = None, at_any_hour: bool = False, dry_run: bool = False
) -> Sent:
    """Send what is due to everybody who was not sent it today. Call it outside a transaction: a
    claim that is not committed holds nobody back."""
    now = now or timezone.now()
    done = Sent()
    if not settings.CRM_MAIL:
        done.off = True
    elif not at_any_hour and timezone.localtime(now).time() < morning():
        done.early = True
    else:
        waiting = list(_to_be_told(now, done))
        if dry_run:
            done.sent = [one.person.username for one in waiting]
        elif waiting:
            _send_all(waiting, now, done)
            old = timezone.localdate(now) - timedelta(days=KEPT_DAYS)
            Reminder.objects.filter(day__lt=old).delete()
    return done


def morning() -> time:
    return time.fromisoformat(settings.CRM_REMINDERS_AT)


def waiting_people(now: datetime) -> list[Waiting]:
    """Everybody at work here with something due by the end of the day: two queries."""
    here = due.bounds(now)
    counts = {
        row["assigned_to"]: (row["overdue"], row["today"])
        for row in FollowUp.objects.filter(
            done_at__isnull=True, customer__binned_at__isnull=True, due_at__lte=here.end_of_today
        )
        .order_by()
        .values("assigned_to")
        .annotate(
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            today=Count("pk", filter=Q(due_at__gte=now)),
        )
    }
    people = User.objects.filter(pk__in=counts, is_active=True).order_by("username")
    return [Waiting(person, *counts[person.pk]) for person in people]


def _to_be_told(now: datetime, done: Sent) -> Iterator[Waiting]:
    """Those of them who can be reached and were not yet, today."""
    told = Reminder.objects.filter(day=timezone.localdate(now)).exclude(
        claimed_at__isnull=True, attempts__lt=MOST_ATTEMPTS
    )
    settled = set(told.values_list("staff_id", flat=True))
    for one in waiting_people(now):
        if not one.person.email:
            done.no_address.append(one.person.username)
        elif one.person.pk not in settled:
            yield one


def _send_all(waiting: list[Waiting], now: datetime, done: Sent) -> None:
    """The connection is opened before anything is claimed: a server that is away costs nobody
    their reminder."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        logger.warning("reminders: the mail server does not answer (%s)", type(error).__name__)
        done.unreachable = True
        return
    try:
        for one in waiting:
            reminder = _claim(one.person, timezone.localdate(now))
            if reminder is not None and not _send(reminder, one, now, connection, done):
                break
    finally:
        connection.close()


def _claim(person: User, day: date) -> Reminder | None:
    """This person's reminder of the day, if nobody else has it: a conditional update decides."""
    reminder, _made = Reminder.objects.get_or_create(staff=person, day=day)
    mine = Reminder.objects.filter(
        pk=reminder.pk, claimed_at__isnull=True, attempts__lt=MOST_ATTEMPTS
    ).update(claimed_at=timezone.now(), attempts=F("attempts") + 1)
    return reminder if mine else None


def _send(reminder: Reminder, one: Waiting, now: datetime, connection: Any, done: Sent) -> bool:
    """False when the connection is no good any more."""
    name, claimed = one.person.username, Reminder.objects.filter(pk=reminder.pk)
    try:
        connection.send_messages([message(reminder, one, now, connection)])
    except (SMTPResponseException, SMTPRecipientsRefused, ValueError):
        # The server said no (or the address has a line break in it): nothing went out.
        claimed.update(claimed_at=None)
        done.refused.append(name)
        return True
    except (SMTPException, OSError) as error:
        # It broke off in the middle: the mail may be on its way, so the claim stays.
        logger.warning("reminders: broken off (%s)", type(error).__name__)
        done.unsure.append(name)
        return False
    claimed.update(sent_at=timezone.now())
    done.sent.append(name)
    return True


def message(reminder: Reminder, one: Waiting, now: datetime, connection: Any) -> EmailMessage:
    here = due.bounds(now)
    mine = open_of(one.person).filter(due_at__lte=here.end_of_today).select_related("customer")
    listed = mine.defer("what").order_by("due_at", "pk")[:LISTED]
    lines = [
        {
            "overdue": follow_up.due_at < now,
            "due": due.in_words(follow_up.due_at, now),
            "number": follow_up.customer.number,
            "url": absolute("admin:customers_customer_change", follow_up.customer_id),
        }
        for follow_up in listed
    ]
    context = {
        "person": one.person.get_short_name() or str(one.person),
        "overdue": [line for line in lines if line["overdue"]],
        "today": [line for line in lines if not line["overdue"]],
        "more": one.overdue + one.today - len(lines),
        "list_url": absolute("admin:customers_followup_changelist"),
    }
    return EmailMessage(
        subject=subject(one),
        body=render_to_string("customers/desk/reminder.txt", context),
        to=[one.person.email],
        headers={"Message-ID": f"<{reminder.pk}@crm.invalid>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def subject(one: Waiting) -> str:
    parts = []
    if one.overdue:
        words = ngettext("%(n)d follow-up overdue", "%(n)d follow-ups overdue", one.overdue)
        parts.append(words % {"n": one.overdue})
    if one.today:
        words = ngettext("%(n)d due today", "%(n)d due today", one.today)
        parts.append(words % {"n": one.today})
    return _("CRM: %(what)s") % {"what": ", ".join(parts)}


def absolute(name: str, *args: Any) -> str:
    """A link for outside: a mail is made without a request."""
    return settings.CRM_ADDRESS.rstrip("/") + reverse(name, args=args)
