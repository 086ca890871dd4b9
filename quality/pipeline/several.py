"""Several values in one cell of a column that holds further ones: "a@x.org; b@x.org".

All of them or none: where one cannot be true, nobody knows what the cell means, and it is left
out whole with its reason. What is one value as it stands is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from quality.cleaning.outcome import Outcome, kept

BETWEEN = "; "
_BETWEEN_VALUES = {
    "further_email": re.compile(r"[;,|\s]+"),
    "further_phone": re.compile(r"[;,|/]+"),
    "messenger": re.compile(r"[;|]+"),
}


def several(field: str, clean: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The cleaner of one value, made one of cells that may hold several."""
    between = _BETWEEN_VALUES[field]

    def cleaned(text: str, *beside: str | None) -> Outcome:
        outcome = clean(text, *beside)
        parts = [part.strip() for part in between.split(text) if part.strip()]
        if len(parts) < 2 or (outcome.value and clean is not kept):
            return outcome
        values = [clean(part, *beside).value for part in parts]
        if not all(values):
            return outcome
        joined = BETWEEN.join(dict.fromkeys(filter(None, values)))
        return Outcome(joined, joined, "" if joined == text else "several_values")

    return cleaned


def apart(value: str) -> list[str]:
    """The values of a cleaned cell."""
    return value.split(BETWEEN)
