"""Writes `.env` with fresh secrets on the first run and never touches it again.

Runs before anything is installed: standard library only. `python -m crm.environment` would load
the Celery app, so the Makefile calls this file by its path.
"""

import os
import secrets
import sys
from pathlib import Path

TEMPLATE = """\
# Written once by `make setup`. Readable by you alone; keep it out of version control.
# Every setting is described in docs/settings.md; the environment wins over this file.
CRM_SECRET_KEY={secret}
"""


def write_environment(path: Path) -> bool:
    """Create the file with mode 0600; return False, and change nothing, where it stands."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(TEMPLATE.format(secret=secrets.token_urlsafe(48)))
    return True


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else ".env")
    if write_environment(where):
        sys.stdout.write(f"Wrote fresh secrets to {where}\n")
