"""Which rows of a file were there before, in a few dozen bytes for each.

A dictionary of a million digests takes 180 MB; this open-addressing table takes 24 bytes a slot and
is at most two thirds full. Linear probing suits digests, which are spread evenly already.
"""

import struct
from array import array

_HALVES = struct.Struct("<QQ")
_SMALLEST = 1 << 12


class FirstSeen:
    """Remembers the number under which each 16-byte digest came first."""

    def __init__(self) -> None:
        self._used = 0
        self._make(_SMALLEST)

    def __len__(self) -> int:
        return self._used

    def first(self, digest: bytes, number: int) -> int:
        """The number this digest was first given with; `number` (from 1) when it is new."""
        low, high = _HALVES.unpack(digest)
        slot = self._slot(low, high)
        if seen := self._numbers[slot]:
            return seen
        self._lows[slot], self._highs[slot], self._numbers[slot] = low, high, number
        self._used += 1
        if self._used * 3 > len(self._numbers) * 2:
            self._grow()
        return number

    def _slot(self, low: int, high: int) -> int:
        """Where this digest stands, or the empty slot where it belongs."""
        mask = len(self._numbers) - 1
        slot = low & mask
        while self._numbers[slot] and (self._lows[slot] != low or self._highs[slot] != high):
            slot = (slot + 1) & mask
        return slot

    def _make(self, size: int) -> None:
        self._lows, self._highs, self._numbers = (array("Q", bytes(8 * size)) for _ in range(3))

    def _grow(self) -> None:
        old = zip(self._lows, self._highs, self._numbers, strict=True)
        self._make(2 * len(self._numbers))
        for low, high, number in old:
            if number:
                slot = self._slot(low, high)
                self._lows[slot], self._highs[slot], self._numbers[slot] = low, high, number
