"""Who works here.

Staff are deactivated, never deleted: what they did must keep its author.
"""

import re
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


class UntoldWrite(TypeError):
    """A write that sends no signal, so that no history could hear of it."""


class ToldQuerySet(models.QuerySet[Any]):
    """Refuses the writes of many rows at once: they send no signals, and history listens to
    those. Staff are few; save() each."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UntoldWrite(f"{self.model.__name__}: this would leave no history; save() each.")

    update = bulk_create = bulk_update = _refuse


class Team(models.Model):
    """People who share customers: what belongs to the team, each of its members may work on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """In one transaction with what listens, so that no change stands without its record."""
        super().save(*args, **kwargs)


class StaffManager(UserManager["User"]):
    """Django's own, except that whoever works here may sign in here."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet["User"]:
        return ToldQuerySet(self.model, using=self._db)

    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> "User":
        extra_fields.setdefault("is_staff", True)
        return super().create_user(username, email, password, **extra_fields)


class User(AbstractUser):
    """A member of staff, or the system itself (inactive, without a password)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    is_staff = models.BooleanField(
        _("may sign in here"),
        default=True,
        help_text=_("Everyone who works here signs in to this site."),
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        related_name="members",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
    )
    must_change_password = models.BooleanField(
        _("must change password"),
        default=False,
        help_text=_("At the next sign-in every page leads to the password change page."),
    )

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """In one transaction with what listens, so that no change stands without its record."""
        super().save(*args, **kwargs)

    def set_password(self, raw_password: str | None) -> None:
        """A password other than the present one is no longer the one-time password.

        It stands here, and not in a form, so that no way of changing a password can forget it.
        Whoever hands out a one-time password sets `must_change_password` after this call.
        """
        if self.must_change_password and raw_password is not None:
            self.must_change_password = check_password(raw_password, self.password)
        super().set_password(raw_password)

    def get_full_name(self) -> str:
        """Given name first, except that a name in Han characters is written as it is spoken."""
        if HAN.fullmatch(self.last_name + self.first_name):
            return self.last_name + self.first_name
        return super().get_full_name()
