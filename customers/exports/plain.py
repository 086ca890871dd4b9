"""A file in the clear, where an operator wants it: readable by its owner alone, whole or not there.

Until it is put in its place it has no name where the file system can do that, so that even a killed
process leaves nothing; elsewhere it has another name beside its place.
"""

import contextlib
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST_NAME = 200


class PlainExport:
    """`with PlainExport(path) as file: file.write(…); file.make_sure(); file.put_in_place()`.

    Left without `put_in_place()` it leaves nothing. `force` lets it take the place of a file.
    Raises FileExistsError, OSError.
    """

    def __init__(self, path: Path, *, force: bool) -> None:
        if path.name == "" or path.is_dir():
            raise IsADirectoryError(21, "Is a directory", str(path))
        if not force and (path.exists() or path.is_symlink()):
            raise FileExistsError(17, "File exists", str(path))
        self._path = path
        self._force = force
        self._partial = path.with_name(f"{path.name[:LONGEST_NAME]}.{secrets.token_hex(4)}.partial")
        self.size = 0
        self._file = os.fdopen(self._open(), "wb")

    def _open(self) -> int:
        with contextlib.suppress(OSError, AttributeError):
            return os.open(self._path.parent, os.O_TMPFILE | os.O_WRONLY, 0o600)
        return os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._file.write(data)

    def make_sure(self) -> None:
        """Everything is on the disk; what fails now fails before anything is recorded as gone."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def put_in_place(self) -> None:
        # Unlike a rename, a link never takes the place of what somebody put there meanwhile.
        if not self._force:
            self._link_to(self._path)
            return
        if not self._partial.exists():
            self._link_to(self._partial)
        os.replace(self._partial, self._path)

    def _link_to(self, path: Path) -> None:
        if self._partial.exists():
            os.link(self._partial, path)
            return
        # Naming a folder makes Python use linkat(), which alone follows to the file behind.
        handle = self._file.fileno()
        os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle, follow_symlinks=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)
