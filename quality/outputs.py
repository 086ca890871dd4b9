"""Files that appear whole or not at all, readable by their owner only.

Each is written as `NAME.partial`, and all are put in place together at the end, the main one last:
where it exists, the run that made it finished. A run that fails or is interrupted removes its
partial files; one that is killed leaves them, and the next run overwrites them.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO


class BeingWritten(Exception):
    """Another process is writing this file now."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class Outputs:
    """`with Outputs([extra, main]) as (extra_file, main_file): …` in UTF-8, newlines kept."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._files: list[IO[str]] = []

    def __enter__(self) -> list[IO[str]]:
        try:
            for path in self._paths:
                self._files.append(self._open(path))
        except BaseException:
            self._discard()
            raise
        return self._files

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            for file in self._files:
                file.flush()
                os.fsync(file.fileno())
            for path in self._paths:
                os.replace(partial(path), path)
            for folder in {path.parent for path in self._paths}:
                _sync_folder(folder)
        except BaseException:
            self._discard()
            raise
        self._close()

    def _open(self, path: Path) -> IO[str]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(partial(path), flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise BeingWritten(path) from None
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
        return os.fdopen(descriptor, "w", encoding="utf-8", newline="")

    def _discard(self) -> None:
        # Only what this run opened: a file locked by another run is not in the list.
        for path in self._paths[: len(self._files)]:
            partial(path).unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        for file in self._files:
            try:
                file.close()
            except OSError:
                # A full disk refuses the last buffer too; the file is already gone.
                continue


def partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
