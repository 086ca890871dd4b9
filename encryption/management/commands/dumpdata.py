"""Django's own, except that protected values are written as the tokens they are stored as.

Stock `dumpdata` writes them in plain text, for backups too.
"""

from typing import Any

from django.core.management.commands import dumpdata

from encryption.sealed import sealed_values


class Command(dumpdata.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with sealed_values():
            super().handle(*args, **options)
