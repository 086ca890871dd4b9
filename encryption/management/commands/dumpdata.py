"""Django's own, except that protected values are written as the tokens they are stored as.

Stock `dumpdata` writes them in plain text, for backups too; and it stops at a model that has no
table of its own.
"""

from typing import Any

from django.apps import apps
from django.core.management.commands import dumpdata

from encryption.sealed import sealed_values


class Command(dumpdata.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        tableless = [model._meta.label for model in apps.get_models() if not model._meta.managed]
        options["exclude"] = [*options["exclude"], *tableless]
        with sealed_values():
            super().handle(*args, **options)
