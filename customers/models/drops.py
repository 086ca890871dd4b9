"""Files that arrive by themselves: what was met in the drop folder of a source, and its fate."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class DropState(models.TextChoices):
    ARRIVING = "arriving", _("still arriving")
    WHOLE = "whole", _("waiting for its turn")
    IMPORTING = "importing", _("being imported")
    IMPORTED = "imported", _("imported")
    REPEATED = "repeated", _("the same as an earlier file")
    REFUSED = "refused", _("refused")
    GONE = "gone", _("gone before it was read")


class DropLook(models.Model):
    """How the last look into the drop place of a source went."""

    history_exempt = "Overwritten every half minute; what was found keeps rows of its own."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.OneToOneField(
        "customers.Source",
        verbose_name=_("source"),
        related_name="drop_look",
        on_delete=models.CASCADE,
    )
    looked_at = models.DateTimeField(_("looked at"), null=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    problem_since = models.DateTimeField(_("problem since"), null=True)
    busy_until = models.DateTimeField(null=True, help_text=_("Until then somebody is looking."))
    job = models.ForeignKey(
        "jobs.Job", verbose_name=_("job"), related_name="+", on_delete=models.SET_NULL, null=True
    )

    class Meta:
        verbose_name = _("look into a drop place")
        verbose_name_plural = _("looks into drop places")

    def __str__(self) -> str:
        return str(self.source)


class DroppedFile(models.Model):
    """One file met in a drop folder."""

    history_exempt = "It is itself the record of an event; what its import did is in the customers."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(
        "customers.Source",
        verbose_name=_("source"),
        related_name="dropped_files",
        on_delete=models.PROTECT,
    )
    name = models.CharField(_("file"), max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    modified_at = models.DateTimeField(_("modified"))
    digest = models.BinaryField(_("digest"), max_length=32, null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DropState, default=DropState.ARRIVING
    )
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    batch = models.ForeignKey(
        "customers.ImportBatch",
        verbose_name=_("import"),
        related_name="dropped_files",
        on_delete=models.PROTECT,
        null=True,
    )
    met_at = models.DateTimeField(_("first met"), default=timezone.now)
    looked_at = models.DateTimeField(_("last looked at"), default=timezone.now)

    class Meta:
        verbose_name = _("file that arrived")
        verbose_name_plural = _("files that arrived")
        ordering = ["-met_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "name", "size", "modified_at"], name="droppedfile_once"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "state"], name="droppedfile_state"),
            models.Index(fields=["source", "digest"], name="droppedfile_digest"),
        ]

    def __str__(self) -> str:
        return self.name
