"""Django's own, except that it takes the tokens `dumpdata` wrote; each opens only in its row.

A protected value in plain text is refused: Django writes fixtures without the steps that seal.
"""

from typing import Any

from django.core.management.commands import loaddata

from encryption.sealed import sealed_values, tokens_as_input


class Command(loaddata.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with tokens_as_input(), sealed_values():
            super().handle(*args, **options)
