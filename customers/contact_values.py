"""What is typed for a contact point, in the one form it is stored in."""

import re

from customers.models.choices import ContactKind, Messenger
from quality.cleaning.emails import clean_email
from quality.cleaning.phones import clean_phone
from quality.cleaning.text import tidy

# Where an account is named after a telephone number.
BY_NUMBER = frozenset({Messenger.WHATSAPP, Messenger.SIGNAL, Messenger.VIBER, Messenger.TELEGRAM})
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?"
    r"(?:t\.me|telegram\.me|wa\.me|line\.me/(?:R/)?ti/p|signal\.me/#p|viber\.click)/",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^(?:wechat|weixin|微信|whatsapp|telegram|signal|line|viber)(?: ?id)?\s*[:：]\s*", re.I
)
_NUMBER = re.compile(r"\+?[\d\s()./-]{6,}")


def contact_value(kind: str, value: str, *, messenger: str = "", country: str = "") -> str:
    """The value in normal form where there is exactly one; else as typed, without noise.

    `country` is the customer's: the one a number without a country code is dialled in.
    """
    value, _rule = tidy(value)
    if kind == ContactKind.EMAIL:
        return clean_email(value).value or value
    if kind == ContactKind.PHONE:
        return clean_phone(value, country or None).value or value
    return account(value, messenger, country)


def account(value: str, messenger: str, country: str = "") -> str:
    """The name of an account, of however people hand it on: a link, with a sign before it."""
    name = _PREFIX.sub("", value)
    linked = _LINK.match(name)
    if linked:
        name = name[linked.end() :].split("?")[0].strip("/~ ")
        if messenger == Messenger.WHATSAPP and name.isdigit():
            name = f"+{name}"
    name = name.removeprefix("@").strip()
    if (messenger in BY_NUMBER or name.startswith("+")) and _NUMBER.fullmatch(name):
        return clean_phone(name, country or None).value or name
    return name
