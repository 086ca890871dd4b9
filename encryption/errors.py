"""What can go wrong when a sealed value is opened, each with a name of its own.

No message holds a value, a token or key material: it may be logged.
"""


class KeyRingError(Exception):
    """The key ring is missing, unreadable or malformed. The message says what to do."""


class CannotOpen(Exception):
    """A stored value does not open where it stands. It is never shown and never saved over."""

    says = "cannot be opened"

    def __init__(self, context: str, key_id: str = "", row: str = "", detail: str = "") -> None:
        self.context, self.key_id, self.row = context, key_id, row
        place = f"{context} of row {row}" if row else context
        super().__init__(f"{place} {self.says}{f' ({detail})' if detail else ''}")


class UnknownKey(CannotOpen):
    """The token names a key that the ring does not hold, or no longer uses."""

    says = "is sealed with a key that is not in use here"


class Tampered(CannotOpen):
    """The value was changed, or copied here from another row, column or model."""

    says = "was changed or belongs to another place"


class NotSealed(CannotOpen):
    """What stands in the column is no token of ours: plain text, or another package's."""

    says = "is not a sealed value"
