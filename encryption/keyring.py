"""The ring: which key seals, which keys open, which keys search."""

from functools import lru_cache
from typing import NoReturn

from django.conf import settings

from encryption.keys import Key
from encryption.providers import Provider, current_provider
from encryption.ring_format import parse_ring


class Ring:
    """Keys by their id. Its representation lists ids only."""

    def __init__(self, keys: tuple[Key, ...], version: object = None) -> None:
        self.keys = keys
        self.version = version
        self._opening = {
            key.id: key for key in keys if key.use == "seal" and key.state != "retired"
        }
        self.sealing = next(key for key in self._opening.values() if key.state == "active")
        # The active key first: it writes. While index keys rotate, look-ups ask for all of them.
        self.indexing = tuple(
            sorted(
                (key for key in keys if key.use == "index" and key.state != "retired"),
                key=lambda key: key.state != "active",
            )
        )

    def opening(self, key_id: str) -> Key | None:
        """The key that opens tokens of this id; None when it is not here or retired."""
        return self._opening.get(key_id)

    def get(self, key_id: str) -> Key | None:
        """The key of this id in whatever state."""
        return next((key for key in self.keys if key.id == key_id), None)

    def __repr__(self) -> str:
        return f"<Ring {' '.join(key.id for key in self.keys)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key ring is never pickled")


def read_ring(provider: Provider) -> Ring:
    """The ring as its provider holds it now. Raises KeyRingError."""
    version = provider.version()
    return Ring(parse_ring(provider.read()), version)


@lru_cache(maxsize=4)
def _ring_of(path: str, text: str) -> Ring:
    return read_ring(current_provider())


def current_ring() -> Ring:
    """The ring of the current settings, read once in each process."""
    return _ring_of(settings.CRM_KEY_RING, settings.CRM_KEY_RING_JSON)


def ring_has_changed() -> bool:
    """Whether the ring was rewritten since this process read it; if so the next use reads it."""
    if current_provider().version() == current_ring().version:
        return False
    forget_ring()
    return True


def forget_ring() -> None:
    """Read the ring again at its next use."""
    _ring_of.cache_clear()


def keyed_digest(purpose: str, data: bytes) -> bytes:
    """32 bytes that only a holder of the ring can compute; equal data, equal digest.

    Under the active index key, apart from every blind index and every other purpose.
    """
    return current_ring().indexing[0].mac(f"digest|{purpose}", data)
