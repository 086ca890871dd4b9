"""How else a customer is reached: further e-mails, phones and messengers, further addresses.

The first e-mail, phone and address of a customer stand on the customer, where lists and search
read them. These are the others.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.disclosure import Scope
from audit.models import AuditedModel
from customers.models.choices import WORDED, AddressUse, ContactKind, ContactUse, Messenger
from encryption.classes import DataClass
from encryption.fields import BlindIndexField, EncryptedCharField
from quality.validators import (
    FREE_TEXT,
    TYPED,
    validate_country,
    validate_email_address,
    validate_phone,
    validate_postal_code,
)


class ContactPoint(AuditedModel):
    """One further e-mail address, phone number or name in a messenger."""

    shown_with = "the customer's page"
    history_of = "customer"

    Kind = ContactKind
    Use = ContactUse
    Messenger = Messenger

    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="contact_points",
        on_delete=models.PROTECT,
        db_index=False,  # contactpoint_of begins with it
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    messenger = models.CharField(_("messenger"), max_length=12, choices=Messenger, blank=True)
    value = EncryptedCharField(
        _("address or number"),
        context="customers.contact_point.value",
        data_class=DataClass.CONTACT,
        mask="contact",
        max_length=254,
        validators=TYPED,
    )
    value_index = BlindIndexField("value", normal_form="contact.v1")
    use = models.CharField(_("use"), max_length=10, choices=ContactUse, blank=True)
    primary = models.BooleanField(
        _("preferred"),
        default=False,
        help_text=_("The one to try first among the further ones of its kind."),
    )
    verified_at = models.DateTimeField(
        _("verified"),
        null=True,
        blank=True,
        help_text=_("When somebody last made sure that it reaches the customer."),
    )

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        ordering = ["kind", "-primary", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values), name="contactpoint_kind"
            ),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(primary=True),
                name="contactpoint_primary_once",
                violation_error_message=_("Only one of each kind can be the preferred one."),
            ),
        ]
        indexes = [models.Index(fields=["customer", "kind"], name="contactpoint_of")]

    def __str__(self) -> str:
        return str(self.get_messenger_display() or self.get_kind_display())

    def clean(self) -> None:
        super().clean()
        if self.kind == ContactKind.MESSENGER and not self.messenger:
            raise ValidationError({"messenger": _("Choose which messenger.")})
        if self.kind != ContactKind.MESSENGER:
            self.messenger = ""
        check = {ContactKind.EMAIL: validate_email_address, ContactKind.PHONE: validate_phone}
        if self.kind in check and self.value and self.changed_fields(["kind", "value"]):
            try:
                check[ContactKind(self.kind)](self.value)
            except ValidationError as error:
                raise ValidationError({"value": error}) from None

    def why_closed(self) -> str:
        return self.customer.why_closed()

    def owned_by(self, user: Any) -> Scope:
        """As near as its customer is."""
        return self.customer.owned_by(user)


class Address(AuditedModel):
    """One further postal address."""

    shown_with = "the customer's page"
    history_of = "customer"
    worded: ClassVar[Any] = WORDED

    Use = AddressUse

    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="addresses",
        on_delete=models.PROTECT,
    )
    use = models.CharField(_("use"), max_length=10, choices=AddressUse, default=AddressUse.OTHER)
    street = EncryptedCharField(
        _("street"),
        context="customers.address.street",
        data_class=DataClass.ADDRESS,
        mask="full",
        max_length=250,
        null=True,
        blank=True,
        validators=FREE_TEXT,
    )
    postal_code = models.CharField(
        _("postal code"), max_length=20, blank=True, validators=[validate_postal_code]
    )
    city = models.CharField(_("city"), max_length=100, blank=True, validators=TYPED)
    region = models.CharField(_("region"), max_length=100, blank=True, validators=TYPED)
    country = models.CharField(
        _("country"), max_length=2, blank=True, validators=[validate_country]
    )
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["use", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(use__in=AddressUse.values), name="address_use"),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.city, self.country))) or str(self.get_use_display())

    def why_closed(self) -> str:
        return self.customer.why_closed()

    def owned_by(self, user: Any) -> Scope:
        """As near as its customer is."""
        return self.customer.owned_by(user)
