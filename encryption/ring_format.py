"""The JSON of a key ring: read strictly, because a key misread is data lost."""

import base64
import binascii
import json
import re
from datetime import datetime
from typing import Any, get_args

from encryption.errors import KeyRingError
from encryption.keys import KEY_BYTES, Key, State, Use

KEY_ID = re.compile(r"[a-z][0-9a-f]{5,7}")
MEMBERS = {"id", "use", "state", "created", "material"}


def parse_ring(text: str) -> tuple[Key, ...]:
    """The keys of a ring file; anything out of the ordinary raises KeyRingError."""
    try:
        ring = json.loads(text)
    except ValueError:
        # The parser's own message quotes what it read, which may be key material.
        raise KeyRingError("The key ring is not JSON. Restore it from your copy.") from None
    if not isinstance(ring, dict) or set(ring) != {"version", "keys"}:
        raise KeyRingError('The key ring must be {"version": 1, "keys": [...]}.')
    if ring["version"] != 1:
        raise KeyRingError("The key ring is of another version than 1: update this program.")
    if not isinstance(ring["keys"], list):
        raise KeyRingError("`keys` of the key ring must be a list.")
    keys = tuple(_parse_key(number, entry) for number, entry in enumerate(ring["keys"], 1))
    if len({key.id for key in keys}) != len(keys):
        raise KeyRingError("Two keys of the key ring have the same id.")
    for use in get_args(Use):
        active = sum(key.use == use and key.state == "active" for key in keys)
        if active != 1:
            raise KeyRingError(f"The key ring must have one active `{use}` key, not {active}.")
    return keys


def _parse_key(number: int, entry: Any) -> Key:
    if not isinstance(entry, dict) or set(entry) != MEMBERS:
        raise KeyRingError(f"Key {number} of the ring must have exactly: {sorted(MEMBERS)}.")
    if not all(isinstance(value, str) for value in entry.values()):
        raise KeyRingError(f"Every member of key {number} of the ring must be text.")
    if not KEY_ID.fullmatch(entry["id"]):
        raise KeyRingError(f"The id of key {number} must be a letter and 5 to 7 hex digits.")
    if entry["use"] not in get_args(Use) or entry["state"] not in get_args(State):
        raise KeyRingError(
            f"Key {entry['id']}: use must be one of {get_args(Use)}, state of {get_args(State)}."
        )
    try:
        datetime.fromisoformat(entry["created"])
        material = base64.b64decode(entry["material"], validate=True)
    except (ValueError, binascii.Error):
        raise KeyRingError(f"Key {entry['id']}: unreadable date or material.") from None
    if len(material) != KEY_BYTES:
        raise KeyRingError(f"Key {entry['id']}: the material must be {KEY_BYTES} bytes in base64.")
    return Key(entry["id"], entry["use"], entry["state"], entry["created"], material)


def dump_ring(keys: tuple[Key, ...]) -> str:
    """The JSON that `parse_ring` reads. It holds the material: write it to a 0600 file only."""
    entries = [
        {
            "id": key.id,
            "use": key.use,
            "state": key.state,
            "created": key.created,
            "material": base64.b64encode(key.material).decode(),
        }
        for key in keys
    ]
    return json.dumps({"version": 1, "keys": entries}, indent=1) + "\n"
