"""The attribute of a protected field on a model instance.

The instance's ``__dict__`` holds either the `Sealed` object as loaded or the value that was
assigned. Reading opens; assigning keeps the token that was loaded aside, so that saving can tell
whether anything changed.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute

from encryption.sealed import Sealed, sealed_values, wants_sealed

if TYPE_CHECKING:
    from encryption.fields import ProtectedMixin

_ASIDE = "_sealed_aside_"


class SealedAttribute(DeferredAttribute):
    """Opens on reading, and only then."""

    field: "ProtectedMixin"

    def __init__(self, field: "ProtectedMixin") -> None:
        super().__init__(field)
        self.name = field.attname
        self.aside = _ASIDE + field.attname

    def __get__(self, instance: Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        held = self.held(instance)
        if isinstance(held, Sealed) and not wants_sealed():
            return held.open(held.row if held.row is not None else self.field.row_of(instance))
        return held

    def __set__(self, instance: Model, value: Any) -> None:
        state = instance.__dict__
        if isinstance(value, Sealed):
            state.pop(self.aside, None)
        elif isinstance(state.get(self.name), Sealed):
            state[self.aside] = state[self.name]
        state[self.name] = value

    def __delete__(self, instance: Model) -> None:
        instance.__dict__.pop(self.aside, None)
        del instance.__dict__[self.name]

    def held(self, instance: Model) -> Any:
        """What the instance holds, unopened; a deferred value is loaded."""
        if self.name not in instance.__dict__:
            with sealed_values():
                return super().__get__(instance)
        return instance.__dict__[self.name]

    def loaded(self, instance: Model) -> Sealed | None:
        """The token that came from the database, whether or not a value was assigned since."""
        state = instance.__dict__
        held = state.get(self.aside, state.get(self.name))
        return held if isinstance(held, Sealed) else None
