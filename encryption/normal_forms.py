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


NORMAL_FORMS: dict[str, Callable[[str], str]] = {
    "email.v1": email_v1,
    "phone.v1": phone_v1,
    "id_number.v1": id_number_v1,
}
