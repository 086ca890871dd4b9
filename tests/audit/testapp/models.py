"""Models to try the audit on, so that its tests need no app above its floor."""

from django.conf import settings
from django.db import models

from audit.disclosure import Scope
from audit.models import AuditedManager, AuditedModel
from encryption.classes import DataClass
from encryption.fields import (
    BlindIndexField,
    EncryptedCharField,
    EncryptedDateField,
    EncryptedEmailField,
)


class Club(AuditedModel):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class VisibleMembers(AuditedManager):
    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Member(AuditedModel):
    class Stage(models.TextChoices):
        LEAD = "lead", "Lead"
        CUSTOMER = "customer", "Regular customer"

    name = models.CharField(max_length=100)
    city = models.CharField(max_length=100, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.LEAD)
    hidden = models.BooleanField(default=False)
    visits = models.IntegerField(default=0)
    email = EncryptedEmailField(
        context="testaudit.member.email",
        data_class=DataClass.CONTACT,
        mask="email",
        null=True,
        blank=True,
    )
    email_index = BlindIndexField("email", normal_form="email.v1")
    phone = EncryptedCharField(
        context="testaudit.member.phone",
        data_class=DataClass.CONTACT,
        mask="phone",
        max_length=32,
        null=True,
        blank=True,
    )
    national_id = EncryptedCharField(
        context="testaudit.member.national_id",
        data_class=DataClass.IDENTITY,
        mask="last4",
        max_length=40,
        null=True,
        blank=True,
    )
    birth_date = EncryptedDateField(
        context="testaudit.member.birth_date",
        data_class=DataClass.IDENTITY,
        mask="year",
        null=True,
        blank=True,
    )
    club = models.ForeignKey(Club, on_delete=models.PROTECT, null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        related_name="+",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,  # tables of apps without migrations are made first
    )
    secret_note = models.CharField(max_length=100, blank=True)  # in no form: must not show

    objects = AuditedManager()
    visible = VisibleMembers()

    def __str__(self):
        return self.name

    def owned_by(self, user):
        if self.owner_id == user.pk:
            return Scope.OWN
        return Scope.TEAM if self.owner_id is None else Scope.ALL


class Visit(AuditedModel):
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    place = models.CharField(max_length=100)

    def __str__(self):
        return self.place


class HiddenMember(Member):
    """A proxy, as a bin page needs one."""

    class Meta:
        proxy = True
