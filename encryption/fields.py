"""The protected fields: the stock package's, under the same names, sealed by our cipher.

The text that is sealed never changes for a type, because what is stored must open for ever.
"""

from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import timezone
from encrypted_model_fields import fields as stock

from encryption.blind_index import BlindIndexField
from encryption.protection import ProtectedMixin

__all__ = [
    "BlindIndexField",
    "EncryptedBigIntegerField",
    "EncryptedBooleanField",
    "EncryptedCharField",
    "EncryptedDateField",
    "EncryptedDateTimeField",
    "EncryptedEmailField",
    "EncryptedIntegerField",
    "EncryptedPositiveIntegerField",
    "EncryptedPositiveSmallIntegerField",
    "EncryptedSmallIntegerField",
    "EncryptedTextField",
    "ProtectedMixin",
]


class EncryptedCharField(ProtectedMixin, stock.EncryptedCharField):
    """One line of text. Declare ``null=True, blank=True``: empty is stored as NULL."""


class EncryptedTextField(ProtectedMixin, stock.EncryptedTextField):
    """Text of any length. Declare ``null=True, blank=True``: empty is stored as NULL."""


class EncryptedEmailField(ProtectedMixin, stock.EncryptedEmailField):
    """An e-mail address. Declare ``null=True, blank=True``: empty is stored as NULL."""


class EncryptedDateField(ProtectedMixin, stock.EncryptedDateField):
    """A date, sealed as ISO 8601."""

    def dump_text(self, value: date) -> str:
        return value.isoformat()

    def load_text(self, text: str) -> date:
        return date.fromisoformat(text)


class EncryptedDateTimeField(ProtectedMixin, stock.EncryptedDateTimeField):
    """A moment, sealed as ISO 8601 in UTC and given back in UTC, as Django's own are.

    One without a time zone is taken for the default zone's, as the stock field does; Django's
    warning about it would quote the value.
    """

    def to_python(self, value: Any) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        value = super().to_python(value)
        if settings.USE_TZ and isinstance(value, datetime) and value.tzinfo is None:
            return timezone.make_aware(value, timezone.get_default_timezone())
        return value

    def dump_text(self, value: datetime) -> str:
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()

    def load_text(self, text: str) -> datetime:
        value = datetime.fromisoformat(text)
        # The stock package stored UTC without saying so.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedBooleanField(ProtectedMixin, stock.EncryptedBooleanField):
    """Yes or no, sealed as 1 or 0."""

    def dump_text(self, value: bool) -> str:
        return "1" if value else "0"

    def load_text(self, text: str) -> bool:
        if text not in {"0", "1"}:
            raise ValueError
        return text == "1"


class _NumberMixin(ProtectedMixin):
    """Whole numbers within the range of their plain column, on every database alike.

    The stock class finds its range by cutting its own name, which a subclass breaks.
    """

    plain_type: str

    @cached_property
    def validators(self) -> list[Any]:
        low, high = BaseDatabaseOperations.integer_field_ranges[self.plain_type]
        return [
            *self.default_validators,
            *self._validators,
            MinValueValidator(low),
            MaxValueValidator(high),
        ]

    def load_text(self, text: str) -> int:
        return int(text)


class EncryptedIntegerField(_NumberMixin, stock.EncryptedIntegerField):
    plain_type = "IntegerField"


class EncryptedPositiveIntegerField(_NumberMixin, stock.EncryptedPositiveIntegerField):
    plain_type = "PositiveIntegerField"


class EncryptedSmallIntegerField(_NumberMixin, stock.EncryptedSmallIntegerField):
    plain_type = "SmallIntegerField"


class EncryptedPositiveSmallIntegerField(_NumberMixin, stock.EncryptedPositiveSmallIntegerField):
    plain_type = "PositiveSmallIntegerField"


class EncryptedBigIntegerField(_NumberMixin, stock.EncryptedBigIntegerField):
    plain_type = "BigIntegerField"
