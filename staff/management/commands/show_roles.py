"""The whole matrix of roles and permissions, as the code has it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff.roles import Role, matrix


class Command(BaseCommand):
    help = "Show what each role may do: one line per permission, one column per role."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json",
            nargs="?",
            const="-",
            metavar="FILE",
            help="write JSON {role: [permission, …]} to FILE (nothing or - = standard output)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        held = matrix()
        if options["json"]:
            text = json.dumps({role.value: sorted(names) for role, names in held.items()}, indent=2)
            self._write(text, options["json"])
            return
        permissions = sorted(frozenset().union(*held.values()))
        width = max([len("permission"), *map(len, permissions)])
        self.stdout.write("  ".join(["permission".ljust(width), *Role.values]))
        for name in permissions:
            cells = [("yes" if name in held[role] else "-").ljust(len(role)) for role in Role]
            self.stdout.write("  ".join([name.ljust(width), *cells]).rstrip())
        self.stdout.write(f"{len(Role)} roles, {len(permissions)} permissions")

    def _write(self, text: str, target: str) -> None:
        if target == "-":
            self.stdout.write(text)
            return
        try:
            Path(target).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"{target} cannot be written: {error.strerror}.", returncode=2
            ) from error
