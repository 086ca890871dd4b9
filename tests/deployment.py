"""`make check`: migrations are complete, and the documented production settings are clean.

Runs the product's own settings in a process of their own, with the environment of
docs/production.env and a key ring outside the data directory.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def production_environment(scratch: Path) -> dict[str, str]:
    lines = (ROOT / "docs" / "production.env").read_text().splitlines()
    documented = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    return (
        {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DJANGO_"))}
        | documented
        | {
            "CRM_ENV_FILE": os.devnull,
            "CRM_DATA_DIR": str(scratch / "data"),
            "CRM_KEY_RING": str(scratch / "keys" / "ring.json"),
            "CRM_SECRET_KEY": os.urandom(48).hex(),
            "DATABASE_URL": "",
            "REDIS_URL": "",
        }
    )


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        environment = production_environment(Path(scratch))
        manage = [sys.executable, str(ROOT / "manage.py")]
        for command in (
            ["create_key_ring"],
            ["makemigrations", "--check", "--dry-run"],
            ["check", "--deploy", "--fail-level", "WARNING"],
        ):
            code = subprocess.run([*manage, *command], env=environment, cwd=ROOT).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
