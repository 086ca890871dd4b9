"""What `check --deploy` says of this installation beyond Django's own checks."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def key_ring_lies_apart(**options: Any) -> list[checks.CheckMessage]:
    """Whoever steals the data directory must not find the keys in it."""
    if settings.CRM_KEY_RING_JSON:
        return []
    ring, data = Path(settings.CRM_KEY_RING).resolve(), settings.DATA_DIR
    if not ring.is_relative_to(data):
        return []
    return [
        checks.Warning(
            "The key ring lies in the data directory: who copies one has the other.",
            hint="Move it to a place only this service reads and name it in CRM_KEY_RING.",
            id="crm.W001",
        )
    ]
