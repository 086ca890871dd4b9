"""Rings to seal with, and a look under the fields at what is stored."""

from collections.abc import Callable

import pytest
from django.db import connection

from encryption.keyring import forget_ring
from encryption.keys import Key
from encryption.new_ring import new_key
from encryption.ring_format import dump_ring


@pytest.fixture
def use_ring(settings):
    """Makes these keys the ring, until the test ends."""

    def use(*keys: Key) -> None:
        settings.CRM_KEY_RING_JSON = dump_ring(keys)

    yield use
    forget_ring()


@pytest.fixture
def other_ring(use_ring) -> Callable[[], None]:
    """Call it and the ring is one that never sealed anything here."""
    return lambda: use_ring(new_key("seal"), new_key("index"))


def stored(instance, column):
    """What stands in the column of this instance's row."""
    key = instance._meta.pk.get_db_prep_value(instance.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {instance._meta.db_table} WHERE {instance._meta.pk.column} = %s",
            [key],
        )
        return cursor.fetchone()[0]


def store(instance, column, value):
    """Writes under the fields, as an intruder would."""
    key = instance._meta.pk.get_db_prep_value(instance.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {instance._meta.db_table} SET {column} = %s WHERE {instance._meta.pk.column} = %s",
            [value, key],
        )
