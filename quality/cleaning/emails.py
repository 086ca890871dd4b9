"""E-mail addresses: one normal form, and the slips that leave only one reading.

`a@@b.com`, `a @b.com`, `a@b,com` and `mailto:a@b.com` can be read in one way. `a..b@c.com` and
`a.b.com` cannot, and neither can `a@gmial.com`, which may well exist.
"""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from quality.cleaning.outcome import EMPTY, Outcome, doubtful, impossible, kept
from quality.cleaning.text import plain
from quality.cleaning.vocabulary import terms

_ORDINARY = re.compile(
    r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})"
)
_RESERVED = terms("example | invalid | localhost | local | test | onion | arpa")
# After a final dot only these are surely complete: `x@firm.co.` has lost its `uk`.
_COMPLETE = terms("com | net | org | edu | gov | info | biz | de | fr | it | nl")
_MISSPELT = terms(
    "gmial.com | gmai.com | gmal.com | gnail.com | gmail.co | gmail.con | gmail.cm | hotmial.com"
    "| hotmal.com | hotmail.con | hotmai.com | yaho.com | yahooo.com | yahoo.con | outlok.com"
    "| outlook.con | iclod.com | icloud.con | qq.con | 163.con"
)
_WRAPPED = re.compile(r"[^<>@]*<\s*([^<>]+?)\s*>[^<>@]*")
_LABEL = re.compile(r"^(?:mailto:|(?:e-?mail|mail|email|邮箱|电子邮件|correo)\s*:)\s*")
_REMARK = re.compile(r"(?<=\w)\s+\([^()@]*\)$")  # a@b.com (work)
_SEVERAL = re.compile(r"[^\s@;,/|]{1,64}@[^\s@;,/|]{1,255}\.[^\s@;,/|]+")


def normal_form(text: str) -> str | None:
    """The address in its one normal form (NFC, lower case, IDNA 2008 domain), or None."""
    address = plain(text)
    if _ORDINARY.fullmatch(address) and len(address) <= 64 and "xn--" not in address:
        return address if _domain_stands(address.rpartition("@")[2]) else None
    return _by_the_book(address)


def _by_the_book(address: str) -> str | None:
    _local, _at, domain = address.rpartition("@")
    top = domain.rstrip(".").rpartition(".")[2].lower()
    # Two stars are allowed in an address, and yet nobody has one: somebody masked it.
    if len(address) > 320 or len(top) < 2 or top in _RESERVED or "**" in address:
        return None
    try:
        valid = validate_email(address, check_deliverability=False)
        lowered = valid.normalized.lower()
        again = validate_email(lowered, check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError, ValueError, IndexError):
        return None
    return again if again == lowered else None


@lru_cache(maxsize=4096)
def _domain_stands(domain: str) -> bool:
    """Validity of the domain alone; files repeat few domains many times."""
    return _by_the_book("someone@" + domain) is not None


def clean_email(text: str) -> Outcome:
    """The address in normal form; a provable slip mended; anything else invalid is emptied."""
    address = plain(text)
    if not address:
        return EMPTY
    # Python's small İ is an i with a dot of its own; the letter is Turkish for a capital i.
    lowered = address.replace("İ", "i").lower()
    if found := normal_form(lowered):
        if found.rpartition("@")[2] in _MISSPELT:
            return doubtful(found, "email_domain_looks_misspelt", value=found)
        return kept(found, "email_normal_form" if found != text else "")
    mended = normal_form(_without_slips(lowered))
    if mended:
        return kept(mended, "email_slip")
    if lowered.count("@") > 1 and len(_SEVERAL.findall(lowered)) > 1:
        return doubtful(address, "several_emails")
    return impossible("email_invalid")


def _without_slips(address: str) -> str:
    address = _REMARK.sub("", _LABEL.sub("", address)).strip()
    if wrapped := _WRAPPED.fullmatch(address):
        address = wrapped[1]
    address = _LABEL.sub("", address.strip(" \"'<>()[];,“”„«»‘’")).strip()
    address = re.sub(r"\s*(?:\[at\]|\(at\)|@+)\s*", "@", address)
    local, at, domain = address.rpartition("@")
    if not at or "@" in local:
        return address
    domain = re.sub(r"\s*[,。｡．]\s*", ".", domain)
    domain = re.sub(r"\s+\.|\.\s+", ".", domain)
    if domain.endswith("."):
        domain = _without_final_dot(domain)
    return f"{local}@{domain}"


def _without_final_dot(domain: str) -> str:
    bare = domain.rstrip(".")
    return bare if "." in bare and bare.rpartition(".")[2] in _COMPLETE else domain
