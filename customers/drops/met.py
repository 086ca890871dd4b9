"""What a drop place says of a file, and what may be wrong with either.

Apart from the places themselves, whose libraries take half a second to load.
"""

import posixpath
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from django.core.exceptions import SuspiciousFileOperation


class PlaceProblem(Exception):
    """The place itself cannot be used now; the message says what an operator should look at."""


class NotAFile(Exception):
    """This one entry is no file we would read; the message says why."""


@dataclass(frozen=True, slots=True)
class Met:
    """One file as a place lists it. `modified` is UTC; `problem` says why it is never read."""

    name: str
    size: int
    modified: datetime
    problem: str = ""


class Place(Protocol):
    """What every drop place can do; `folder` is relative and "" for the place itself."""

    def scan(self, folder: str) -> Iterator[Met]:
        """Everything there but folders. Raises PlaceProblem, FileNotFoundError."""

    def look(self, folder: str, name: str) -> Met:
        """One file, as it is now. Raises PlaceProblem, FileNotFoundError."""

    def reading(self, folder: str, name: str) -> AbstractContextManager[BinaryIO]:
        """The content. Raises PlaceProblem, FileNotFoundError, NotAFile."""


def check_folder(folder: str) -> str:
    """A relative folder inside a place, tidied. Raises SuspiciousFileOperation."""
    tidy = posixpath.normpath(folder.strip().replace("\\", "/").strip("/")) if folder else ""
    if tidy == ".." or tidy.startswith("../") or "\0" in tidy:
        raise SuspiciousFileOperation("outside its place")
    return "" if tidy == "." else tidy
