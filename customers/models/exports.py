"""What left the house: who asked for which columns of which customers, why, and who fetched it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

KEPT_HOURS = 24


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    PARQUET = "parquet", "Parquet"


class ExportState(models.TextChoices):
    RUNNING = "running", _("being written")
    DONE = "done", _("ready")
    FAILED = "failed", _("stopped")
    EXPIRED = "expired", _("expired")


class Export(models.Model):
    """One file of customers."""

    history_exempt = "It is itself the record of an event and is never changed by anybody."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        related_name="+",
        on_delete=models.PROTECT,
    )
    reason = models.CharField(_("reason"), max_length=200)
    format = models.CharField(_("format"), max_length=8, choices=ExportFormat)
    columns = models.JSONField(_("columns"), default=list)
    selection = models.JSONField(_("which customers"), default=dict)
    # What the selection meant when it was asked for: names in it may change later.
    words = models.CharField(_("which customers, in words"), max_length=500, blank=True)
    options = models.JSONField(_("options"), default=dict)
    # For each protected column how many values went out clear, masked, hidden, not to be opened.
    disclosed = models.JSONField(_("what was disclosed"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=ExportState, default=ExportState.RUNNING
    )
    rows = models.PositiveIntegerField(_("customers"), default=0)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sealed_name = models.CharField(_("sealed file"), max_length=100, blank=True)
    job = models.ForeignKey(
        "jobs.Job", verbose_name=_("job"), related_name="+", on_delete=models.PROTECT, null=True
    )
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-number"]
        permissions = [
            ("export_customer", _("Can export customers to a file")),
            ("view_all_exports", _("Can see what others exported, not the files")),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class ExportDownload(models.Model):
    """That somebody fetched an export."""

    history_exempt = "It is itself the record of an event and is never changed by anybody."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    export = models.ForeignKey(
        Export, verbose_name=_("export"), related_name="downloads", on_delete=models.PROTECT
    )
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        related_name="+",
        on_delete=models.PROTECT,
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("download of an export")
        verbose_name_plural = _("downloads of exports")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
