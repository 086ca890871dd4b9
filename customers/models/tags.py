"""Tags: a few words on the customer, and the index that lists and filters by them.

They stand as one text on the customer ("vip, newsletter"), so that a change of tags is an ordinary
change of the customer: in its history, undone with its import, mapped like any column.
"""

import re
from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from customers.models.derived import replace_rows

LONGEST_TAG = 40
BETWEEN_TAGS = re.compile(r"[,;，；、|\r\n]+")


class CustomerTag(models.Model):
    """One tag of one customer, without case."""

    history_exempt = "Derived from the customer's tags, which keep history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="tag_words",
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
    )
    word = models.CharField(_("tag"), max_length=LONGEST_TAG)

    class Meta:
        verbose_name = _("tag in the index")
        verbose_name_plural = _("tags in the index")
        constraints = [
            models.UniqueConstraint(fields=["customer", "word"], name="customertag_once"),
        ]
        indexes = [models.Index(fields=["word", "customer"], name="customertag_word")]

    def __str__(self) -> str:
        return self.word


def tag_words(text: str) -> set[str]:
    """The tags of a text, as the index keeps them."""
    return {word.casefold()[:LONGEST_TAG] for word in _tags(text)}


def tidy_tags(text: str) -> str:
    """The text as it is stored: each tag once, in the order given, joined by a comma."""
    first_spelling: dict[str, str] = {}
    for tag in _tags(text):
        first_spelling.setdefault(tag.casefold(), tag)
    return ", ".join(first_spelling.values())


def refresh_tags(customers: Iterable[UUID]) -> None:
    """Make the index of these customers fit their stored tags."""
    replace_rows(CustomerTag, "word", customers, fields=("tags",), wanted=tag_words)


def _tags(text: str) -> list[str]:
    return [tag for part in BETWEEN_TAGS.split(text or "") if (tag := " ".join(part.split()))]
