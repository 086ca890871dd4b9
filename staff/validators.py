"""What a name and a new password must be, beside what Django asks of them."""

from unicodedata import category

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from staff.models import User

# They turn the letters after them around: a name that reads like another's.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_readable(text: str) -> None:
    """A name that reads on every page as it was typed."""
    if any(letter in OVERRIDES or category(letter) in ("Cc", "Cs") for letter in text):
        raise ValidationError(
            _("This text contains invisible control characters. Type it again."),
            code="control_characters",
        )


class DiffersFromPresentPassword:
    """For AUTH_PASSWORD_VALIDATORS: a one-time password, once used, is not kept."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or not user.password or not user.has_usable_password():
            return
        if check_password(password, user.password):
            raise ValidationError(
                _("This is the present password. Choose another one."), code="password_unchanged"
            )

    def get_help_text(self) -> str:
        return _("Your password must differ from the present one.")
