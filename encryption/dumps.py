"""The JSON that `dumpdata` writes, with every moment whole.

Django's own cuts moments to milliseconds, so that a table loaded from a dump is not the one that
was dumped: of two history rows of one millisecond nobody could tell any more which came first.
"""

from datetime import datetime
from typing import Any

from django.core.serializers import json
from django.core.serializers.json import DjangoJSONEncoder

Deserializer = json.Deserializer


class WholeMoments(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Serializer(json.Serializer):
    def _init_options(self) -> None:
        super()._init_options()  # type: ignore[misc]
        self.json_kwargs["cls"] = WholeMoments
