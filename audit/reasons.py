"""The box in which somebody says why; what they write stands in the history in plain text.

What must not stand there (card numbers, say) floors above know: they add their validators from
their `audit.py`.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 200

_validators: list[Callable[[str], None]] = []


def register_validator(validator: Callable[[str], None]) -> None:
    """Have every reason checked by this as well; it raises ValidationError."""
    if validator not in _validators:
        _validators.append(validator)


def validate_reason(reason: str) -> None:
    """Raises ValidationError for what may not stand in a history."""
    for validator in _validators:
        validator(reason)


class ReasonField(forms.CharField):
    """A required reason."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Why?"))
        kwargs.setdefault("max_length", LONGEST_REASON)
        super().__init__(
            error_messages={"required": _("Write why: whoever reads the history will ask.")},
            validators=[validate_reason],
            **kwargs,
        )
