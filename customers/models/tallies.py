"""What is worked out from customers and kept for a while: counts for plots, and how far the index
of names was made by the present rules."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Tally(models.Model):
    """A count of all customers, as it was some minutes ago. Where they are few nobody needs it."""

    history_exempt = "Counted again every few minutes from rows that keep history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("what was counted"), max_length=40, unique=True)
    rows = models.JSONField(_("counts"), default=list)
    made_at = models.DateTimeField(_("counted"), default=timezone.now)
    seconds = models.FloatField(_("seconds it took"), default=0)

    class Meta:
        verbose_name = _("count of customers")
        verbose_name_plural = _("counts of customers")

    def __str__(self) -> str:
        return self.name


class SearchIndex(models.Model):
    """By which rules the index of names was made, and how far it was made again."""

    history_exempt = "It says how far derived rows were made again; they change no customer."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rules = models.PositiveSmallIntegerField(_("made by rules"), default=0)
    making = models.PositiveSmallIntegerField(_("being made by rules"), default=0)
    cursor = models.UUIDField(_("made up to"), null=True)
    done = models.PositiveBigIntegerField(_("customers done"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("state of the search index")
        verbose_name_plural = _("states of the search index")

    def __str__(self) -> str:
        return f"{self.rules}"
