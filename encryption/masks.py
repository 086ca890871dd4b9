"""What remains visible of a value for those who may know that it is there, but not what it is.

A mask never tells more than it must: short values vanish whole.
"""

from collections.abc import Callable
from typing import Any

DOTS = "••••"


def mask_full(value: Any) -> str:
    """Nothing but that there is a value."""
    return DOTS


def mask_email(value: Any) -> str:
    """``a***@example.com``: the first character and the domain."""
    name, at, domain = str(value).rpartition("@")
    return f"{name[0]}***@{domain}" if at and len(name) > 1 else DOTS


def mask_phone(value: Any) -> str:
    """``138****1234``, ``+49****4567``: the first three and the last four characters."""
    text = str(value)
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 10 else DOTS


def mask_contact(value: Any) -> str:
    """An e-mail address, a telephone number or a name in a messenger, each as its kind is."""
    text = str(value)
    if "@" in text[1:]:
        return mask_email(text)
    if text.removeprefix("+").isdigit():
        return mask_phone(text)
    return f"{text[0]}***" if len(text) >= 8 else DOTS


def mask_last4(value: Any) -> str:
    """The last four characters of at least eight."""
    text = str(value)
    return DOTS + text[-4:] if len(text) >= 8 else DOTS


def mask_year(value: Any) -> str:
    """The year of a date."""
    year = getattr(value, "year", None)
    return f"{year:04d}" if isinstance(year, int) else DOTS


MASKS: dict[str, Callable[[Any], str]] = {
    "full": mask_full,
    "email": mask_email,
    "phone": mask_phone,
    "contact": mask_contact,
    "last4": mask_last4,
    "year": mask_year,
}


def masked(value: Any, mask: str) -> str:
    """The value under the mask of this name; nothing stays nothing."""
    return "" if value in (None, "") else MASKS[mask](value)
