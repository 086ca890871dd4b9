"""Sealing and opening one text: AES-256-GCM, bound to its place.

A token is ``p1.<key id>.<base64url(nonce 12 | ciphertext | tag 16)>`` without padding. Its
associated data are the format, the key id, the context (which column of which model) and the row,
each preceded by its length, so that no two places give the same bytes. A token copied to another
place does not open. Nonces are random: with one key, stay below 2**32 values (NIST SP 800-38D).
"""

import binascii
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag

from encryption.errors import NotSealed, Tampered, UnknownKey
from encryption.keyring import current_ring, ring_has_changed
from encryption.keys import Key

FORMAT = "p1"
NONCE_BYTES = 12
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
# 38 characters are a nonce and a tag around nothing.
TOKEN = re.compile(r"p1\.([a-z][0-9a-f]{5,7})\.([A-Za-z0-9_-]{38,})", re.ASCII)


def is_token(text: str) -> bool:
    """Whether the text has the shape of a token, true or forged."""
    return TOKEN.fullmatch(text) is not None


def seal(text: str, *, context: str, row: str) -> str:
    """The token of this text in this place, under the active key."""
    key = current_ring().sealing
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.aead.encrypt(nonce, text.encode(), _place(key.id, context, row))
    return f"{FORMAT}.{key.id}.{_encode(nonce + sealed)}"


def open_token(token: str, *, context: str, row: str) -> str:
    """The text of a token in its place. Raises NotSealed, UnknownKey or Tampered."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise NotSealed(context, row=row)
    key_id, body = match.groups()
    key = opening_key(key_id, context, row)
    try:
        raw = binascii.a2b_base64(body.encode().translate(_STANDARD) + b"=" * (-len(body) % 4))
        # The last character of base64 may hold unused bits: one value has one spelling.
        if _encode(raw) != body:
            raise Tampered(context, key_id, row)
        place = _place(key_id, context, row)
        return key.aead.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place).decode()
    except (InvalidTag, binascii.Error):
        raise Tampered(context, key_id, row) from None


def opening_key(key_id: str, context: str, row: str = "") -> Key:
    """The key a token or file names. Raises UnknownKey."""
    key = current_ring().opening(key_id)
    if key is None and ring_has_changed():
        key = current_ring().opening(key_id)
    if key is None:
        raise UnknownKey(context, key_id, row, detail=f"key {key_id}")
    return key


def _place(key_id: str, context: str, row: str) -> bytes:
    return _column(key_id, context) + _part(row)


@lru_cache(maxsize=1024)
def _column(key_id: str, context: str) -> bytes:
    return _part(FORMAT) + _part(key_id) + _part(context)


def _part(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def _encode(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URLSAFE, b"=").decode()
