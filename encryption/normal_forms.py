"""The form in which two spellings of one value are the same value, for blind indexes.

A normal form is frozen for ever: its name, with the version, is part of the index key. To change
one, add the next version and rebuild the index. So none of them asks a library whose data changes
from release to release; what is cleaner than this, cleaning does before it is stored.
"""

import re
import unicodedata
from collections.abc import Callable

_BESIDE_NUMBERS = re.compile(r"[\s\-\u2010-\u2015\u2212().·/\u200b-\u200f\u202a-\u202e\ufeff]+")
_NATIONAL_ZERO = re.compile(r"^(\+[^(]*)\(0\)")
_INTERNATIONAL = re.compile(r"^00")
_DIALLED = re.compile(r"\+?[\d\s()./\-]{5,}")


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def email_v1(text: str) -> str:
    """NFKC, case folded, without surrounding space."""
    return _compatible(_compatible(text).casefold()).strip()


def phone_v1(text: str) -> str:
    """E.164 stays as it is; other spellings of an international number become it.

    A number without its country keeps its digits: the same spelling finds it again.
    """
    text = _INTERNATIONAL.sub("+", _compatible(text).strip())
    text = _BESIDE_NUMBERS.sub("", _NATIONAL_ZERO.sub(r"\1", text))
    return _INTERNATIONAL.sub("+", _compatible(text.casefold()))


def id_number_v1(text: str) -> str:
    """NFKC, upper case, without spaces and separators."""
    return _compatible(_BESIDE_NUMBERS.sub("", _compatible(text)).upper())


def contact_v1(text: str) -> str:
    """An e-mail address as `email_v1`, what consists of digits as `phone_v1`; a name in a
    messenger without case, surrounding space and the sign before it."""
    text = _compatible(text).strip()
    if "@" in text[1:]:
        return email_v1(text)
    if _DIALLED.fullmatch(text):
        return phone_v1(text)
    return _compatible(text.casefold()).removeprefix("@").strip()


NORMAL_FORMS: dict[str, Callable[[str], str]] = {
    "email.v1": email_v1,
    "phone.v1": phone_v1,
    "id_number.v1": id_number_v1,
    "contact.v1": contact_v1,
}
