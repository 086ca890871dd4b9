"""When two names may be one person's: for rows that already share a telephone number.

Relatives share a telephone and a family name, so a family name alone says nothing: the given name
has to agree as well. Names that were typed wrongly, swapped, shortened to an initial or are missing
in part still agree. No nickname tables and no scores: this only decides whether a person is asked.
"""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from customers.models.names import folded_words

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
CLOSE = 0.75
SHORTEST_TYPO = 4


class Name(NamedTuple):
    """A customer's names as stored."""

    given: str = ""
    family: str = ""
    organisation: str = ""


def similar(one: Name, other: Name) -> bool:
    """Whether both may be the same customer, given that they share a telephone number."""
    if (one.given or one.family) and (other.given or other.family):
        return _persons(_folded(one), _folded(other))
    if one.organisation and other.organisation:
        return _close(
            " ".join(folded_words(one.organisation)), " ".join(folded_words(other.organisation))
        )
    return False


def _folded(name: Name) -> tuple[str, str]:
    return " ".join(folded_words(name.given or "")), " ".join(folded_words(name.family or ""))


def _persons(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if not (all(one) and all(other)):
        return _share_a_part(one, other)
    if sorted(" ".join(one).split()) == sorted(" ".join(other).split()):
        return True
    if "".join(one) in ("".join(other), "".join(reversed(other))):
        return True
    straight = _close(one[0], other[0]) and _close(one[1], other[1])
    return straight or (_close(one[0], other[1]) and _close(one[1], other[0]))


def _share_a_part(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """One of them lacks a part: then any part in common makes them worth a question."""
    return any(_close(left, right) for left in one for right in other if left and right)


@lru_cache(maxsize=4096)
def _close(one: str, other: str) -> bool:
    """Equal, an initial of the other, one of its words, or one typing slip away."""
    if one == other:
        return True
    if not one or not other or HAN.search(one) or HAN.search(other):
        # Two characters that differ by one are brothers as often as a slip.
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) == 1:
        return longer[0] == shorter
    if shorter in longer.split():
        return True
    if len(shorter) < SHORTEST_TYPO:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= CLOSE
