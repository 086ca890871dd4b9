"""Where customers come from: the systems, and what each customer is called there."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from audit.disclosure import Scope
from audit.models import AuditedModel
from encryption.classes import DataClass
from encryption.fields import EncryptedCharField
from encryption.keyring import keyed_digest
from encryption.models import ProtectedModel


class Source(AuditedModel):
    """A system, list or event that customers come from: "web shop", "trade fair 2026"."""

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=250, blank=True)
    mapping = models.JSONField(
        _("remembered columns"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("Which column of its files went to which field at the last import."),
    )

    drop = models.CharField(
        _("drop place"),
        max_length=60,
        blank=True,
        help_text=_("Where its files arrive, one of the places an operator set up (CRM_DROPS)."),
    )
    drop_folder = models.CharField(
        _("folder"),
        max_length=200,
        blank=True,
        help_text=_("A folder inside the place. Empty: the place itself."),
    )
    drop_pattern = models.CharField(
        _("file names"),
        max_length=100,
        blank=True,
        help_text=_("Only files whose name fits: *.csv, orders_*.xlsx. Empty: every file."),
    )
    drop_paused = models.BooleanField(_("paused"), default=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="source_name_once",
                violation_error_message=_("There is a source of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SourceRecord(ProtectedModel):
    """A customer as one source knows it.

    The identifier may be anything the other system uses, an e-mail address or an ID number too. So
    it is sealed like one, and found by a keyed digest. A row that came without an identifier has
    none either: the digest of the row itself is then what is recognised.
    """

    history_exempt = (
        "Written by imports alone; its two dates are its history, and each import keeps what it "
        "did row by row."
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        related_name="records",
        on_delete=models.PROTECT,
        db_index=False,  # the unique constraint begins with it
    )
    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="source_records",
        on_delete=models.PROTECT,
    )
    external_id = EncryptedCharField(
        _("identifier there"),
        context="customers.source_record.external_id",
        data_class=DataClass.CONTACT,
        mask="last4",
        max_length=200,
        null=True,
        blank=True,
    )
    identity = models.BinaryField(_("recognised by"), max_length=32, editable=False)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("record in a source")
        verbose_name_plural = _("records in sources")
        constraints = [
            models.UniqueConstraint(fields=["source", "identity"], name="sourcerecord_once"),
        ]

    def __str__(self) -> str:
        return str(self.source)

    def owned_by(self, user: Any) -> Scope:
        """As near as its customer is."""
        return self.customer.owned_by(user)


def identity_of_external_id(source: UUID, external_id: str) -> bytes:
    """What recognises the record of a source by the identifier it has there."""
    return keyed_digest("customers.source_record.external_id", source.bytes + external_id.encode())


def identity_of_row(source: UUID, row: bytes) -> bytes:
    """What recognises a row without identifier: its own mapped values, serialised."""
    return keyed_digest("customers.source_record.row", source.bytes + row)
