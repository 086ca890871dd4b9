"""What is wrong with the key ring before anything is served. Called by whoever starts us.

Django runs no system checks under WSGI and Celery discards their result, so this is a function of
its own: fast, without side effects, and silent about a database that is not there or not migrated
(others report that).
"""

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from encryption.errors import KeyRingError
from encryption.key_checks import misfits
from encryption.keyring import Ring, current_ring
from encryption.providers import KeyRingExposed, KeyRingMissing

RESTORE = "Put the key ring this database was used with in its place; your data needs it."


@dataclass(frozen=True)
class Problem:
    """A reason not to start, with its number and what to do."""

    number: str
    message: str
    hint: str


def problems(using: str = DEFAULT_DB_ALIAS) -> list[Problem]:
    """Reasons not to start; empty when the ring is there, closed to others, and fits."""
    try:
        ring = current_ring()
    except KeyRingMissing as error:
        return [Problem("encryption.E101", str(error), "See CRM_KEY_RING in docs/settings.md.")]
    except KeyRingExposed as error:
        return [Problem("encryption.E102", str(error), "Only its owner may read a key ring.")]
    except KeyRingError as error:
        return [Problem("encryption.E103", str(error), RESTORE)]
    return _fitting(ring, using)


def _fitting(ring: Ring, using: str) -> list[Problem]:
    connection = connections[using]
    try:
        if connection.in_atomic_block:
            # A failed query would spoil the transaction we were called in.
            with transaction.atomic(using=using):
                found = misfits(ring, using)
        else:
            found = misfits(ring, using)
    except DatabaseError:
        return []
    numbers = {"missing": "encryption.E104", "different": "encryption.E105"}
    says = {
        "missing": "The key ring lacks key {}, which data of this database is sealed with.",
        "different": "Key {} of the key ring is not the key of that id this database knows.",
    }
    return [
        Problem(numbers[kind], says[kind].format(key_id), RESTORE)
        for key_id, kind in sorted(found.items())
    ]
