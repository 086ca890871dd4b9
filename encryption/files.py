"""Files sealed chunk by chunk from the first byte, so that none ever lies on a disk in plain text.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): AES-256-GCM under a key of the
file's own, the nonce being the chunk's number and whether it is the last. So a chunk changed,
moved, repeated or missing, and a file cut short anywhere, is refused.

Layout: header 32 bytes (``CRMSEAL1``, key id padded with spaces to 8, salt 16), then chunks of
64 KiB, each followed by its tag; only the last may be shorter, and an empty file has one of 0.
"""

import io
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encryption.cipher import opening_key
from encryption.errors import NotSealed, Tampered
from encryption.keyring import current_ring
from encryption.keys import Key

MAGIC = b"CRMSEAL1"
KEY_ID_BYTES = 8
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + SALT_BYTES
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16


class _Stream:
    """Seals and opens the numbered chunks of one file. `label` says what file it is."""

    def __init__(self, key: Key, header: bytes, label: str) -> None:
        self._aead = AESGCM(key.derive("file", salt=header[-SALT_BYTES:]))
        self._place = header + label.encode()

    def seal(self, number: int, last: bool, chunk: bytes) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), chunk, self._place)

    def open(self, number: int, last: bool, chunk: bytes) -> bytes:
        return self._aead.decrypt(self._nonce(number, last), chunk, self._place)

    @staticmethod
    def _nonce(number: int, last: bool) -> bytes:
        return number.to_bytes(11, "big") + bytes([last])


class SealedWriter:
    """Writes bytes sealed to `fileobj`, which it leaves open.

    The file is whole only after `close()`; leaving the `with` block by an exception does not
    close it, so that a broken upload is never taken for a short one.
    """

    def __init__(self, fileobj: BinaryIO, label: str = "") -> None:
        key = current_ring().sealing
        header = MAGIC + key.id.encode().ljust(KEY_ID_BYTES) + os.urandom(SALT_BYTES)
        self._file = fileobj
        self._stream = _Stream(key, header, label)
        self._pending = bytearray()
        self._number = 0
        self._closed = False
        fileobj.write(header)

    def write(self, data: bytes) -> int:
        """Takes any number of bytes; keeps at most one chunk in memory."""
        if self._closed:
            raise ValueError("This sealed file is closed.")
        self._pending += data
        # A full chunk waits until more follows: the last one is sealed as the last.
        while len(self._pending) > CHUNK_BYTES:
            self._seal(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        """Seals the last chunk. Closing twice does nothing."""
        if not self._closed:
            self._seal(bytes(self._pending), last=True)
            self._pending.clear()
            self._closed = True

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._stream.seal(self._number, last, chunk))
        self._number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        self._closed = True


class NewSealedFile:
    """A sealed file being made at `path`, readable by its owner alone: on the disk and whole once
    finished, gone if discarded. `size` counts the bytes before sealing. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.name = path.name
        self.size = 0
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._writer = SealedWriter(self._file, self.name)

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._writer.write(data)

    def finish(self) -> None:
        """Finishing twice does nothing."""
        self._writer.close()
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class SealedReader(io.RawIOBase):
    """Reads what `SealedWriter` wrote, from any position of a seekable `fileobj`.

    Wrap it in `io.BufferedReader` or `io.TextIOWrapper` as any binary file. Raises NotSealed,
    UnknownKey or Tampered. It holds one opened chunk in memory and leaves `fileobj` open.
    """

    def __init__(self, fileobj: BinaryIO, label: str = "") -> None:
        super().__init__()
        self._file = fileobj
        self._label = label or "file"
        fileobj.seek(0)
        header = fileobj.read(HEADER_BYTES)
        if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
            raise NotSealed(self._label)
        key_id = header[len(MAGIC) : -SALT_BYTES].decode("ascii", "replace").strip()
        self._key_id = key_id
        self._stream = _Stream(opening_key(key_id, self._label), header, label)
        self._last, self._size = self._measure(fileobj.seek(0, io.SEEK_END) - HEADER_BYTES)
        self._position = 0
        self._opened: tuple[int, bytes] = (-1, b"")
        # The last chunk proves at once that nothing is missing at the end.
        self._chunk(self._last)

    def _measure(self, sealed_bytes: int) -> tuple[int, int]:
        """Number of the last chunk, and size of the opened file."""
        chunks = max(1, -(-sealed_bytes // (CHUNK_BYTES + TAG_BYTES)))
        size = sealed_bytes - chunks * TAG_BYTES
        if size < (chunks - 1) * CHUNK_BYTES:
            raise Tampered(self._label, self._key_id)
        return chunks - 1, size

    def _chunk(self, number: int) -> bytes:
        if self._opened[0] != number:
            self._file.seek(HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
            sealed = self._file.read(CHUNK_BYTES + TAG_BYTES)
            try:
                chunk = self._stream.open(number, number == self._last, sealed)
            except InvalidTag:
                raise Tampered(self._label, self._key_id) from None
            self._opened = (number, chunk)
        return self._opened[1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the start of a file.")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        number, offset = divmod(self._position, CHUNK_BYTES)
        part = self._chunk(number)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)
