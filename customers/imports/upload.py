"""Takes an upload in, sealed from its first byte: no plain copy of it ever touches the disk."""

import errno
import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from encryption.files import NewSealedFile
from encryption.keyring import keyed_digest

MEGABYTE = 1024 * 1024
LARGEST_UPLOAD = 200 * MEGABYTE


def sealed_path(name: str) -> Path:
    """Where the sealed upload of that name lies."""
    return settings.DATA_DIR / "media" / "imports" / name


def digest_of_file(plain_digest: bytes) -> bytes:
    """Keyed, so that whoever only reads the database cannot tell which known file this was."""
    return keyed_digest("customers.import.file", plain_digest)


class SealedFile(NewSealedFile):
    """One upload going into the sealed store, digested on its way."""

    def __init__(self) -> None:
        self.id: uuid.UUID = uuid7()
        self.finished = False
        self._digest = hashlib.sha256()
        super().__init__(sealed_path(f"{self.id}.sealed"))

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return super().write(data)

    def finish(self) -> None:
        super().finish()
        self.finished = True

    def close(self) -> None:
        """Django's parser closes what it was interrupted in: then the half file goes."""
        if not self.finished:
            self.discard()

    @property
    def digest(self) -> bytes:
        return digest_of_file(self._digest.digest())


class SealedUpload(UploadedFile):
    """What the form gets: a name, a size and the sealed file, but nothing to read."""

    def __init__(self, sealed: SealedFile, name: str | None) -> None:
        super().__init__(file=None, name=name, size=sealed.size)
        self.sealed = sealed


class SealingUploadHandler(FileUploadHandler):
    """The only upload handler of the import page; `problem` says in words what went wrong."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.problem = ""
        self.file: SealedFile | None = None
        # Set by whoever makes a batch of the file.
        self.taken = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != "file" or self.file is not None:
            raise SkipFile
        try:
            self.file = SealedFile()
        except OSError as problem:
            self._stop(problem)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file is None:
            return
        if start + len(raw_data) > LARGEST_UPLOAD:
            self.problem = _(
                "This file is larger than {limit} MB. Split it and import its parts one by one."
            ).format(limit=LARGEST_UPLOAD // MEGABYTE)
            self.file.close()
            raise StopUpload(connection_reset=False)
        try:
            self.file.write(raw_data)
        except OSError as problem:
            self._stop(problem)

    def file_complete(self, file_size: int) -> SealedUpload | None:
        if self.file is None or self.file.finished:
            return None
        try:
            self.file.finish()
        except OSError as problem:
            self.file.close()
            self.problem = words_for(problem)
            return None
        return SealedUpload(self.file, self.file_name)

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()

    def drop_unless_taken(self) -> None:
        """A file that no batch was made of (no token, no table in it) is not left behind."""
        if self.file is not None and not self.taken:
            self.file.close()
            self.file.path.unlink(missing_ok=True)

    def _stop(self, problem: OSError) -> None:
        """Give up, but read the rest of the request: a browser cut off shows no message."""
        self.problem = words_for(problem)
        if self.file is not None:
            self.file.close()
        raise StopUpload(connection_reset=False) from problem


def words_for(problem: OSError) -> str:
    """The operating system's refusal, as something a person can act on."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return _(
            "The disk of the server is full, so the file was not taken in. "
            "Nothing was changed. Ask an administrator to make room, then upload it again."
        )
    return _(
        "The server could not write the file ({reason}). Nothing was changed. "
        "Tell an administrator, then upload it again."
    ).format(reason=problem.strerror or type(problem).__name__)
