"""Creates the key ring of a new installation.

Only where there is none, and only for a database that has not been sealed with another: a new
ring opens nothing that an old one sealed.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from encryption.errors import KeyRingError
from encryption.keyring import forget_ring
from encryption.models import KeyCheck
from encryption.new_ring import create_ring


class Command(BaseCommand):
    help = _("Creates the key ring of a new installation; never overwrites one.")
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help=_("Do nothing, and say nothing, where there is a ring already."),
        )

    def handle(self, *args: Any, if_missing: bool = False, **options: Any) -> None:
        if if_missing and (settings.CRM_KEY_RING_JSON or Path(settings.CRM_KEY_RING).exists()):
            return
        if settings.CRM_KEY_RING_JSON:
            raise CommandError(
                _("The key ring is given in CRM_KEY_RING_JSON; none is created."), returncode=2
            )
        needed = known_keys()
        if needed:
            raise CommandError(
                _(
                    "The data of this database is sealed with %(keys)s. Put that key ring at "
                    "%(path)s: a new one would not open it."
                )
                % {"keys": ", ".join(needed), "path": settings.CRM_KEY_RING},
                returncode=2,
            )
        try:
            keys = create_ring(Path(settings.CRM_KEY_RING))
        except (KeyRingError, OSError) as error:
            raise CommandError(str(error), returncode=2) from None
        forget_ring()
        self.stdout.write(_("Key ring created at %s.") % settings.CRM_KEY_RING)
        self.stdout.write(
            _("Keep a copy of it elsewhere: who loses the key ring loses the data, for ever.")
        )
        self.stdout.write(_("%(count)d keys created.") % {"count": len(keys)})


def known_keys() -> list[str]:
    """Ids of the keys this database was sealed with; none if there is no database yet."""
    try:
        return list(KeyCheck.objects.values_list("key_id", flat=True))
    except DatabaseError:
        return []
