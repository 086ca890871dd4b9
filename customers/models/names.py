"""The index that finds a customer by the beginning of any part of a name.

`LIKE 'x%'` scans the whole table on SQLite, and text compares differently from database to
database. So each part stands folded (no case, no accents) and as UTF-8 bytes: bytes compare the
same everywhere, and "begins with" is a range that both databases answer from the index.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from customers.models.derived import replace_rows
from customers.models.han import is_chinese, organisation_parts, person_parts, simplified
from quality.validators import fold_name

NAME_FIELDS = frozenset({"kind", "given_name", "family_name", "organisation_name"})
LONGEST_PART = 60
# Raised whenever `parts_of` gives other parts for the same name: the index is then made again.
RULES = 2
EAST_ASIAN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff]"
)
BETWEEN_WORDS = re.compile(r"[\s,;，、·・&/()（）]+")
BETWEEN_PARTS = re.compile(r"[^\w]+")
# How these letters are written where the keyboard has none of them. The rest of folding takes the
# accent off, which is the other thing people do: Müller is found as muller and as mueller.
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


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


def spelt_out(text: str) -> str:
    """Müller as Mueller; unchanged where there is nothing to spell out."""
    return unicodedata.normalize("NFC", text.casefold()).translate(SPELT_OUT)


def readings(term: str) -> list[tuple[str, ...]]:
    """The folded words of a search term, once for each way to mean them: "müll" is "mull" and
    "muell", 張 is 張 and 张. A reading that says no more than another is left out."""
    found: list[tuple[str, ...]] = []
    for written in (simplified(term), term, spelt_out(term)):
        words = tuple(dict.fromkeys(folded_words(written)))
        if words and not any(_begin(one, words) for one in found):
            found.append(words)
    return found


def _begin(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether whoever is found by the longer words is found by the shorter ones as well."""
    return all(any(word.startswith(one) for word in longer) for one in shorter)


def parts_of(given: str, family: str, organisation: str) -> set[bytes]:
    """Everything a customer's name may be found by the beginning of.

    Each word; what follows a hyphen (Lüdenscheid of Müller-Lüdenscheid); the word without its
    umlauts' dots and with them spelt out. Names written without a space (张伟) are found whole in
    their own order, which begins with the family name, by their given name, in simplified
    characters, and as they are spoken.
    """
    chinese = is_chinese(family), is_chinese(given)
    parts = {*_parts_of_one(given), *_parts_of_one(organisation)}
    if EAST_ASIAN.search(family) and EAST_ASIAN.search(given):
        parts |= _parts_of_one(f"{family}{given}")
    if not all(chinese):
        parts |= _parts_of_one(family)
    if any(chinese):
        names = (family if chinese[0] else "", given if chinese[1] else "")
        spoken = person_parts(*map(simplified, names))
        parts.update(part[:LONGEST_PART].encode() for part in spoken)
    if organisation and EAST_ASIAN.search(organisation):
        found = organisation_parts(fold_name(organisation))
        parts.update(part[:LONGEST_PART].encode() for part in found)
    return parts


@lru_cache(maxsize=20_000)
def _parts_of_one(name: str) -> frozenset[bytes]:
    """Kept for a while: an import meets the same names again and again."""
    parts: set[str] = set()
    for written in {name} if name.isascii() else {name, spelt_out(name), simplified(name)}:
        parts.update(folded_words(written))
        pieces = BETWEEN_PARTS.split(fold_name(written))
        parts.update(piece for piece in pieces if len(piece) > 1)
    return frozenset(part[:LONGEST_PART].encode() for part in parts)


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
