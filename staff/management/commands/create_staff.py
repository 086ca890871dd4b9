"""Take somebody on from the command line: the first administrator has no one to do it for them."""

import json
import os
import sys
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import services
from staff.models import Team, User
from staff.roles import Role


class Command(BaseCommand):
    help = (
        "Create a member of staff with one or more roles. Prints a one-time password once, "
        "unless --password-stdin gives one; either must be changed at the first sign-in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--role",
            action="append",
            required=True,
            choices=Role.values,
            dest="roles",
            help="what they are here for; may be repeated",
        )
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--team", help="name of an existing team")
        password = parser.add_mutually_exclusive_group()
        password.add_argument(
            "--one-time-password",
            action="store_true",
            help="make up a password and print it once (this is what happens anyway)",
        )
        password.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument("--actor", help="who does this (default: the system user)")
        parser.add_argument(
            "--json",
            nargs="?",
            const="-",
            metavar="FILE",
            help="write {username, roles, one_time_password} to FILE, readable by you alone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else None
        try:
            user, one_time = services.create_staff(
                actor=self._actor(options["actor"]),
                username=options["username"],
                roles=[Role(name) for name in options["roles"]],
                first_name=options["first_name"],
                last_name=options["last_name"],
                email=options["email"],
                team=self._team(options["team"]),
                password=password,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error
        except PermissionDenied as error:
            raise CommandError(str(error), returncode=2) from error
        self._report(user, one_time, options)

    def _report(self, user: User, one_time: str, options: dict[str, Any]) -> None:
        roles = sorted(set(options["roles"]))
        if options["json"]:
            found = {"username": user.username, "roles": roles, "one_time_password": one_time}
            self._write(json.dumps(found), options["json"])
            return
        if one_time:
            self.stdout.write(f"One-time password of {user.username}: {one_time}")
            self.stdout.write("It is shown only now and opens nothing but the page to change it.")
        self.stdout.write(f"1 member of staff created: {user.username} ({', '.join(roles)})")

    def _write(self, text: str, target: str) -> None:
        if target == "-":
            self.stdout.write(text)
            return
        try:
            opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise CommandError(
                f"{target} cannot be written: {error.strerror}. The person exists; set a new "
                "password on their page.",
                returncode=2,
            ) from error
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text + "\n")

    def _actor(self, username: str | None) -> User:
        if username is None:
            return services.system_user()
        try:
            return User.objects.get(username=username, is_active=True)
        except User.DoesNotExist:
            raise CommandError(
                f"Nobody active is called {username!r}: give the user name of who does this.",
                returncode=2,
            ) from None

    def _team(self, name: str | None) -> Team | None:
        if name is None:
            return None
        try:
            return Team.objects.get(name=name)
        except Team.DoesNotExist:
            raise CommandError(
                f"There is no team {name!r}. Create it on the staff pages first.", returncode=2
            ) from None
