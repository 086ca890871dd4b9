"""The index that finds a customer by the beginning of any part of a name.

`LIKE 'x%'` scans the whole table on SQLite, and text compares differently from database to
database. So each part stands folded (no case, no accents) and as UTF-8 bytes: bytes compare the
same everywhere, and "begins with" is a range that both databases answer from the index.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from customers.models.derived import replace_rows
from quality.validators import fold_name

NAME_FIELDS = frozenset({"kind", "given_name", "family_name", "organisation_name"})
LONGEST_PART = 60
EAST_ASIAN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff]"
)
BETWEEN_WORDS = re.compile(r"[\s,;，、·・&/()（）]+")
BETWEEN_PARTS = re.compile(r"[^\w]+")


class CustomerName(models.Model):
    """One folded part of one customer's name."""

    history_exempt = "Derived from the customer's names, which keep history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        "customers.Customer",
        verbose_name=_("customer"),
        related_name="name_parts",
        on_delete=models.CASCADE,
        db_index=False,  # the unique constraint begins with it
    )
    part = models.BinaryField(_("part of the name"), max_length=4 * LONGEST_PART)

    class Meta:
        verbose_name = _("name in the search index")
        verbose_name_plural = _("names in the search index")
        constraints = [
            models.UniqueConstraint(fields=["customer", "part"], name="customername_once"),
        ]
        indexes = [models.Index(fields=["part", "customer"], name="customername_part")]

    def __str__(self) -> str:
        return bytes(self.part).decode()


def folded_words(text: str) -> list[str]:
    """The words of a name or a search term, each without its hyphens, dots and apostrophes.

    O'Brien, O’Brien and OBrien are one word.
    """
    words = (BETWEEN_PARTS.sub("", word) for word in BETWEEN_WORDS.split(fold_name(text)))
    return [word[:LONGEST_PART] for word in words if word]


def parts_of(given: str, family: str, organisation: str) -> set[bytes]:
    """Everything a customer's name may be found by the beginning of.

    Each word; what follows a hyphen (Lüdenscheid of Müller-Lüdenscheid); and for names written
    without a space (张伟) the whole name in its own order.
    """
    parts = {*_parts_of_one(given), *_parts_of_one(family), *_parts_of_one(organisation)}
    if EAST_ASIAN.search(family) and EAST_ASIAN.search(given):
        parts.update(word.encode() for word in folded_words(f"{family}{given}"))
    return parts


@lru_cache(maxsize=20_000)
def _parts_of_one(name: str) -> frozenset[bytes]:
    """Kept for a while: an import meets the same names again and again."""
    pieces = (piece for piece in BETWEEN_PARTS.split(fold_name(name)) if len(piece) > 1)
    return frozenset(part[:LONGEST_PART].encode() for part in (*folded_words(name), *pieces))


def begins_with(word: str) -> Q:
    """The condition on `part` for a folded word: a range, so that the index answers.

    The last byte of UTF-8 is never 0xFF, so the next greater prefix always exists.
    """
    low = word[:LONGEST_PART].encode()
    return Q(part__gte=low, part__lt=low[:-1] + bytes([low[-1] + 1]))


def refresh_names(customers: Iterable[UUID]) -> None:
    """Make the index of these customers fit their stored names, a few queries for all of them."""
    replace_rows(
        CustomerName,
        "part",
        customers,
        fields=("given_name", "family_name", "organisation_name"),
        wanted=parts_of,
    )
