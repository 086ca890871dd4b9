"""What may end a job before its work does."""


class ClaimLost(Exception):
    """The job was cancelled, or another worker claimed it while this one was silent.

    Raised inside the batch's transaction, it rolls the batch back; whoever holds the claim does it.
    """


class JobFailed(Exception):
    """The work cannot be done. The message is shown to staff: it says what to do and holds no
    protected value. Of any other exception only the class is shown."""
