"""The sealed files of exports: where they lie, and their end.

Each attempt to write an export writes a file of its own name: a worker that was taken for dead and
lives can spoil nothing. Only the one that the export names is ever given out.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from encryption.files import CHUNK_BYTES, NewSealedFile, SealedReader


def folder() -> Path:
    return settings.DATA_DIR / "media" / "exports"


def path_of(name: str) -> Path:
    """Where the sealed file of that name lies."""
    return folder() / name


class SealedExport(NewSealedFile):
    """The file of one attempt to write an export."""

    def __init__(self, export: UUID) -> None:
        super().__init__(path_of(f"{export}.{uuid7()}.sealed"))


class OpenedExport:
    """An export being given out: its size, and its bytes in pieces. Raises CannotOpen, OSError."""

    def __init__(self, name: str) -> None:
        self._file: BinaryIO = path_of(name).open("rb")
        try:
            self._reader = SealedReader(self._file, name)
        except BaseException:
            self._file.close()
            raise
        self.size = self._reader.seek(0, os.SEEK_END)
        self._reader.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._reader.read(CHUNK_BYTES):
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()


def forget(export: UUID, *, but: str = "") -> int:
    """Delete the files of an export, all or all but one. How many went."""
    gone = 0
    for path in folder().glob(f"{export}.*.sealed"):
        if path.name != but:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def exports_on_disk() -> dict[UUID, list[str]]:
    """The names of the files that lie here, by export."""
    found: dict[UUID, list[str]] = {}
    for path in folder().glob("*.sealed"):
        try:
            export = UUID(path.name.partition(".")[0])
        except ValueError:
            continue
        found.setdefault(export, []).append(path.name)
    return found
