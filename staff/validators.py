"""What a new password must be, beside what Django asks of it."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from staff.models import User


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
