"""What an app of the floor above attaches to a customer, so that no test needs a real one."""

from django.conf import settings
from django.db import models

from audit.disclosure import Scope
from audit.models import AuditedModel
from encryption.classes import DataClass
from encryption.fields import EncryptedCharField


class Deal(AuditedModel):
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="deals", db_constraint=False
    )
    title = models.CharField(max_length=100)
    won = models.BooleanField(default=False)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,  # tables of apps without migrations are made first
    )
    price = EncryptedCharField(
        context="upper.deal.price",
        data_class=DataClass.SECRET,
        mask="last4",
        max_length=40,
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "deal"
        verbose_name_plural = "deals"

    def __str__(self):
        return self.title

    def owned_by(self, user):
        return Scope.ALL


class Unlisted(AuditedModel):
    """Has no page in the admin, hence no tab."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )

    def __str__(self):
        return "unlisted"
