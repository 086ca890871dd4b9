"""Protected models as an application would write them."""

from django.db import models
from encrypted_model_fields import fields as stock
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from encryption import fields
from encryption.classes import DataClass
from encryption.models import ProtectedModel


class Person(ProtectedModel):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=50)
    boss = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    email = fields.EncryptedEmailField(
        null=True,
        blank=True,
        context="tests.person.email",
        data_class=DataClass.CONTACT,
        mask="email",
    )
    email_index = fields.BlindIndexField("email", normal_form="email.v1")
    phone = fields.EncryptedCharField(
        max_length=32,
        null=True,
        blank=True,
        context="tests.person.phone",
        data_class=DataClass.CONTACT,
    )
    phone_index = fields.BlindIndexField("phone", normal_form="phone.v1")
    notes = fields.EncryptedTextField(null=True, blank=True, context="tests.person.notes")
    born = fields.EncryptedDateField(null=True, blank=True, context="tests.person.born")

    # No foreign key to the user: tables without migrations are made before those with.
    history = HistoricalRecords(
        excluded_fields=["email_index", "phone_index"],
        history_user_id_field=models.UUIDField(null=True),
        history_user_getter=lambda instance, **kwargs: None,
        history_user_setter=lambda instance, user: None,
    )

    class Meta:
        app_label = "encryption_testapp"

    def __str__(self):
        return self.name


class Everything(ProtectedModel):
    """One of each type."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    char = fields.EncryptedCharField(max_length=5000, null=True, blank=True, context="tests.e.char")
    text = fields.EncryptedTextField(null=True, blank=True, context="tests.e.text")
    email = fields.EncryptedEmailField(null=True, blank=True, context="tests.e.email")
    day = fields.EncryptedDateField(null=True, blank=True, context="tests.e.day")
    moment = fields.EncryptedDateTimeField(null=True, blank=True, context="tests.e.moment")
    flag = fields.EncryptedBooleanField(null=True, blank=True, context="tests.e.flag")
    number = fields.EncryptedIntegerField(null=True, blank=True, context="tests.e.number")
    positive = fields.EncryptedPositiveIntegerField(
        null=True, blank=True, context="tests.e.positive"
    )
    small = fields.EncryptedSmallIntegerField(null=True, blank=True, context="tests.e.small")
    tiny = fields.EncryptedPositiveSmallIntegerField(null=True, blank=True, context="tests.e.tiny")
    big = fields.EncryptedBigIntegerField(null=True, blank=True, context="tests.e.big")

    class Meta:
        app_label = "encryption_testapp"


class Plain(models.Model):  # noqa: DJ008
    """Protected fields on a model that is not a ProtectedModel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    note = fields.EncryptedTextField(null=True, blank=True, context="tests.plain.note")

    class Meta:
        app_label = "encryption_testapp"


class StockPerson(models.Model):  # noqa: DJ008
    """The stock package's fields, to show side by side what they do."""

    name = models.CharField(max_length=50)
    email = stock.EncryptedEmailField(null=True, blank=True)
    notes = stock.EncryptedTextField(null=True, blank=True)
    moment = stock.EncryptedDateTimeField(null=True, blank=True)
    born = stock.EncryptedDateField(null=True, blank=True)
    code = stock.EncryptedCharField(max_length=200, null=True, unique=True)

    class Meta:
        app_label = "encryption_testapp"
