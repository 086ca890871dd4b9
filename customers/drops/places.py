"""Drop places as Django storages that are only read.

What the stock storages lack here: a listing with sizes and times in one go, deadlines on every
wait, a host key that must be known, and a folder that follows no link out of itself.
"""

import os
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import paramiko  # type: ignore[import-untyped]
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _
from storages.backends.s3 import S3Storage
from storages.backends.sftpstorage import SFTPStorage

from customers.drops.addresses import CONNECT, READ
from customers.drops.met import Met, NotAFile, PlaceProblem


class FolderPlace(FileSystemStorage):
    """A folder of this machine, or one mounted into it."""

    def scan(self, folder: str) -> Iterator[Met]:
        with _words_for_problems(_("The folder of this drop place")):
            path = self._inside(folder)
            with os.scandir(path) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        yield _met(entry.name, entry.stat(follow_symlinks=False))

    def look(self, folder: str, name: str) -> Met:
        path = self._inside(folder) / name
        return _met(name, path.lstat())

    @contextmanager
    def reading(self, folder: str, name: str) -> Iterator[BinaryIO]:
        """The file itself: never what a link points to, never a pipe that would keep us waiting.

        Raises FileNotFoundError, NotAFile.
        """
        path = self._inside(folder) / name
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise NotAFile(_not_readable(problem)) from None
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise NotAFile(_no_file())
            yield file

    def _inside(self, folder: str) -> Path:
        """The folder, wherever it really is, unless that is outside the place."""
        root = Path(self.location).resolve()
        path = (root / folder).resolve()
        if path != root and root not in path.parents:
            raise PlaceProblem(_("The folder of this source leads out of its drop place."))
        return path


class SftpPlace(SFTPStorage):
    """An SFTP server whose host key is known beforehand."""

    def _connect(self) -> None:
        """As the stock storage, but an unknown host key ends it instead of being believed."""
        self._ssh = paramiko.SSHClient()
        self._ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        params = dict(self.params)
        key = params.pop("key_filename", None)
        try:
            self._ssh.load_system_host_keys(self.known_host_file)
            # Loaded here: handed a path, the library tries it as every kind of key, and then
            # tells of the last kind instead of why the server refused.
            pkey = paramiko.PKey.from_path(key) if key else None
        except (OSError, ValueError, TypeError, paramiko.UnknownKeyType) as problem:
            raise PlaceProblem(
                _("The key or the known_hosts file in CRM_DROPS cannot be read ({what}).").format(
                    what=getattr(problem, "strerror", None) or type(problem).__name__
                )
            ) from None
        self._ssh.connect(self.host, pkey=pkey, **params)
        self._sftp = self._ssh.open_sftp()
        self._sftp.get_channel().settimeout(READ)

    def scan(self, folder: str) -> Iterator[Met]:
        with self._talking():
            for item in self.sftp.listdir_iter(self._place(folder)):
                if not stat.S_ISDIR(item.st_mode or 0):
                    yield _met(item.filename, item)

    def look(self, folder: str, name: str) -> Met:
        with self._talking():
            return _met(name, self.sftp.lstat(self._place(folder, name)))

    @contextmanager
    def reading(self, folder: str, name: str) -> Iterator[BinaryIO]:
        """Raises FileNotFoundError, NotAFile, PlaceProblem."""
        if self.look(folder, name).problem:
            raise NotAFile(_no_file())
        with self._talking(), self.sftp.open(self._place(folder, name), "rb") as file:
            file.prefetch(max_concurrent_requests=32)
            yield cast(BinaryIO, file)

    def _place(self, *parts: str) -> str:
        return posixpath.join(self.root_path, *filter(None, parts))

    @contextmanager
    def _talking(self) -> Iterator[None]:
        try:
            with _words_for_problems(_("The SFTP server")):
                yield
        except (paramiko.SSHException, EOFError) as problem:
            self._hang_up()
            raise PlaceProblem(_ssh_words(problem)) from None
        except PlaceProblem:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        self.close()
        self._ssh = self._sftp = None


class S3Place(S3Storage):
    """A bucket of S3 or of anything that speaks its language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            querystring_auth=False,
            client_config=Config(
                connect_timeout=CONNECT,
                read_timeout=READ,
                retries={"max_attempts": 1, "mode": "standard"},
                signature_version="s3v4",
            ),
        )

    def scan(self, folder: str) -> Iterator[Met]:
        prefix = self._place(folder, "")
        with self._talking():
            for item in self.bucket.objects.filter(Prefix=prefix, Delimiter="/"):
                if name := item.key.removeprefix(prefix):
                    yield Met(name, item.size, item.last_modified.astimezone(UTC))

    def look(self, folder: str, name: str) -> Met:
        with self._talking():
            item = self.bucket.Object(self._place(folder, name))
            item.load()
            return Met(name, item.content_length, item.last_modified.astimezone(UTC))

    @contextmanager
    def reading(self, folder: str, name: str) -> Iterator[BinaryIO]:
        """Raises FileNotFoundError, PlaceProblem."""
        with self._talking():
            body = self.bucket.Object(self._place(folder, name)).get()["Body"]
            try:
                yield body
            finally:
                body.close()

    def _place(self, *parts: str) -> str:
        """A key; the last empty part leaves the slash that a prefix ends with."""
        key = posixpath.join(*(part for part in (self.location, *parts[:-1]) if part), parts[-1])
        return key.lstrip("/")

    @contextmanager
    def _talking(self) -> Iterator[None]:
        with _words_for_problems(_("The S3 server")):
            try:
                yield
            except ClientError as problem:
                code = str(problem.response.get("Error", {}).get("Code", ""))
                if code in ("404", "NoSuchKey"):
                    raise FileNotFoundError(code) from None
                text = _("The S3 server refused ({code}). Check bucket, key and rights.")
                raise PlaceProblem(text.format(code=code)) from None
            except BotoCoreError as problem:  # some of its kinds are OSErrors, too
                text = _("The S3 server does not answer ({what}). It is tried again soon.")
                raise PlaceProblem(text.format(what=type(problem).__name__)) from None


def _met(name: str, entry: Any) -> Met:
    """From what stat or SFTP says about an entry."""
    mode = entry.st_mode or 0
    problem = "" if stat.S_ISREG(mode) else _no_file()
    if stat.S_ISLNK(mode):
        problem = _("It is a link to somewhere else. Put the file itself here.")
    return Met(
        name, entry.st_size or 0, datetime.fromtimestamp(entry.st_mtime or 0, tz=UTC), problem
    )


def _no_file() -> str:
    return _("It is no ordinary file. Put a file here.")


def _not_readable(problem: OSError) -> str:
    if problem.errno in (40, 62):  # ELOOP, as O_NOFOLLOW says it on Linux and BSD
        return _("It is a link to somewhere else. Put the file itself here.")
    return _("It cannot be read ({reason}). Give this program the right to read it.").format(
        reason=problem.strerror or type(problem).__name__
    )


def _ssh_words(problem: Exception) -> str:
    if isinstance(problem, paramiko.BadHostKeyException):
        return _("The SFTP server shows another host key than the known one. Nothing was read.")
    if isinstance(problem, paramiko.AuthenticationException):
        return _("The SFTP server does not let us in. Check user, key and password in CRM_DROPS.")
    if "not found in known_hosts" in str(problem):
        return _("The SFTP server's host key is not known. Add it to the known_hosts file.")
    return _("The SFTP server does not answer ({what}).").format(what=type(problem).__name__)


@contextmanager
def _words_for_problems(place: str) -> Iterator[None]:
    """What the operating system says of the way there; what is missing stays that."""
    try:
        yield
    except TimeoutError:
        raise PlaceProblem(
            _("{place} stopped answering. It is tried again soon.").format(place=place)
        ) from None
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise PlaceProblem(
            _("{place} cannot be read ({reason}).").format(
                place=place, reason=problem.strerror or type(problem).__name__
            )
        ) from None
