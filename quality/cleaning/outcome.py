"""What a cleaner says about one cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How the cell came out."""

    KEPT = "kept"  # usable; `rule` names the correction, or is empty when nothing was wrong
    FLAGGED = "flagged"  # stays in the file, but a person has to look at it
    EMPTIED = "emptied"  # cannot be true: empty in the file, original kept aside


@dataclass(frozen=True, slots=True)
class Outcome:
    """The cleaned cell.

    `text` is what the cleaned file shows ('' when empty), `value` the canonical value an import
    stores (None: nothing to store), `rule` the name of the rule that spoke.
    """

    text: str
    value: str | None
    rule: str = ""
    verdict: Verdict = Verdict.KEPT


EMPTY = Outcome("", None)


def kept(text: str, rule: str = "") -> Outcome:
    """A usable cell whose text is also its value."""
    return Outcome(text, text or None, rule)


def doubtful(text: str, rule: str, *, value: str | None = None) -> Outcome:
    """A cell that stays as it is, with a flag; nothing is imported unless `value` says so."""
    return Outcome(text, value, rule, Verdict.FLAGGED)


def impossible(rule: str) -> Outcome:
    """A cell that cannot be true."""
    return Outcome("", None, rule, Verdict.EMPTIED)
