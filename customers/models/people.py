"""The customer: a person or an organisation.

What is sealed and what stays plain is argued in docs/threat-model.md.
"""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length, Upper
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.disclosure import Scope
from audit.models import AuditedModel
from customers.models.choices import WORDED, Channel, Gender, IdType, Kind, Stage
from customers.models.managers import AllCustomers, VisibleCustomers, refresh_index
from customers.models.names import EAST_ASIAN
from customers.models.numbers import allocate_numbers
from customers.models.sources import Source
from encryption.classes import DataClass
from encryption.errors import CannotOpen
from encryption.fields import (
    BlindIndexField,
    EncryptedCharField,
    EncryptedDateField,
    EncryptedTextField,
)
from encryption.sealed import sealed_values
from quality.validators import (
    CN_RESIDENT_ID,
    FREE_TEXT,
    TYPED,
    resident_id_facts,
    validate_birth_date,
    validate_country,
    validate_email_address,
    validate_language,
    validate_national_id,
    validate_phone,
    validate_postal_code,
)


class Customer(AuditedModel):
    """A person or an organisation we know."""

    Kind = Kind
    Gender = Gender
    Stage = Stage
    Channel = Channel
    IdType = IdType

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PERSON)
    given_name = models.CharField(_("given name"), max_length=100, blank=True, validators=TYPED)
    family_name = models.CharField(_("family name"), max_length=100, blank=True, validators=TYPED)
    organisation_name = models.CharField(
        _("organisation name"), max_length=200, blank=True, validators=TYPED
    )
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)

    email = EncryptedCharField(  # no EmailField: its own validator says less, and first
        _("e-mail"),
        context="customers.customer.email",
        data_class=DataClass.CONTACT,
        mask="email",
        max_length=254,
        null=True,
        blank=True,
        validators=[validate_email_address],
    )
    email_index = BlindIndexField("email", normal_form="email.v1")
    phone = EncryptedCharField(
        _("phone"),
        context="customers.customer.phone",
        data_class=DataClass.CONTACT,
        mask="phone",
        max_length=32,
        null=True,
        blank=True,
        validators=[validate_phone],
    )
    phone_index = BlindIndexField("phone", normal_form="phone.v1")
    birth_date = EncryptedDateField(
        _("birth date"),
        context="customers.customer.birth_date",
        data_class=DataClass.IDENTITY,
        mask="year",
        null=True,
        blank=True,
        validators=[validate_birth_date],
    )
    national_id_type = models.CharField(_("type of ID"), max_length=20, choices=IdType, blank=True)
    national_id = EncryptedCharField(
        _("ID number"),
        context="customers.customer.national_id",
        data_class=DataClass.IDENTITY,
        mask="last4",
        max_length=40,
        null=True,
        blank=True,
        validators=TYPED,
    )
    national_id_index = BlindIndexField("national_id", normal_form="id_number.v1")

    street = EncryptedCharField(
        _("street"),
        context="customers.customer.street",
        data_class=DataClass.ADDRESS,
        mask="full",
        max_length=250,
        null=True,
        blank=True,
        validators=FREE_TEXT,
    )
    city = models.CharField(_("city"), max_length=100, blank=True, validators=TYPED)
    region = models.CharField(_("region"), max_length=100, blank=True, validators=TYPED)
    postal_code = models.CharField(
        _("postal code"), max_length=20, blank=True, validators=[validate_postal_code]
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, validators=[validate_country]
    )
    language = models.CharField(
        _("language"), max_length=12, blank=True, validators=[validate_language]
    )

    job_title = models.CharField(_("job title"), max_length=150, blank=True, validators=FREE_TEXT)
    employer = models.ForeignKey(
        "self",
        verbose_name=_("employer"),
        related_name="employees",
        on_delete=models.PROTECT,
        limit_choices_to={"kind": Kind.ORGANISATION},
        null=True,
        blank=True,
    )
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=12, choices=Channel, blank=True
    )
    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.LEAD)
    tags = models.CharField(
        _("tags"),
        max_length=500,
        blank=True,
        help_text=_("A few words, separated by commas: vip, newsletter."),
        validators=FREE_TEXT,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        related_name="customers",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # customer_by_owner begins with it
        help_text=_("Who of us looks after this customer."),
    )
    notes = EncryptedTextField(
        _("notes"),
        context="customers.customer.notes",
        data_class=DataClass.TEXT,
        mask="full",
        null=True,
        blank=True,
        validators=FREE_TEXT,
    )
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        related_name="customers",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # customer_by_source begins with it
        help_text=_("Where we first heard of this customer."),
    )
    last_confirmed_at = models.DateTimeField(
        _("last confirmed"),
        null=True,
        blank=True,
        help_text=_("When somebody last made sure with the customer that this is right."),
    )
    binned_at = models.DateTimeField(_("in the bin since"), null=True, blank=True, editable=False)

    worded: ClassVar[Any] = WORDED

    objects: ClassVar[VisibleCustomers] = VisibleCustomers()
    with_bin = AllCustomers()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        base_manager_name = "with_bin"
        default_manager_name = "objects"
        permissions = [("restore_customer", _("Can bring customers back from the bin"))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="customer_kind"),
            models.CheckConstraint(
                condition=Q(gender__in=["", *Gender.values]), name="customer_gender"
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="customer_stage"),
            models.CheckConstraint(
                condition=Q(preferred_channel__in=["", *Channel.values]), name="customer_channel"
            ),
            models.CheckConstraint(
                condition=Q(country="")
                | (
                    Exact(Length("country"), 2)
                    & Exact(F("country"), Upper("country"))
                    & Q(country__gte="AA", country__lte="ZZ")
                ),
                name="customer_country",
                violation_error_message=_("Write the country as two capital letters: DE, CN, US."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.ORGANISATION) | ~Q(organisation_name=""),
                name="customer_organisation_named",
                violation_error_message=_("An organisation needs its name."),
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PERSON) | Q(employer__isnull=True),
                name="customer_employer_of_person",
                violation_error_message=_("Only a person has an employer."),
            ),
            models.CheckConstraint(
                condition=~Q(given_name="", family_name="", organisation_name="")
                | Q(email__isnull=False)
                | Q(phone__isnull=False)
                | Q(national_id__isnull=False),
                name="customer_somebody",
            ),
        ]
        indexes = [
            # The list shows the newest first, whatever it is filtered by, and never the bin.
            models.Index(fields=fields, name=name, condition=Q(binned_at__isnull=True))
            for name, fields in {
                "customer_list": ["-updated_at", "-id"],
                "customer_by_stage": ["stage", "-updated_at", "-id"],
                "customer_by_country": ["country", "-updated_at", "-id"],
                "customer_by_kind": ["kind", "-updated_at", "-id"],
                # What the plots count, without reading a customer.
                "customer_by_created": ["created_at"],
                "customer_tally": ["owner", "stage", "source", "id"],
            }.items()
        ] + [
            models.Index(fields=["owner", "-updated_at", "-id"], name="customer_by_owner"),
            models.Index(fields=["source", "-updated_at", "-id"], name="customer_by_source"),
            models.Index(fields=["city", "id"], name="customer_by_city"),
            models.Index(
                fields=["-binned_at"], name="customer_bin", condition=Q(binned_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.display_name}".strip()

    def save(self, **kwargs: Any) -> None:
        """As every audited model, with a number from the start and the index kept fresh."""
        if self._state.adding or kwargs.get("force_insert"):
            changed = None
        else:
            changed = self.changed_fields(kwargs.get("update_fields"))
        with transaction.atomic():
            if not self.number:
                self.number = allocate_numbers(1)[0]
            super().save(**kwargs)
            refresh_index([self.pk], changed)

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if self.kind == Kind.ORGANISATION and not self.organisation_name:
            errors["organisation_name"] = _("Write the name of the organisation.")
        if self.employer_id is not None:
            if self.kind != Kind.PERSON:
                errors["employer"] = _("Only a person has an employer. Leave this empty.")
            elif self.employer and self.employer.kind != Kind.ORGANISATION:
                errors["employer"] = _("Choose an organisation: a person is nobody's employer.")
        if not (errors or self._is_somebody()):
            errors[NON_FIELD_ERRORS] = _("Write a name, or at least an e-mail, a phone or an ID.")
        errors |= self._identity_errors()
        if errors:
            raise ValidationError(errors)

    def _identity_errors(self) -> dict[str, Any]:
        """What cannot be true of ID and birth date, if one of them is new.

        No message tells a value: whoever may replace an ID number need not be allowed to see it.
        """
        fields = ["national_id", "national_id_type", "birth_date"]
        if not (self._state.adding or self.changed_fields(fields)):
            return {}
        number, born = self._opened("national_id"), self._opened("birth_date")
        if not number:
            return {}
        try:
            validate_national_id(number, self.national_id_type, self.country)
        except ValidationError as error:
            return {"national_id": error}
        facts = self._resident_facts(number)
        if facts and born and facts.birth_date != born:
            text = _("The resident ID says another birth date. Correct whichever is wrong.")
            return {"birth_date": text}
        return {}

    def contradictions(self) -> list[Any]:
        """What is odd but may well be true: staff are told, and go on."""
        facts = self._resident_facts(self._opened("national_id") or "")
        if facts and self.gender in (Gender.FEMALE, Gender.MALE) and self.gender != facts.gender:
            return [_("The gender here is not the one the resident ID was given for.")]
        return []

    def _resident_facts(self, number: str) -> Any:
        may_be = self.national_id_type in ("", CN_RESIDENT_ID)
        return resident_id_facts(number) if may_be else None

    def _opened(self, field: str) -> Any:
        try:
            return getattr(self, field)
        except CannotOpen:
            return None

    def validate_constraints(self, exclude: Any = None) -> None:
        """Nothing: choices, validators and clean() say in words whatever the constraints hold.

        Django would ask the database once for each of them, with the values in the query.
        """

    def _is_somebody(self) -> bool:
        with sealed_values():
            return any(
                (
                    self.given_name,
                    self.family_name,
                    self.organisation_name,
                    self.email,
                    self.phone,
                    self.national_id,
                )
            )

    @property
    def display_name(self) -> str:
        """The name in its own order: 张伟, Anna Müller, Quantum Optics AG."""
        if self.kind == Kind.ORGANISATION:
            return self.organisation_name
        if EAST_ASIAN.search(self.family_name) and EAST_ASIAN.search(self.given_name):
            return f"{self.family_name}{self.given_name}"
        name = f"{self.given_name} {self.family_name}".strip()
        return name or self.organisation_name

    @property
    def age(self) -> int | None:
        """Whole years since the birth date; None when it is not known."""
        if self.birth_date is None:
            return None
        return years_between(self.birth_date, timezone.localdate())

    @property
    def in_bin(self) -> bool:
        return self.binned_at is not None

    def why_closed(self) -> str:
        return str(_("This customer is in the bin. Bring them back first.")) if self.in_bin else ""

    def owned_by(self, user: Any) -> Scope:
        """Whose customer this is, seen from a member of staff. Nobody's is everybody's.

        As it is stored: who names themselves in a form is no nearer until that is saved.
        """
        owner_id = self.__dict__.get("_stored", {}).get("owner_id", self.owner_id)
        if owner_id is not None and owner_id == user.pk:
            return Scope.OWN
        if owner_id is None:
            return Scope.TEAM
        if user.team_id is None:
            return Scope.ALL
        staff: Any = Customer._meta.get_field("owner").related_model
        owner: Any = (
            self.owner if self.owner_id == owner_id else staff._base_manager.get(pk=owner_id)
        )
        return Scope.TEAM if owner.team_id == user.team_id else Scope.ALL


def years_between(birth: date, today: date) -> int:
    """Age in whole years; who was born on 29 February gets older on 1 March."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
