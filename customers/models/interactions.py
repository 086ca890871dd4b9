"""What we talked about with a customer, and what we promised to do next."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from audit.disclosure import Scope
from audit.models import AuditedModel
from customers import due
from customers.models.choices import Direction, InteractionKind
from encryption.classes import DataClass
from encryption.fields import EncryptedCharField, EncryptedTextField
from quality.validators import FREE_TEXT

LONGEST_CALL = 24 * 60


class Interaction(AuditedModel):
    """A call, an e-mail, a meeting or a note."""

    shown_with = "the customer's page"

    Kind = InteractionKind
    Direction = Direction

    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="interactions",
        on_delete=models.PROTECT,
        db_index=False,  # interaction_of begins with it
    )
    kind = models.CharField(
        _("kind"), max_length=8, choices=InteractionKind, default=InteractionKind.CALL
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, blank=True)
    happened_at = models.DateTimeField(_("when"), default=timezone.now)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MaxValueValidator(LONGEST_CALL)]
    )
    text = EncryptedTextField(
        _("what was said"),
        context="customers.interaction.text",
        data_class=DataClass.TEXT,
        mask="full",
        null=True,
        blank=True,
        validators=FREE_TEXT,
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who of us"),
        related_name="interactions",
        on_delete=models.PROTECT,
    )

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=InteractionKind.values), name="interaction_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-happened_at", "-id"], name="interaction_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.happened_at):%Y-%m-%d %H:%M}"

    def why_closed(self) -> str:
        return self.customer.why_closed()

    def owned_by(self, user: Any) -> Scope:
        """As near as its customer is."""
        return self.customer.owned_by(user)


class FollowUp(AuditedModel):
    """Something one of us has to do for a customer by a time."""

    shown_with = "the customer's page"
    history_of = "customer"

    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="follow_ups",
        on_delete=models.PROTECT,
    )
    interaction = models.ForeignKey(
        Interaction,
        verbose_name=_("agreed in"),
        related_name="follow_ups",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
    )
    what = EncryptedCharField(
        _("what"),
        context="customers.follow_up.what",
        data_class=DataClass.TEXT,
        mask="full",
        max_length=250,
        validators=FREE_TEXT,
    )
    # The last second of a day stands for the whole day (`customers.due`).
    due_at = models.DateTimeField(_("due"))
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        related_name="follow_ups",
        on_delete=models.PROTECT,
        db_index=False,  # followup_open begins with it
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        related_name="+",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["assigned_to", "due_at", "id"],
                name="followup_open",
                condition=Q(done_at__isnull=True),
            ),
            models.Index(fields=["due_at"], name="followup_due", condition=Q(done_at__isnull=True)),
        ] + [
            # What was done, of one of us and of all: nobody sorts years of it.
            models.Index(fields=fields, name=name, condition=Q(done_at__isnull=False))
            for name, fields in {
                "followup_done": ["assigned_to", "due_at", "id"],
                "followup_all_done": ["due_at", "id"],
            }.items()
        ]

    def __str__(self) -> str:
        local = timezone.localtime(self.due_at)
        form = "%Y-%m-%d" if due.is_whole_day(self.due_at) else "%Y-%m-%d %H:%M"
        return f"{capfirst(self._meta.verbose_name)} {local:{form}}"

    @property
    def overdue(self) -> bool:
        return self.done_at is None and self.due_at < timezone.now()

    def why_closed(self) -> str:
        return self.customer.why_closed()

    def owned_by(self, user: Any) -> Scope:
        """Whoever has to do it must be able to read it; for others it is as near as the
        customer."""
        if self.assigned_to_id == user.pk:
            return Scope.OWN
        return self.customer.owned_by(user)


class Reminder(models.Model):
    """That somebody was sent the mail of a day, so that nobody gets two.

    `claimed_at` is set before the mail server is spoken to and taken back only when it refused:
    whoever is killed in between leaves a claim, and no second mail (docs/decisions/0006).
    """

    history_exempt = "It only remembers that a mail went out; the follow-ups keep history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        related_name="reminders",
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
    )
    day = models.DateField(_("day"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("claimed"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["staff", "day"], name="reminder_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
