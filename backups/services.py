"""Making a backup: hot, sealed, opened again and checked before it has a name.

A file under its final name is whole and verified; anything else ends in `.partial` and does not
count. The key ring is not in it.
"""

import fcntl
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any

from dbbackup.db.base import get_connector
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, storages
from uuid_utils.compat import uuid7

from backups import retention
from backups.connectors import CHUNK_BYTES, HotConnector, scratch_root
from backups.errors import BackupFailed, BackupRunning
from encryption.errors import CannotOpen
from encryption.files import SealedReader, SealedWriter
from staff.models import User

logger = logging.getLogger(__name__)

NAME = re.compile(r"(?P<made>\d{8}T\d{6}Z)-(?P<id>[0-9a-f-]{36})\.(?:sqlite3|pgdump)\.sealed")
TIME_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class BackupResult:
    """A backup that was made and verified. `bytes` is the sealed size, `seconds` all of it."""

    id: str
    kind: str
    status: str
    bytes: int
    seconds: float
    places: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Kept:
    """A verified backup as it lies in its place."""

    id: str
    made: datetime
    path: Path
    bytes: int


def back_up(*, actor: User) -> BackupResult:
    """Make a backup of the database and verify it. Raises BackupFailed, and then leaves nothing."""
    started = time.monotonic()
    with _alone() as place:
        path = _seal_and_verify(place)
        result = BackupResult(
            id=_id_of(path),
            kind="hot",
            status="verified",
            bytes=path.stat().st_size,
            seconds=round(time.monotonic() - started, 3),
            places=[str(path)],
        )
        given_up = _give_up_superseded()
    logger.info(
        "backup %s by %s: verified, %d bytes in %.1f s; %d older ones given up",
        result.id, actor.username, result.bytes, result.seconds, given_up,
    )  # fmt: skip
    return result


def kept_backups() -> list[Kept]:
    """Every verified backup, newest first."""
    found = []
    for path in _place().iterdir():
        if match := NAME.fullmatch(path.name):
            made = datetime.strptime(match["made"], TIME_FORMAT).replace(tzinfo=UTC)
            found.append(Kept(match["id"], made, path, path.stat().st_size))
    return sorted(found, key=lambda kept: (kept.made, kept.id), reverse=True)


@contextmanager
def open_backup(path: Path) -> Iterator[BufferedReader]:
    """The opened dump, as a file to read. Raises CannotOpen for any change, cut or renaming."""
    backup_id = _id_of(path)
    with path.open("rb") as file:
        yield BufferedReader(SealedReader(file, _label(backup_id)), CHUNK_BYTES)


def _seal_and_verify(place: Path) -> Path:
    connector = _connector()
    made = datetime.now(UTC).strftime(TIME_FORMAT)
    final = place / f"{made}-{uuid7()}.{connector.extension}.sealed"
    partial = final.with_name(final.name + ".partial")
    try:
        with tempfile.TemporaryDirectory(prefix="backup-", dir=scratch_root()) as scratch:
            _seal(connector, partial, _label(_id_of(final)), Path(scratch))
            _verify(connector, partial, _label(_id_of(final)), Path(scratch))
        partial.rename(final)
        _sync_directory(place)
    except CannotOpen as error:
        raise BackupFailed(
            "The backup could not be opened again after it was written. Check the disk."
        ) from error
    except OSError as error:
        raise BackupFailed(
            f"The backup could not be written: {error.strerror or type(error).__name__}. "
            f"It needs twice the size of the database free under {place.parent}."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return final


def _seal(connector: HotConnector, partial: Path, label: str, scratch: Path) -> None:
    opened = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(opened, "wb") as file:
        with SealedWriter(file, label) as sealed:
            connector.dump_into(sealed.write, scratch)
        file.flush()
        os.fsync(file.fileno())


def _verify(connector: HotConnector, partial: Path, label: str, scratch: Path) -> None:
    with partial.open("rb") as file:
        connector.judge(BufferedReader(SealedReader(file, label), CHUNK_BYTES), scratch)


@contextmanager
def _alone() -> Iterator[Path]:
    """Hold the lock, and clear away what a killed backup left: nobody else can be writing it."""
    place, scratch = _place(), scratch_root()
    with (scratch / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRunning("Another backup is being made. Wait until it is done.") from None
        for left in scratch.glob("backup-*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in place.glob("*.partial"):
            left.unlink(missing_ok=True)
        yield place


def _give_up_superseded() -> int:
    kept = kept_backups()
    gone = retention.superseded([backup.made for backup in kept], datetime.now(UTC))
    for backup in kept:
        if backup.made in gone:
            backup.path.unlink(missing_ok=True)
    return sum(backup.made in gone for backup in kept)


def _connector() -> HotConnector:
    connector = get_connector()
    if not isinstance(connector, HotConnector):
        raise ImproperlyConfigured(
            "DBBACKUP_CONNECTOR_MAPPING must lead to the connectors of backups.connectors."
        )
    return connector


def _place() -> Path:
    """The directory of the "dbbackup" storage, which must be one: only there is renaming atomic."""
    storage = storages["dbbackup"]
    if not isinstance(storage, FileSystemStorage):
        raise ImproperlyConfigured('STORAGES["dbbackup"] must be a directory of this machine.')
    place = Path(storage.location)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    return place


def _id_of(path: Path) -> str:
    match = NAME.fullmatch(path.name)
    if match is None:
        raise BackupFailed(f"{path.name} is not the name of a finished backup.")
    return match["id"]


def _label(backup_id: str) -> str:
    """Binds the sealed bytes to their name, so that no backup is passed off as another."""
    return f"backups.hot {backup_id}"


def _sync_directory(place: Path) -> None:
    directory = os.open(place, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
