"""The base of every management command that reads or changes business rows.

A command says on whose behalf it runs (`--actor`, else the system user), and its changes are
recorded under the door "command". Exit codes are the house's: 0 good, 1 the verdict is bad
(`VerdictIsBad`), 2 it could not be done (`CouldNotBeDone`).
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError

from audit.context import Door, acting_lazily
from staff.models import User
from staff.services import system_user


class VerdictIsBad(CommandError):
    """It was done, and what it found is bad."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, returncode=1, **kwargs)


class CouldNotBeDone(CommandError):
    """It was not done, or not to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, returncode=2, **kwargs)


def _refuse_nowhere(target: str | None) -> None:
    """Before anything is done: afterwards only the file with the result would be missing."""
    if target and target != "-" and not Path(target).absolute().parent.is_dir():
        raise CouldNotBeDone(f"Cannot write {target}: there is no such directory.")


class ActorCommand(BaseCommand):
    """Adds `--actor` to every subclass, and `--json [FILE]` where `json_output` is set."""

    json_output = False
    _username: str | None = None

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--actor", metavar="USERNAME", help="On whose behalf (default: the system user)."
        )
        if self.json_output:
            parser.add_argument(
                "--json",
                nargs="?",
                const="-",
                metavar="FILE",
                help="Write the result as JSON to FILE (nothing or -: standard output).",
            )
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        self._username = options.get("actor")
        self.__dict__.pop("actor", None)
        try:
            if self._username is not None:
                _ = self.actor  # a name that does not exist is refused before anything is done
            _refuse_nowhere(options.get("json"))
            with acting_lazily(find_actor=lambda: self.actor, door=Door.COMMAND):
                return super().execute(*args, **options)
        except OperationalError as problem:
            said = (str(problem).splitlines() or [type(problem).__name__])[0]
            raise CouldNotBeDone(
                f"The database did not answer ({said}). Look whether it runs and has room on its "
                "disk, then run the command again."
            ) from problem

    @cached_property
    def actor(self) -> User:
        """Whose name stands in the history of what this command changes."""
        if self._username is None:
            return system_user()
        try:
            return User.objects.get_by_natural_key(self._username)
        except User.DoesNotExist:
            raise CouldNotBeDone(
                f"There is no member of staff called {self._username!r}. "
                "Give --actor the name they sign in with."
            ) from None

    def write_json(self, result: Any, target: str | None) -> None:
        """`target` is the value of `--json`: a file, "-" for standard output, None for nothing."""
        if target is None:
            return
        text = json.dumps(result, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        if target == "-":
            self.stdout.write(text)
            return
        try:
            Path(target).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CouldNotBeDone(f"Cannot write {target}: {error.strerror}.") from error

    def say(self, text: str) -> None:
        """Progress and counts: on standard error, so that standard output can be piped."""
        self.stderr.write(text, style_func=lambda plain: plain)
