"""The product's own settings, in an environment made for one test run."""

import atexit
import base64
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="crm-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
RING = {
    "version": 1,
    "keys": [
        {
            "id": f"{use[0]}{secrets.token_hex(3)}",
            "use": use,
            "state": "active",
            "created": "2026-01-01T00:00:00Z",
            "material": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        for use in ("seal", "index")
    ],
}
(DATA_DIR / "keys").mkdir(mode=0o700)
(DATA_DIR / "tmp").mkdir(mode=0o700)
(DATA_DIR / "static").mkdir(mode=0o700)
ring = DATA_DIR / "keys" / "ring.json"
ring.touch(mode=0o600)
ring.write_text(json.dumps(RING))

for name in (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "CRM_KEY_RING",
    "CRM_KEY_RING_JSON",
    "CRM_DEBUG",
):
    os.environ.pop(name, None)
os.environ |= {
    "CRM_ENV_FILE": os.devnull,
    "CRM_DATA_DIR": str(DATA_DIR),
    "CRM_SECRET_KEY": secrets.token_urlsafe(60),
    "CRM_ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
}
if os.environ.get("CRM_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["CRM_TEST_DATABASE_URL"]

from crm.settings import *  # noqa: E402, F403
from crm.settings import INSTALLED_APPS as PRODUCT_APPS  # noqa: E402
from crm.settings import STORAGES as PRODUCT_STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = PRODUCT_STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
CELERY_TASK_ALWAYS_EAGER = False

# Models that only the tests of these have; their tables need no migrations.
INSTALLED_APPS = [
    *PRODUCT_APPS,
    "tests.encryption.testapp",
    "tests.audit.testapp",
    "tests.customers.upperapp",
]
