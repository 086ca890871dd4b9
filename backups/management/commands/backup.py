"""Back the database up now: sealed, opened again and checked before it counts.

The key ring is not in the backup, and without it no backup can be opened: keep it elsewhere.
"""

from typing import Any

from audit.commands import ActorCommand, CouldNotBeDone
from backups import services
from backups.errors import BackupFailed


class Command(ActorCommand):
    help = (
        "Make a sealed backup of the database and verify it. The key ring is not in it: keep that "
        "somewhere else, or no backup can ever be opened."
    )
    json_output = True

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = services.back_up(actor=self.actor)
        except BackupFailed as error:
            raise CouldNotBeDone(str(error)) from error
        self.write_json(result.as_dict(), options["json"])
        if options["json"] is None:
            self.stdout.write(result.places[0])
        self.say(f"1 backup verified: {result.bytes} bytes in {result.seconds} s")
