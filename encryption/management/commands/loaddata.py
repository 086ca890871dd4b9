"""Django's own, except that it takes the tokens `dumpdata` wrote; each opens only in its row.

A protected value in plain text is refused: Django writes fixtures without the steps that seal. So
is a dump that was sealed with another key ring: nobody could open what it brings.
"""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import loaddata
from django.db.models import Model

from encryption.keyring import current_ring
from encryption.models import KeyCheck
from encryption.sealed import sealed_values, tokens_as_input
from encryption.signals import rows_loaded


class Command(loaddata.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        self.saved: dict[type[Model], list[Any]] = {}
        with tokens_as_input(), sealed_values():
            super().handle(*args, **options)

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        """In Django's transaction: what is announced is recorded with the rows or not at all."""
        super().loaddata(fixture_labels)
        rows_loaded.send(sender=type(self), rows=self.saved, using=self.using)

    def save_obj(self, obj: Any) -> bool:
        if isinstance(obj.object, KeyCheck):
            _compare(obj.object)
            return True
        saved = bool(super().save_obj(obj))
        if saved:
            self.saved.setdefault(type(obj.object), []).append(obj.object.pk)
        return saved


def _compare(dumped: KeyCheck) -> None:
    """Each database keeps its own note of the keys; the dump's must only fit our ring."""
    key = current_ring().get(dumped.key_id)
    if key is None or key.check_value != dumped.check_value:
        raise CommandError(
            f"This dump was sealed with key {dumped.key_id}, which is not in the key ring here. "
            "Load it with the key ring of the installation that wrote it.",
            returncode=2,
        )
