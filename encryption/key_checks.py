"""Whether the ring fits the database: every key that data was sealed with, and the same key."""

from typing import Any

from django.db import connections, transaction

from encryption.errors import KeyRingError
from encryption.keyring import Ring, current_ring
from encryption.models import KeyCheck


def misfits(ring: Ring, using: str = "default") -> dict[str, str]:
    """Ids of the keys this database needs and the ring lacks ("missing") or has otherwise
    ("different")."""
    found = {}
    for key_id, check_value in KeyCheck.objects.using(using).values_list("key_id", "check_value"):
        key = ring.get(key_id)
        if key is None:
            found[key_id] = "missing"
        elif key.check_value != check_value:
            found[key_id] = "different"
    return found


def register_keys(ring: Ring, using: str = "default") -> int:
    """Remember the keys of the ring that the database does not know yet; returns how many.

    Only a ring that fits: the keys of a wrong one would make it look right the next time.
    """
    with transaction.atomic(using=using):
        if misfits(ring, using):
            return 0
        known = set(KeyCheck.objects.using(using).values_list("key_id", flat=True))
        new = [
            KeyCheck(key_id=key.id, use=key.use, check_value=key.check_value)
            for key in ring.keys
            if key.id not in known
        ]
        KeyCheck.objects.using(using).bulk_create(new, ignore_conflicts=True)
    return len(new)


def remember_keys(using: str, **kwargs: Any) -> None:
    """After `migrate`: note the keys of the ring, if there is a ring and a table for it."""
    try:
        ring = current_ring()
    except KeyRingError:
        return
    if KeyCheck._meta.db_table in connections[using].introspection.table_names():
        register_keys(ring, using)
