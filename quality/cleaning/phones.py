"""Phone numbers of the world to E.164, read with the country of their row.

A number with its country code says where it belongs. Without one only the row's country, or the
one given for the whole file, can; nothing is tried out. The metadata and the parser are those of
the phonenumbers package.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from quality.cleaning.outcome import EMPTY, Outcome, doubtful, impossible, kept
from quality.cleaning.text import plain

_INTERNATIONAL = re.compile(r"\+[\d ().-]+")
_PUNCTUATION = re.compile(r"[ ().-]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
# "(0)" in "+44 (0)20 …" is the one trunk prefix people write inside an international number.
_TRUNK = re.compile(r"^(\+\d{1,3}[ .-]?)\(0\)")
_FLOAT = re.compile(r"^(\d{7,15})\.0$")  # a spreadsheet's idea of a phone number
_SEVERAL = re.compile(r"\s*(?:[/;,|\n、，；]|\bor\b|\boder\b|\bou\b|或)\s*", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")
_LABEL = re.compile(
    r"^(?:tel(?:ephone|efon)?|phone|mobile?|mob|cell|fon|telefon|handy|tél|móvil|电话|電話|手机|手機"
    r"|t|m|p)\s*[.:：]*\s*(?=[+\d(])",
    re.IGNORECASE,
)
# Mexico dropped the 1 that its mobiles had abroad in 2019; nothing else begins so.
_MEXICAN_MOBILE = re.compile(r"^(\+52[ .-]?)1(?=(?:[ .-]?\d){10}$)")
# Plans whose national numbers can never begin with their own trunk prefix: there the digits
# after the country code are the national number, and only the pattern is left to ask for.
_PLAIN_PLANS = ("1", "86", "44", "49", "33", "34")


def parse_phone(text: str, country: str | None = None) -> str | None:
    """The number in E.164, or None when it is not a valid number of a known country."""
    number = _parsed(_bare(text), country)
    return _e164(number) if number is not None and _valid(number) else None


def is_e164(text: str) -> bool:
    """Whether `text` is a valid number written exactly in E.164."""
    return _E164.fullmatch(text) is not None and parse_phone(text) == text


def country_of_phone(text: str) -> str | None:
    """The ISO country of a number in E.164; None where a code serves several countries."""
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(number)
    return country if country and country.isalpha() else None


def clean_phone(text: str, country: str | None = None) -> Outcome:
    """E.164 where the number is valid; kept and flagged where its country is not known."""
    bare = _bare(text)
    if not bare:
        return EMPTY
    if country not in phonenumbers.SUPPORTED_REGIONS:
        country = None  # a code without a numbering plan (Antarctica) tells as little as none
    if (quick := _by_plan(bare)) is not None:
        return kept(quick, "phone_e164" if quick != text else "")
    number = _parsed(bare, country)
    if number is not None and _valid(number):
        found = _e164(number)
        if _lacks_trunk_prefix(bare, number):
            return doubtful(plain(text), "phone_area_code_unsure")
        if number.extension:
            return doubtful(found, "phone_extension_left_out", value=found)
        return kept(found, "phone_e164" if found != text else "")
    if _several(bare, country):
        return doubtful(plain(text), "several_phones")
    if _LETTERS.search(bare) and parse_phone(_LETTERS.sub("", bare), country):
        return doubtful(plain(text), "phone_with_words")
    if number is None and country is None and _national_somewhere(bare):
        return doubtful(plain(text), "phone_country_unknown")
    return impossible("phone_impossible")


def _lacks_trunk_prefix(text: str, number: PhoneNumber) -> bool:
    """Whether a landline was written nationally without the 0 its country puts before it.

    `212-544-9561` is a valid Shanghai number that way, but nobody in China writes it so: it is
    more likely a number of another country in the wrong row.
    """
    digits = re.sub(r"\D", "", text)
    if text.startswith(("+", "0", "(0")) or not digits.startswith(str(number.national_number)):
        return False
    region = phonenumbers.region_code_for_number(number)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region or "", None)
    if metadata is None or metadata.national_prefix != "0":
        return False
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE


def _bare(text: str) -> str:
    text = _FLOAT.sub(r"\1", plain(text))
    text = _LABEL.sub("", text.removeprefix("tel:"))
    return _MEXICAN_MOBILE.sub(r"\1", _TRUNK.sub(r"\1", text))


def _by_plan(text: str) -> str | None:
    """The shortcut for plainly written international numbers; None: ask the parser."""
    if not _INTERNATIONAL.fullmatch(text):
        return None
    digits = _PUNCTUATION.sub("", text[1:])
    for code in _PLAIN_PLANS:
        if digits.startswith(code):
            national = digits[len(code) :]
            return f"+{digits}" if _plan(code).fullmatch(national) else None
    return None


@lru_cache(maxsize=8)
def _plan(code: str) -> re.Pattern[str]:
    """What a valid national number of the country code looks like, from the metadata."""
    patterns: list[str] = []
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if region == "CN":
            # 179xx is a carrier's prefix that the parser would take off
            patterns.append(f"(?!179)(?:{metadata.mobile.national_number_pattern})")
            continue
        general = metadata.general_desc.national_number_pattern
        kinds = (metadata.fixed_line, metadata.mobile)
        found = [kind.national_number_pattern for kind in kinds if kind.national_number_pattern]
        patterns.append(f"(?=(?:{general})$)(?:{'|'.join(found)})")
    return re.compile("(?!0)(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")")


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    """The number as the parser reads it, with an exit code `00` read as `+`."""
    if not text or len(text) > 60 or (_LETTERS.search(text) and not _has_extension(text)):
        return None
    digits = re.sub(r"\D", "", text)
    if digits.startswith("00") and not text.startswith("+"):
        abroad = _try("+" + digits[2:], None)
        if abroad is not None and _valid(abroad):
            return abroad
    return _try(text, country)


def _has_extension(text: str) -> bool:
    return (
        re.search(r"\d\s*(?:x|ext\.?|extension|#|转|轉|分机)\s*:?\s*\d{1,6}$", text, re.I)
        is not None
    )


def _try(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(re.sub("转|轉|分机", "x", text), country)
    except NumberParseException:
        return None


def _valid(number: PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(number)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _several(text: str, country: str | None) -> bool:
    parts = [part for part in _SEVERAL.split(text) if part]
    return len(parts) > 1 and all(parse_phone(part, country) for part in parts)


def _national_somewhere(text: str) -> bool:
    """Whether this could be a national number of a country we were not told."""
    digits = re.sub(r"\D", "", text)
    return not text.startswith("+") and not _LETTERS.search(text) and 7 <= len(digits) <= 15
