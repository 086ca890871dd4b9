"""What is documented for production is clean, and a ring beside the data is warned of."""

import subprocess
import sys

from tests import deployment


def test_check_deploy_warns_while_the_ring_lies_with_the_data(tmp_path):
    environment = deployment.production_environment(tmp_path)
    environment.pop("CRM_KEY_RING")
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment, cwd=deployment.ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "encryption.W013" in done.stderr
    assert "1 issue" in done.stderr, "and of nothing else"
