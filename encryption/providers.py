"""Where the key ring comes from. A provider reads text; what the text means is not its business."""

import os
import stat
from pathlib import Path
from typing import Protocol

from django.conf import settings

from encryption.errors import KeyRingError


class Provider(Protocol):
    """One place a ring can be kept. Equal providers are the same place."""

    def read(self) -> str:
        """The ring as JSON text, or KeyRingError saying what to do."""

    def version(self) -> object:
        """Changes when the ring does, so that a running process may read it again."""


class EnvironmentProvider:
    """The ring in the environment variable CRM_KEY_RING_JSON, for hosts without a disk."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> str:
        return self._text

    def version(self) -> object:
        return hash(self._text)


class FileProvider:
    """The ring in a file that its owner alone may read."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def read(self) -> str:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise KeyRingMissing(
                f"There is no key ring at {self.path}. Put your copy there, or run "
                "`create_key_ring` if no data exists yet."
            ) from None
        except OSError as error:
            raise KeyRingError(
                f"The key ring {self.path} cannot be read: {error.strerror}."
            ) from None
        try:
            self._refuse_exposed(os.fstat(descriptor).st_mode)
            with os.fdopen(descriptor, encoding="utf-8", closefd=False) as file:
                return file.read()
        except UnicodeDecodeError:
            raise KeyRingError(f"The key ring {self.path} is not text.") from None
        finally:
            os.close(descriptor)

    def _refuse_exposed(self, mode: int) -> None:
        if not stat.S_ISREG(mode):
            raise KeyRingError(f"The key ring {self.path} is not a regular file.")
        if mode & 0o077:
            raise KeyRingExposed(
                f"The key ring {self.path} may be read or written by others "
                f"(mode {stat.S_IMODE(mode):04o}). Run: chmod 600 {self.path}"
            )

    def version(self) -> object:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


class KeyRingMissing(KeyRingError):
    """There is no key ring where it should be."""


class KeyRingExposed(KeyRingError):
    """Others than its owner may read the key ring."""


def current_provider() -> Provider:
    """The environment wins over the file."""
    text: str = settings.CRM_KEY_RING_JSON
    return EnvironmentProvider(text) if text else FileProvider(settings.CRM_KEY_RING)
