"""How long a refusal to start takes at each door, beside a bare `import django` in the same run.

    python benchmarks/start_up.py [ROUNDS]

Each door is opened on an installation without a database; the best of ROUNDS (3) is printed, since
everything else on the machine only adds to it. The processor's seconds stand beside it: on a busy
machine they tell what a calm one would take. Exit code 1 when a door takes over two seconds.
"""

import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 2.0  # seconds
PYTHON = [sys.executable]
BASELINE = [*PYTHON, "-c", "import django"]
DOORS = {
    "web": [*PYTHON, "-m", "gunicorn", "crm.wsgi", "--config", "crm/gunicorn.py"],
    "worker": [*PYTHON, "-m", "celery", "-A", "crm", "-q", "worker", "--concurrency", "1"],
    "beat": [*PYTHON, "-m", "celery", "-A", "crm", "-q", "beat"],
    "command": [*PYTHON, "manage.py", "show_roles"],
}


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as scratch:
        environment = environment_in(Path(scratch))
        subprocess.run([*PYTHON, "manage.py", "create_key_ring"], env=environment, cwd=ROOT,
                       check=True, capture_output=True)  # fmt: skip
        baseline = min(seconds(BASELINE, environment, refuses=False) for _ in range(rounds))
        print(f"{'':<14}{'wall':>8}{'processor':>12}")
        print(f"{'import django':<14}{baseline[0]:6.2f} s{baseline[1]:10.2f} s")
        slow = 0
        for door, command in DOORS.items():
            took = min(seconds(command, environment) for _ in range(rounds))
            slow += took[0] > LIMIT
            print(f"{door:<14}{took[0]:6.2f} s{took[1]:10.2f} s")
    print(f"{len(DOORS)} doors refuse, {slow} of them later than {LIMIT:.0f} s")
    return 1 if slow else 0


def environment_in(scratch: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return kept | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(scratch / "data"),
        "CRM_SECRET_KEY": secrets.token_urlsafe(48),
        "CRM_PORT": "0",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }


def seconds(
    command: list[str], environment: dict[str, str], *, refuses: bool = True
) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    before, started = processor(), time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    took = time.perf_counter() - started
    if refuses:
        assert done.returncode in (2, 3), done.stderr
        assert "(crm.E004)" in done.stderr, done.stderr
    return took, processor() - before


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
