"""Writes the known answers of today's formats. Run once for each new format, never for an old one.

DJANGO_SETTINGS_MODULE=tests.settings python -m tests.encryption.make_vectors
"""

import base64
import io
import json
from pathlib import Path

import django

HERE = Path(__file__).parent / "vectors"
RING = {
    "version": 1,
    "keys": [
        {
            "id": key_id,
            "use": use,
            "state": state,
            "created": "2026-01-01T00:00:00Z",
            "material": base64.b64encode(bytes([first]) * 32).decode(),
        }
        for key_id, use, state, first in [
            ("sa000001", "seal", "active", 1),
            ("ia000002", "index", "active", 2),
        ]
    ],
}
VALUES = [
    ("char", "Zoë 李 🦊"), ("char", "x"), ("text", "line\nline\x00"), ("email", "zoe@example.com"),
    ("day", "1999-12-31"), ("moment", "2026-01-02T03:04:05.000006+00:00"), ("flag", "1"),
    ("flag", "0"), ("number", "-5"), ("positive", "7"), ("small", "-3"), ("tiny", "0"),
    ("big", str(2**60)),
]  # fmt: skip
ROW = "01900000-0000-7000-8000-000000000001"


def main() -> None:
    django.setup()
    from django.conf import settings

    settings.CRM_KEY_RING_JSON = json.dumps(RING)
    from encryption import cipher
    from encryption.files import SealedWriter
    from encryption.keyring import current_ring, keyed_digest
    from tests.encryption.testapp.models import Person

    tokens = [
        {
            "field": field,
            "context": f"tests.e.{field}",
            "row": ROW,
            "text": text,
            "token": cipher.seal(text, context=f"tests.e.{field}", row=ROW),
        }
        for field, text in VALUES
    ]
    indexes = [
        {"field": f, "value": v, "digest": Person._meta.get_field(f"{f}_index").digests(v)[0].hex()}
        for f, v in [("email", " ANN@Example.com"), ("phone", "+49 (0)30 123456")]
    ]
    target = io.BytesIO()
    with SealedWriter(target, "vector") as writer:
        writer.write(b"0123456789" * 7000)
    files = [
        {
            "label": "vector",
            "repeated": "0123456789",
            "times": 7000,
            "sealed": base64.b64encode(target.getvalue()).decode(),
        }
    ]
    keys = {
        "checks": {key.id: key.check_value for key in current_ring().keys},
        "digest": {"purpose": "vector", "data": "abc", "hex": keyed_digest("vector", b"abc").hex()},
    }
    HERE.mkdir(exist_ok=True)
    everything = {"ring": RING, "tokens": tokens, "indexes": indexes, "files": files, "keys": keys}
    for name, content in everything.items():
        text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        with (HERE / f"{name}.v1.json").open("x", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
