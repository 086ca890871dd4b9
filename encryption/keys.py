"""A key, and the keys derived from it, one for each purpose.

HKDF-SHA256 (RFC 5869) gives every purpose a key of its own, so that a key which searches cannot
open, and a broken use of one does not reach the others.
"""

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NoReturn

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Use = Literal["seal", "index"]
State = Literal["active", "decrypt-only", "retired"]
KEY_BYTES = 32


@dataclass(frozen=True, eq=False)
class Key:
    """One entry of the ring. Its representation shows who it is, never what it is made of."""

    id: str
    use: Use
    state: State
    created: str
    material: bytes = field(repr=False)

    @cached_property
    def _derived(self) -> dict[str, bytes]:
        return {}

    def derive(self, purpose: str, salt: bytes | None = None) -> bytes:
        """32 bytes for this purpose. A salted derivation is for one file and is not kept."""
        if salt is not None:
            return self._expand(purpose, salt)
        if purpose not in self._derived:
            self._derived[purpose] = self._expand(purpose, None)
        return self._derived[purpose]

    def _expand(self, purpose: str, salt: bytes | None) -> bytes:
        info = b"crm|v1|" + purpose.encode()
        return HKDF(SHA256(), KEY_BYTES, salt=salt, info=info).derive(self.material)

    @cached_property
    def aead(self) -> AESGCM:
        """AES-256-GCM under the key that seals field values."""
        return AESGCM(self.derive("field"))

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 (32 bytes) of `data` under the key derived for this purpose."""
        return hmac.digest(self.derive(purpose), data, "sha256")

    @property
    def check_value(self) -> str:
        """Proves that a key is the one it says it is, and tells nothing else about it."""
        return self.mac("check", self.id.encode())[:8].hex()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never pickled")
