"""A sealed value in memory: its token, where it belongs, and nothing that could be shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from encryption.errors import CannotOpen

if TYPE_CHECKING:
    from encryption.fields import ProtectedMixin

_UNOPENED = object()
_raw: ContextVar[bool] = ContextVar("sealed_values", default=False)
_restoring: ContextVar[bool] = ContextVar("tokens_as_input", default=False)


@contextmanager
def sealed_values() -> Iterator[None]:
    """Within it, reading a protected attribute gives its `Sealed` object, unopened.

    A value that was assigned and not yet saved is given as it is.
    """
    token = _raw.set(True)
    try:
        yield
    finally:
        _raw.reset(token)


def wants_sealed() -> bool:
    """Whether we are within `sealed_values()`."""
    return _raw.get()


@contextmanager
def tokens_as_input() -> Iterator[None]:
    """Within it, fields take tokens for what they are. Only for restoring our own dumps, where
    they come back to their own rows; never for what a person or a file of theirs enters."""
    token = _restoring.set(True)
    try:
        yield
    finally:
        _restoring.reset(token)


def takes_tokens() -> bool:
    """Whether we are within `tokens_as_input()`."""
    return _restoring.get()


class Sealed:
    """A token of one protected field. It opens only where it belongs: pass its row, or None
    when it came with its row already."""

    __slots__ = ("_value", "field", "row", "token")

    def __init__(self, token: str, field: "ProtectedMixin", row: Any = None) -> None:
        self.token = token
        self.field = field
        self.row = row
        self._value = _UNOPENED

    @property
    def context(self) -> str:
        return self.field.context

    @property
    def key_id(self) -> str:
        """The key the token names; empty when it is no token."""
        parts = self.token.split(".", 2)
        return parts[1] if len(parts) == 3 else ""

    def open(self, row: Any = None) -> Any:
        """The value. `row` is the row's key. Raises CannotOpen."""
        if self._value is _UNOPENED or (row is not None and row != self.row):
            if row is None and self.row is None:
                raise CannotOpen(self.context, detail="say of which row: open(row=…)")
            self._value = self.field.open_sealed(self.token, self.row if row is None else row)
            self.row = self.row if row is None else row
        return self._value

    def is_of(self, field: "ProtectedMixin", row: Any) -> bool:
        """Whether it came from, or was sealed for, this very field and row."""
        return self.field is field and self.row is not None and bool(self.row == row)

    def known(self, value: Any) -> "Sealed":
        """Remember what was just sealed, so that reading it back opens nothing."""
        self._value = value
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        return (self.token, self.context) == (other.token, other.context)

    def __hash__(self) -> int:
        return hash(self.token)

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __copy__(self) -> "Sealed":
        return self

    def __deepcopy__(self, memo: Any) -> "Sealed":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed value is never pickled: pass the row's key instead")
