"""Many customers changed at once: what was asked, and one line per customer to undo it by."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

UNDO_DAYS = 30


class BulkAction(models.TextChoices):
    ADD_TAG = "add_tag", _("Add a tag")
    REMOVE_TAG = "remove_tag", _("Take a tag away")
    ASSIGN_OWNER = "assign_owner", _("Assign an owner")
    SET_STAGE = "set_stage", _("Set the stage")
    HAND_OVER = "hand_over", _("Hand over a colleague's customers")


class BulkState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("stopped")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class BulkChange(models.Model):
    """One deed on many customers."""

    history_exempt = "It is itself the record of an event; what it did to customers is in theirs."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True, editable=False)
    action = models.CharField(_("what"), max_length=16, choices=BulkAction)
    options = models.JSONField(_("options"), default=dict)
    selection = models.JSONField(_("which customers"), default=dict)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=BulkState, default=BulkState.RUNNING
    )
    counts = models.JSONField(_("counts"), default=dict)
    undo_result = models.JSONField(_("result of undo"), default=dict)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        related_name="+",
        on_delete=models.PROTECT,
    )
    job = models.ForeignKey(
        "jobs.Job", verbose_name=_("job"), related_name="+", on_delete=models.PROTECT, null=True
    )
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        ordering = ["-number"]
        permissions = [("hand_over_customer", _("Can hand over a colleague's customers"))]

    def __str__(self) -> str:
        return f"#{self.number} {self.get_action_display()}"


class BulkRow(models.Model):
    """What one bulk change did to one customer or follow-up. Only plain fields are changed."""

    history_exempt = "Half of an undo: what happened to the customer is in the customer's history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(
        BulkChange,
        verbose_name=_("bulk change"),
        related_name="rows",
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
    )
    object_key = models.UUIDField(_("what was changed"))
    is_follow_up = models.BooleanField(_("a follow-up"), default=False)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)

    class Meta:
        verbose_name = _("row of a bulk change")
        verbose_name_plural = _("rows of bulk changes")
        constraints = [
            models.UniqueConstraint(fields=["change", "object_key"], name="bulkrow_once"),
        ]

    def __str__(self) -> str:
        return str(self.object_key)
