"""What each member of staff keeps for themselves: views of the list, who they saw, a calendar."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from audit.models import AuditedModel
from quality.validators import FREE_TEXT


class SavedView(AuditedModel):
    """A filtered, sorted list under a name. Never holds what was searched for."""

    shown_with = "the list of customers"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose"),
        related_name="saved_views",
        on_delete=models.PROTECT,
        db_index=False,  # the unique constraint begins with it
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)
    shared = models.BooleanField(
        _("for everybody"),
        default=False,
        help_text=_("Everybody sees this view above the list; only you change it."),
    )

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="savedview_once",
                violation_error_message=_("You have a view of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """What is shared stands above everybody's list: it reads there as it was typed."""
        super().clean()
        try:
            for check in FREE_TEXT:
                check(self.name)
        except ValidationError as problem:
            raise ValidationError({"name": problem}) from None


class ListLayout(models.Model):
    """Which columns somebody wants in the list of customers."""

    history_exempt = "A person's own taste; it changes nothing about any customer."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose"),
        related_name="list_layout",
        on_delete=models.CASCADE,
    )
    columns = models.JSONField(_("columns"), default=list)
    # A saved view, perhaps somebody else's, who may delete it without asking.
    default_view = models.UUIDField(_("first view"), null=True, blank=True)

    class Meta:
        verbose_name = _("choice of columns")
        verbose_name_plural = _("choices of columns")

    def __str__(self) -> str:
        return ", ".join(self.columns)


class RecentlySeen(models.Model):
    """That somebody opened a customer's page, for the way back to it."""

    history_exempt = "A convenience, overwritten at each visit; the access log is another thing."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        related_name="recently_seen",
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
    )
    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="+",
        on_delete=models.CASCADE,
    )
    seen_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("recently seen customer")
        verbose_name_plural = _("recently seen customers")
        constraints = [
            models.UniqueConstraint(fields=["user", "customer"], name="recentlyseen_once"),
        ]
        indexes = [models.Index(fields=["user", "-seen_at"], name="recentlyseen_latest")]

    def __str__(self) -> str:
        return f"{self.seen_at:%Y-%m-%d %H:%M}"


class CalendarFeed(models.Model):
    """The private link under which a calendar program reads somebody's follow-ups.

    Only a digest of the link's secret is kept: the link is shown once, and replaced when lost.
    """

    history_exempt = "Replaced whole, never changed: when it was made is when the old one ended."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose"),
        related_name="calendar_feed",
        on_delete=models.CASCADE,
    )
    digest = models.BinaryField(_("digest of the secret"), max_length=32, unique=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    read_at = models.DateTimeField(_("last read"), null=True)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
