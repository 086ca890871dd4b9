"""Refuses to start when something would go wrong later, and says what mends it.

Django runs no system checks in a web process, and Celery calls them and throws the result away.
So `manage.py`, `crm.wsgi` and the worker's and beat's first signals call `refuse_to_start`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# What mends a start-up problem must run in spite of it; what touches no data may as well.
EXEMPT_COMMANDS = frozenset(
    {"create_key_ring", "migrate", "makemigrations", "check", "restore"}
    | {"help", "version", "--help", "-h", "--version"}
)
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", ".localhost", "testserver"})
SHORTEST_SECRET = 50
FEWEST_LETTERS = 5


class Problem(NamedTuple):
    number: str
    message: str
    hint: str


def refuse_to_start(*, exit_code: int = 2) -> None:
    """Print every problem with its number and hint to standard error and exit; else return."""
    found = list(problems())
    if not found:
        return
    lines = ["Refusing to start:"]
    for problem in found:
        lines += [f"  ({problem.number}) {problem.message}", f"      HINT: {problem.hint}"]
    sys.stderr.write("\n".join(lines) + "\n")
    raise SystemExit(exit_code)


def problems() -> Iterator[Problem]:
    """All start-up problems. Opens the database, writes nothing, and leaves no connection open."""
    from django.db import connections

    yield from secret_key_problems()
    yield from debug_problems()
    try:
        yield from key_ring_problems()
        yield from database_problems()
    finally:
        connections.close_all()


def secret_key_problems() -> Iterator[Problem]:
    hint = "Run `make setup`, or set CRM_SECRET_KEY to 50 or more random characters."
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:
        yield Problem("crm.E001", "CRM_SECRET_KEY is missing.", hint)
        return
    if (
        len(secret) < SHORTEST_SECRET
        or len(set(secret)) < FEWEST_LETTERS
        or secret.startswith("django-insecure-")
    ):
        yield Problem("crm.E002", "CRM_SECRET_KEY is too weak.", hint)


def debug_problems() -> Iterator[Problem]:
    if settings.DEBUG and not LOCAL_HOSTS.issuperset(settings.ALLOWED_HOSTS):
        strange = ", ".join(sorted(set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS))
        yield Problem(
            "crm.E003",
            f"CRM_DEBUG is on while this host is reachable as {strange}: error pages would "
            "show customers to strangers.",
            "Set CRM_DEBUG=0, or CRM_ALLOWED_HOSTS=localhost.",
        )


def key_ring_problems() -> Iterator[Problem]:
    from encryption import startup

    for problem in startup.problems():
        yield Problem(problem.number, problem.message, problem.hint)


def database_problems() -> Iterator[Problem]:
    from django.db import DatabaseError, connection
    from django.db.migrations.exceptions import InconsistentMigrationHistory
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Problem(
            "crm.E005",
            f"The database cannot be opened ({type(error).__name__}).",
            "Check DATABASE_URL and that the server runs, or that CRM_DATA_DIR can be written.",
        )
        return
    except InconsistentMigrationHistory as error:
        yield Problem("crm.E006", str(error), "Restore the database that fits this version.")
        return
    if plan:
        first = plan[0][0]
        yield Problem(
            "crm.E004",
            f"The database is not migrated: {len(plan)} migrations are waiting, first {first}.",
            "Run `python manage.py migrate`.",
        )
