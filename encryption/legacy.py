"""Fernet tokens of the stock package, opened only where the operator asked for it.

They are bound to no place and carry no key id, so they are a way in for a transition, not a
format of ours: ``ENCRYPTION_ACCEPT_FERNET`` with the old ``FIELD_ENCRYPTION_KEY``.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from encryption.errors import Tampered

FERNET_PREFIX = "gAAAA"


def accepts_fernet(token: str) -> bool:
    """Whether this is to be opened as a token of the stock package."""
    return token.startswith(FERNET_PREFIX) and bool(settings.ENCRYPTION_ACCEPT_FERNET)


def open_fernet(token: str, *, context: str, row: str) -> str:
    """The text of a stock token. Raises Tampered, also where only the key is another."""
    keys = settings.FIELD_ENCRYPTION_KEY
    try:
        return _box(tuple([keys] if isinstance(keys, str) else keys)).decrypt(token).decode()
    except InvalidToken:
        raise Tampered(context, "fernet", row) from None


@lru_cache(maxsize=2)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
