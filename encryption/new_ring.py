"""Making a key ring: once for a database, because who loses the ring loses the data."""

import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from encryption.errors import KeyRingError
from encryption.keys import KEY_BYTES, Key, State, Use
from encryption.ring_format import dump_ring


def new_key(use: Use, state: State = "active") -> Key:
    """A fresh random key."""
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key_id = f"{use[0]}{secrets.token_hex(4)[:7]}"
    return Key(key_id, use, state, created, secrets.token_bytes(KEY_BYTES))


def create_ring(path: Path) -> tuple[Key, ...]:
    """Writes a new ring, whole or not at all, never over another, readable by its owner alone."""
    keys = (new_key("seal"), new_key("index"))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp gives mode 0600 and O_EXCL.
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=".ring-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(dump_ring(keys))
            file.flush()
            os.fsync(file.fileno())
        # Unlike rename, a link never replaces what is there.
        os.link(partial, path)
    except FileExistsError:
        raise KeyRingError(
            f"There is a key ring at {path} already; it is never overwritten. Without it the data "
            "sealed with it is lost: move it away only if there is none."
        ) from None
    finally:
        os.unlink(partial)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return keys
