"""The engine's connectors, so that a backup is taken hot, in bounded memory, and leaves no copy.

The stock ones of django-dbbackup copy through the system's temp directory, keep the whole database
in memory, and restore by overwriting the live file: django-dbbackup's own `dbrestore` is refused
here for that reason.
"""

import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any, BinaryIO, NoReturn, cast

from dbbackup.db.postgresql import PgDumpBinaryConnector, parse_postgres_settings
from dbbackup.db.sqlite import SqliteBackupConnector
from django.conf import settings

from backups.errors import BackupFailed

CHUNK_BYTES = 1024 * 1024
BUSY_SECONDS = 30.0
Write = Callable[[bytes], Any]


def scratch_root() -> Path:
    """Where copies lie while they are made and checked: in the data directory, ours alone."""
    root = Path(settings.DATA_DIR) / "tmp"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


class HotConnector:
    """What both connectors of ours can: write a consistent dump, and judge one."""

    extension: str

    def dump_into(self, write: Write, scratch: Path) -> None:
        """Give the whole dump to `write`, piece by piece. Copies may lie in `scratch` meanwhile."""
        raise NotImplementedError

    def judge(self, dump: BinaryIO, scratch: Path) -> None:
        """Read a dump to its end and raise BackupFailed unless a database could come of it."""
        raise NotImplementedError

    def restore_dump(self, dump: BinaryIO) -> NoReturn:
        raise BackupFailed(
            "dbrestore would overwrite the live database without checking anything, so it is "
            "refused here. Stop the product and put an opened backup in the database's place."
        )


class HotSqliteConnector(HotConnector, SqliteBackupConnector):
    """SQLite's online backup: consistent while others write, who wait for nothing."""

    def create_dump(self) -> BinaryIO:
        """For the engine's own command: an open file that has no name any more."""
        with tempfile.TemporaryDirectory(prefix="backup-", dir=scratch_root()) as scratch:
            copy = Path(scratch) / "dump.sqlite3"
            self._copy_to(copy)
            return copy.open("rb")

    def dump_into(self, write: Write, scratch: Path) -> None:
        copy = scratch / "dump.sqlite3"
        try:
            self._copy_to(copy)
            with copy.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    write(chunk)
        finally:
            copy.unlink(missing_ok=True)

    def judge(self, dump: BinaryIO, scratch: Path) -> None:
        copy = scratch / "opened.sqlite3"
        try:
            with copy.open("wb") as file:
                while chunk := dump.read(CHUNK_BYTES):
                    file.write(chunk)
            # immutable: no journal beside it, and no lock.
            with closing(sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)) as database:
                verdict = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
                tables = database.execute("SELECT count(*) FROM django_migrations").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BackupFailed("The copy that was just made is no database. Try again.") from error
        finally:
            copy.unlink(missing_ok=True)
        if verdict != "ok" or not tables:
            raise BackupFailed(
                "The copy that was just made is damaged, so the live database may be too. Keep the "
                "older backups, and check the disk."
            )

    def _copy_to(self, copy: Path) -> None:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(copy)) as target:
            if self.connection.is_in_memory_db():
                self.connection.ensure_connection()
                self.connection.connection.backup(target, progress=_patience())
                return
            # A connection of its own: Django's may be in the middle of a transaction.
            live = Path(self.connection.settings_dict["NAME"]).resolve()
            with closing(sqlite3.connect(f"{live.as_uri()}?mode=rw", uri=True, timeout=20)) as own:
                # All pages in one step: in several, a steady writer makes it begin again for ever.
                own.backup(target, pages=-1, progress=_patience())


class HotPostgresConnector(HotConnector, PgDumpBinaryConnector):
    """pg_dump's custom format, piped: no plain copy ever lies anywhere."""

    extension = "pgdump"

    def dump_into(self, write: Write, scratch: Path) -> None:
        where, environment = parse_postgres_settings(self)
        command = ["pg_dump", *where.split(), "--format=custom", "--compress=1"]
        with (scratch / "stderr").open("w+b") as complaints:
            process = self._start(
                command, stdout=subprocess.PIPE, stderr=complaints, env=os.environ | environment
            )
            output = cast(IO[bytes], process.stdout)
            try:
                while chunk := output.read(CHUNK_BYTES):
                    write(chunk)
            except BaseException:
                process.kill()
                raise
            finally:
                output.close()
                status = process.wait()
            if status:
                raise BackupFailed(f"pg_dump could not be done: {_last_line(complaints)}")

    def judge(self, dump: BinaryIO, scratch: Path) -> None:
        # Into a script that nobody keeps: this unpacks every table, where --list reads only names.
        command = ["pg_restore", "--file=/dev/null"]
        with (scratch / "stderr").open("w+b") as complaints:
            process = self._start(command, stdin=subprocess.PIPE, stderr=complaints)
            entry = cast(IO[bytes], process.stdin)
            try:
                while chunk := dump.read(CHUNK_BYTES):
                    entry.write(chunk)
                entry.close()
            except BrokenPipeError:
                pass  # its exit status says why
            except BaseException:
                process.kill()
                raise
            finally:
                status = process.wait()
            if status:
                raise BackupFailed(
                    f"pg_restore cannot read what was just dumped: {_last_line(complaints)}"
                )

    def _start(self, command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(command, **options)
        except FileNotFoundError:
            raise BackupFailed(
                f"{command[0]} is not installed here. Install the PostgreSQL client programs of "
                "the server's version."
            ) from None


def _patience() -> Callable[[int, int, int], None]:
    """Python repeats a refused step for ever; this ends it after a while."""
    end = time.monotonic() + BUSY_SECONDS

    def look(status: int, remaining: int, total: int) -> None:
        refused = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if refused and time.monotonic() > end:
            raise BackupFailed("The database is locked by another writer. Try again later.")

    return look


def _last_line(complaints: BinaryIO) -> str:
    complaints.seek(0)
    lines = complaints.read(64_000).decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it did not say why."
