"""What may end a job before its work does."""

import errno

from django.db import OperationalError


class ClaimLost(Exception):
    """The job was cancelled, or another worker claimed it while this one was silent.

    Raised inside the batch's transaction, it rolls the batch back; whoever holds the claim does it.
    """


class JobFailed(Exception):
    """The work cannot be done. The message is shown to staff: it says what to do and holds no
    protected value. Of any other exception only the class is shown."""


def is_disk_full(error: BaseException | None) -> bool:
    """Whether there is no room, for us or for the database: that passes once somebody made some."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    said = str(error).lower() if isinstance(error, OperationalError) else ""
    return "full" in said or "no space" in said
