"""`make test-postgresql`: the whole suite once more, on a PostgreSQL server of its own.

Left out is only what the other run has said already: the house and the cleaning of values, which
touch no database, and what starts a PostgreSQL of its own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import postgres_server

LEFT_OUT = (
    "tests/house",
    "tests/quality",
    "tests/browser",
    "tests/crm/test_everything_at_once.py",
)


def main(*arguments: str) -> int:
    ignored = [f"--ignore={path}" for path in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", *ignored, *arguments]
    with tempfile.TemporaryDirectory() as directory, postgres_server(Path(directory)) as url:
        return subprocess.call(command, env=os.environ | {"CRM_TEST_DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
