"""`make run`: the whole product on one machine, with its own broker and demo data.

Runs the lines of the Procfile together, and beside them a `redis-server` of our own where that
binary is installed and no `REDIS_URL` names another.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import django

from crm.supervise import SUPERVISORS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_FILE = BASE_DIR / "crm" / "demo" / "customers.csv"
ADMINISTRATOR = "admin"
BROKER = "redis"
INTERRUPTED = frozenset({130, 143})
# Seconds that processes of a killed `make run` have to end.
FORMER_RUN = 8.0


def main() -> int:
    django.setup()
    from crm.startup import refuse_to_start

    refuse_to_start()
    lock = take_data_directory()
    host, port = os.environ.get("CRM_BIND", "127.0.0.1"), port_number()
    refuse_taken_port(host, port)
    password = first_run() if is_first_run() else None
    sys.stdout.write(welcome(f"http://{host}:{port}/", password))
    sys.stdout.flush()
    return run_together(lock)


def give_up(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(2)


def take_data_directory() -> BinaryIO:
    """Make sure that we are the only `make run` on this data, and wait for the end of a killed one.

    The lock goes with this process, however it ends. Two would share one broker's files.
    """
    from django.conf import settings

    lock = (settings.DATA_DIR / "broker" / "running.lock").open("a+b")
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
    except OSError:
        lock.close()
        give_up(
            f"Another `make run` uses {settings.DATA_DIR}. Stop that one first, or give this one "
            "its own: CRM_DATA_DIR=… CRM_PORT=8001 make run"
        )
    end = time.monotonic() + FORMER_RUN
    while True:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 2, SUPERVISORS)
        except OSError:
            if time.monotonic() > end:
                lock.close()
                give_up(f"Processes of a former `make run` on {settings.DATA_DIR} do not end.")
            time.sleep(0.1)
        else:
            fcntl.lockf(lock, fcntl.LOCK_UN, 2, SUPERVISORS)
            return lock


def port_number() -> int:
    given = os.environ.get("CRM_PORT", "8000")
    if not given.isdecimal() or not 0 < int(given) < 65536:
        give_up(f"CRM_PORT is {given!r}: give a number from 1 to 65535, such as 8001.")
    return int(given)


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            give_up(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Is another `make run` running? Else choose one: CRM_PORT=8001 make run"
            )


def is_first_run() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model().objects.filter(is_active=True).exists()


def first_run() -> str:
    """Bring in the demo customers, then the administrator, whose one-time password is returned.

    The administrator comes last: a first run that was killed is one again.
    """
    from django.core.management import call_command
    from django.db import transaction

    from staff.roles import Role
    from staff.services import create_staff, system_user

    wants_demo = os.environ.get("CRM_DEMO", "1") != "0"
    if wants_demo:
        sys.stdout.write("Importing demo customers …\n")
        sys.stdout.flush()
        call_command("import_customers", str(DEMO_FILE), source="Demo", country="US")
    with transaction.atomic():
        administrator, password = create_staff(
            actor=system_user(), username=ADMINISTRATOR, roles=[Role.ADMINISTRATOR]
        )
        if wants_demo:
            bring_to_life(administrator)
    return password


def bring_to_life(administrator: Any) -> None:
    """What became of the demo customers, so that the first pages have something to show: most of
    it is the administrator's, as nobody else is here yet. People come after the organisations:
    the list begins with whoever was changed last."""
    from django.utils import timezone

    from audit.context import acting
    from customers.demo.make import enliven
    from customers.models import Customer
    from customers.models.choices import Kind
    from staff.services import system_user

    with acting(actor=system_user(), door="command"):
        for kind in (Kind.ORGANISATION, Kind.PERSON):
            enliven(
                actor=system_user(),
                customers=Customer.objects.filter(kind=kind).order_by("number"),
                staff=[administrator],
                today=timezone.localdate(),
            )


def welcome(address: str, password: str | None) -> str:
    from django.conf import settings

    if settings.REDIS_URL:
        broker = "the Redis server of REDIS_URL"
    elif settings.OWN_REDIS:
        broker = "a redis-server of our own, data in the data directory"
    else:
        broker = f"files in the data directory ({why_no_redis()})"
    mail = "off: reminders show in the admin alone (EMAIL_URL)"
    if settings.CRM_MAIL:
        mail = settings.EMAIL_HOST or settings.EMAIL_BACKEND
    ring = "CRM_KEY_RING_JSON" if settings.CRM_KEY_RING_JSON else settings.CRM_KEY_RING
    sign_in = ADMINISTRATOR
    if password:
        sign_in += f"   one-time password: {password}   (shown this once)"
    elif never_signed_in():
        sign_in += "   (password lost? .venv/bin/python manage.py changepassword admin)"
    lines = [
        "",
        f"  Open        {address}",
        f"  Sign in     {sign_in}",
        f"  Data        {settings.DATA_DIR}",
        f"  Key ring    {ring}",
        "              Who loses the key ring loses the data: keep a copy of it elsewhere.",
        f"  Broker      {broker}",
        f"  Mail        {mail}",
        "  Stop        Ctrl-C",
        "",
    ]
    return "\n".join(lines) + "\n"


def never_signed_in() -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(username=ADMINISTRATOR, last_login=None).exists()


def why_no_redis() -> str:
    if shutil.which("redis-server"):
        return "its path is too long for a redis-server's socket"
    return "no redis-server is installed here"


class Terminal:
    """Standard output that may go away: who closed the window has nobody to complain to."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stdout.flush()

    def isatty(self) -> bool:
        return sys.stdout.isatty()


def run_together(lock: BinaryIO) -> int:
    """Run every process until one refuses to start or Ctrl-C; return an exit code."""
    from honcho.manager import Manager
    from honcho.printer import Printer

    manager = Manager(Printer(Terminal()))
    supervisor = [sys.executable, str(BASE_DIR / "crm" / "supervise.py")]
    here = [str(os.getpid()), str(lock.name)]
    for name, command in processes().items():
        supervise = shlex.join([*supervisor, *(["--last"] if name == BROKER else []), *here])
        manager.add_process(
            name, f"exec {supervise} {command}", env=child_environment(), cwd=str(BASE_DIR)
        )
    # A closed terminal ends us as Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return 0 if manager.returncode in INTERRUPTED else int(manager.returncode or 0)


def processes() -> dict[str, str]:
    from django.conf import settings
    from honcho.environ import parse_procfile

    found: dict[str, str] = {}
    if settings.OWN_REDIS:
        found[BROKER] = redis_command(settings.BROKER_SOCKET)
    return found | dict(parse_procfile((BASE_DIR / "Procfile").read_text()).processes)


def redis_command(path: Path) -> str:
    """No TCP port: only this user's processes reach the socket. It holds job numbers, no data."""
    log = path.parent.parent / "logs" / "redis.log"
    options = shlex.split("--port 0 --unixsocketperm 700 --appendonly yes --save '' --daemonize no")
    options += ["--unixsocket", str(path), "--dir", str(path.parent)]
    options += ["--loglevel", "warning", "--logfile", str(log)]
    return shlex.join(["redis-server", *options])


def child_environment() -> dict[str, str]:
    """Our own binaries first on the path, and temporary files inside the data directory."""
    from django.conf import settings

    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "TMPDIR": str(settings.DATA_DIR / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before anything was started
        sys.exit(130)
