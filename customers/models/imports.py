"""What an import leaves behind: the batch, and one line per row of the file.

A row of the file needs a row here for three reasons: the counts of the result page are counted
from them (so a killed and resumed import cannot count twice), undo reads from them what to take
back, and whatever did not get in waits in them, sealed, until somebody decides.
"""

import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from encryption.classes import DataClass
from encryption.fields import EncryptedTextField
from encryption.models import ProtectedModel

KEPT_DAYS = 30


class OnDuplicate(models.TextChoices):
    """What happens to a row that looks like a customer we already have."""

    REVIEW = "review", _("Let a person decide")
    SKIP = "skip", _("Leave the row out")
    UPDATE = "update", _("Update the customer we have")
    CREATE = "create", _("Create it all the same")


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded, not started")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("stopped")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class Outcome(models.TextChoices):
    """What became of a row. The six add up to the number of rows."""

    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    REPEATED = "repeated", _("repeated")
    REVIEW = "review", _("review")
    SET_ASIDE = "set_aside", _("set aside")


class Decision(models.TextChoices):
    """What a person decided about a row that waited for review."""

    CREATED = "created", _("created a new customer")
    UPDATED = "updated", _("updated the existing customer")
    SKIPPED = "skipped", _("left out")
    WITHDRAWN = "withdrawn", _("withdrawn with its import")


class ImportBatch(models.Model):
    """One file, brought in once."""

    history_exempt = "It is itself the record of an event; what it did to customers is in theirs."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True, editable=False)
    source = models.ForeignKey(
        "customers.Source",
        verbose_name=_("source"),
        related_name="batches",
        on_delete=models.PROTECT,
        null=True,
    )
    source_name = models.CharField(_("source"), max_length=100)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        related_name="+",
        on_delete=models.PROTECT,
        null=True,
    )
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState.choices, default=BatchState.UPLOADED
    )
    file_name = models.CharField(_("file"), max_length=255)
    file_size = models.PositiveBigIntegerField(_("size"), default=0)
    file_digest = models.BinaryField(_("digest of the file"), max_length=32, null=True)
    sealed_name = models.CharField(_("sealed file"), max_length=100, blank=True)
    header = models.JSONField(_("columns of the file"), default=list)
    mapping = models.JSONField(_("mapping"), default=dict)
    external_id_column = models.CharField(_("external ID column"), max_length=255, blank=True)
    on_duplicate = models.CharField(
        _("on duplicate"),
        max_length=10,
        choices=OnDuplicate.choices,
        default=OnDuplicate.REVIEW,
    )
    options = models.JSONField(_("options"), default=dict)
    unmapped = models.JSONField(_("columns left out"), default=list)
    counts = models.JSONField(_("counts"), default=dict)
    emptied = models.JSONField(_("cells emptied, by reason"), default=dict)
    cells = models.JSONField(_("cells by column"), default=dict)
    undo_result = models.JSONField(_("result of undo"), default=dict)
    problem = models.TextField(_("problem"), blank=True)
    job = models.ForeignKey(
        "jobs.Job", verbose_name=_("job"), related_name="+", on_delete=models.PROTECT, null=True
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    # Also the mark this import leaves on every source record it sees: what carries it already was
    # seen in this very file.
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-number"]

    def __str__(self) -> str:
        return _("Import #{number}").format(number=self.number)

    @property
    def expires_at(self) -> datetime.datetime | None:
        """When what was kept of the file (set-aside rows, emptied cells) is forgotten."""
        return self.finished_at and self.finished_at + datetime.timedelta(days=KEPT_DAYS)


class ImportRow(ProtectedModel):
    """One row of the file: what became of it, and what undo needs to take it back."""

    history_exempt = "Written once by an import; the customers it made have their own history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(
        ImportBatch,
        related_name="rows",
        on_delete=models.PROTECT,
        db_index=False,  # the unique constraint begins with it
    )
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    # Not foreign keys: a customer that is gone, by undo or by erasure, stays nameable here.
    customer_key = models.UUIDField(_("customer"), null=True)
    candidate_key = models.UUIDField(_("looks like"), null=True)
    candidate_row = models.PositiveIntegerField(_("looks like row"), null=True)
    reasons = models.JSONField(_("reasons"), null=True)
    identity = models.BinaryField(_("recognised by"), max_length=32, null=True)
    digest = models.BinaryField(_("digest of the row"), max_length=16, null=True)
    emptied = models.JSONField(_("cells emptied"), null=True)
    payload = EncryptedTextField(
        _("what the row said"),
        context="customers.importrow.payload",
        data_class=DataClass.TEXT,
        mask="full",
        null=True,
        blank=True,
    )
    employer_key = models.UUIDField(_("employer it made"), null=True)
    points = models.PositiveSmallIntegerField(_("contact points it made"), default=0)
    record_created = models.BooleanField(_("source record is new"), default=False)
    seen_before = models.DateTimeField(_("last seen before"), null=True)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, blank=True, default=""
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        related_name="+",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,  # nobody looks for it, and every import would write it
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_line_per_row"),
        ]
        indexes = [
            # What touched a customer, for its timeline.
            models.Index(
                fields=["customer_key", "id"],
                name="rows_of_a_customer",
                condition=models.Q(customer_key__isnull=False),
            ),
            models.Index(
                fields=["batch", "number"],
                name="rows_that_wait",
                condition=models.Q(outcome="review", decision=""),
            ),
            models.Index(
                fields=["identity"],
                name="rows_by_identity",
                condition=models.Q(outcome="review"),
            ),
        ]

    def __str__(self) -> str:
        return _("Row {number}").format(number=self.number)


class WaitingKey(models.Model):
    """Blind index of a row that waits, so that a third of the same person waits with it."""

    history_exempt = "Derived from the row that waits, and gone once it is decided."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    row = models.ForeignKey(ImportRow, related_name="waiting_keys", on_delete=models.CASCADE)
    kind = models.CharField(max_length=11)
    key = models.BinaryField(max_length=16)

    class Meta:
        verbose_name = _("key of a row that waits")
        verbose_name_plural = _("keys of rows that wait")
        indexes = [models.Index(fields=["key"], name="waiting_by_key")]

    def __str__(self) -> str:
        return self.kind
