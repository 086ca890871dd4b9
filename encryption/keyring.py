"""The ring: which key seals, which keys open, which keys search."""

import logging
from typing import NoReturn

from django.conf import settings

from encryption.errors import KeyRingError
from encryption.keys import Key
from encryption.providers import Provider, current_provider
from encryption.ring_format import parse_ring

logger = logging.getLogger(__name__)


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


# The ring of each place in use, and the version of it that was looked at and left alone.
_rings: dict[tuple[str, str], Ring] = {}
_refused: dict[tuple[str, str], object] = {}


def _place() -> tuple[str, str]:
    return settings.CRM_KEY_RING, settings.CRM_KEY_RING_JSON


def current_ring() -> Ring:
    """The ring of the current settings, read once in each process."""
    place = _place()
    ring = _rings.get(place)
    if ring is None:
        ring = _rings[place] = read_ring(current_provider())
    return ring


def ring_has_changed() -> bool:
    """Whether the ring was rewritten since this process read it, and is the one in use now.

    Only a ring with every key we may open with: another one in its place would seal from here on
    what nobody can open once the right one is back. Then the process goes on with what it has.
    """
    place, provider, ring = _place(), current_provider(), current_ring()
    version = provider.version()
    if version == ring.version or version == _refused.get(place, ring.version):
        return False
    try:
        new = read_ring(provider)
        lost = [key.id for key in ring.keys if key.state != "retired" and not _has(new, key)]
        problem = f"it lacks {', '.join(lost)}" if lost else ""
    except KeyRingError as error:
        problem = str(error)
    if problem:
        _refused[place] = version
        logger.error("The key ring was exchanged and is left alone: %s", problem)
        return False
    _rings[place] = new
    return True


def _has(ring: Ring, key: Key) -> bool:
    found = ring.get(key.id)
    return found is not None and found.check_value == key.check_value


def forget_ring() -> None:
    """Read the ring again at its next use."""
    _rings.clear()
    _refused.clear()


def keyed_digest(purpose: str, data: bytes) -> bytes:
    """32 bytes that only a holder of the ring can compute; equal data, equal digest.

    Under the active index key, apart from every blind index and every other purpose.
    """
    return current_ring().indexing[0].mac(f"digest|{purpose}", data)
