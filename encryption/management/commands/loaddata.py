"""Django's own, except that it takes the tokens `dumpdata` wrote; each opens only in its row."""

from typing import Any

from django.core.management.commands import loaddata

from encryption.sealed import tokens_as_input


class Command(loaddata.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with tokens_as_input():
            super().handle(*args, **options)
