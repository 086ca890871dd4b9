"""Who looked at whom lately: the way back to a customer one had on the screen this morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from customers.models import Customer, RecentlySeen
from staff.models import User

NOT_AGAIN_WITHIN = timedelta(minutes=5)
KEPT = 30
PATIENCE_MS = 50


def note_seen(*, user: User, customer: Customer) -> bool:
    """Remember that the page was shown; True if that was written.

    A convenience must cost nobody time: no write within five minutes of the last one, and none
    at all while somebody else holds the database.
    """
    now = timezone.now()
    mine = RecentlySeen.objects.filter(user=user)
    if mine.filter(customer=customer, seen_at__gt=now - NOT_AGAIN_WITHIN).exists():
        return False
    try:
        with impatient(), transaction.atomic():
            RecentlySeen.objects.bulk_create(
                [RecentlySeen(user=user, customer=customer, seen_at=now)],
                update_conflicts=True,
                unique_fields=["user", "customer"],
                update_fields=["seen_at"],
            )
            last = list(mine.order_by("-seen_at", "-pk").values_list("pk", flat=True))
            if len(last) > KEPT:
                mine.filter(pk__in=last[KEPT:]).delete()
    except DatabaseError:
        return False
    return True


@contextmanager
def impatient() -> Iterator[None]:
    """Inside, who has to wait for a lock gives up after some milliseconds instead of seconds."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            try:
                yield
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'")
        yield
