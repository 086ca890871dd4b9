"""`make run`: the whole product on one machine, with its own broker and demo data.

Runs the lines of the Procfile together, and beside them a `redis-server` of our own where that
binary is installed and no `REDIS_URL` names another.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_FILE = BASE_DIR / "crm" / "demo" / "customers.csv"
ADMINISTRATOR = "admin"
INTERRUPTED = frozenset({130, 143})


def main() -> int:
    django.setup()
    from crm.startup import refuse_to_start

    refuse_to_start()
    host = os.environ.get("CRM_BIND", "127.0.0.1")
    port = int(os.environ.get("CRM_PORT", "8000"))
    refuse_taken_port(host, port)
    password = first_run() if is_first_run() else None
    sys.stdout.write(welcome(f"http://{host}:{port}/", password))
    sys.stdout.flush()
    return run_together()


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.stderr.write(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Is another `make run` running? Else choose one: CRM_PORT=8001 make run\n"
            )
            raise SystemExit(2) from None


def is_first_run() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model().objects.filter(is_active=True).exists()


def first_run() -> str:
    """Bring in the demo customers, then the administrator, whose one-time password is returned."""
    from django.core.management import call_command
    from staff.roles import Role
    from staff.services import create_staff, system_user

    if os.environ.get("CRM_DEMO", "1") != "0":
        sys.stdout.write("Importing demo customers …\n")
        call_command("import_customers", str(DEMO_FILE), source="Demo", country="US")
    _, password = create_staff(
        actor=system_user(), username=ADMINISTRATOR, roles=[Role.ADMINISTRATOR]
    )
    return password


def welcome(address: str, password: str | None) -> str:
    from django.conf import settings

    if settings.REDIS_URL:
        broker = "the Redis server of REDIS_URL"
    elif settings.OWN_REDIS:
        broker = "a redis-server of our own, data in the data directory"
    else:
        broker = "files in the data directory (no redis-server is installed here)"
    ring = "CRM_KEY_RING_JSON" if settings.CRM_KEY_RING_JSON else settings.CRM_KEY_RING
    lines = [
        "",
        f"  Open        {address}",
        f"  Sign in     {ADMINISTRATOR}"
        + (f"   one-time password: {password}   (shown this once)" if password else ""),
        f"  Data        {settings.DATA_DIR}",
        f"  Key ring    {ring}",
        "              Who loses the key ring loses the data: keep a copy of it elsewhere.",
        f"  Broker      {broker}",
        "  Stop        Ctrl-C",
        "",
    ]
    return "\n".join(lines) + "\n"


def run_together() -> int:
    """Run every process until one refuses to start or Ctrl-C; return an exit code."""
    from honcho.manager import Manager

    manager = Manager()
    supervise = f"{shlex.quote(sys.executable)} {shlex.quote(str(BASE_DIR / 'crm/supervise.py'))}"
    for name, command in processes().items():
        manager.add_process(
            name, f"exec {supervise} {command}", env=child_environment(), cwd=str(BASE_DIR)
        )
    manager.loop()
    return 0 if manager.returncode in INTERRUPTED else int(manager.returncode or 0)


def processes() -> dict[str, str]:
    from django.conf import settings
    from honcho.environ import parse_procfile

    found: dict[str, str] = {}
    if settings.OWN_REDIS:
        found["redis"] = redis_command(settings.BROKER_SOCKET)
    return found | dict(parse_procfile((BASE_DIR / "Procfile").read_text()).processes)


def redis_command(path: Path) -> str:
    """No TCP port: only this user's processes reach the socket. It holds job numbers, no data."""
    return shlex.join(
        ["redis-server", "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        + ["--dir", str(path.parent), "--appendonly", "yes", "--save", "", "--daemonize", "no"]
        + ["--loglevel", "warning", "--logfile", str(path.parent.parent / "logs" / "redis.log")]
    )


def child_environment() -> dict[str, str]:
    """Our own binaries first on the path, and temporary files inside the data directory."""
    from django.conf import settings

    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "TMPDIR": str(settings.DATA_DIR / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
