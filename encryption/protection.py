"""What every protected field shares: sealed on the way in, closed on the way out.

It stands before the stock mixin in the order of bases and replaces its crypto, which reads user
input as tokens, swallows a wrong key and stores the text of SQL expressions
(docs/decisions/0001). Types, form fields, widgets and migrations stay the stock package's.
"""

from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Case, Field, Model, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from encrypted_model_fields import fields as stock

from encryption import cipher, legacy
from encryption.attribute import SealedAttribute
from encryption.classes import DataClass
from encryption.errors import CannotOpen
from encryption.lookups import lookup_of
from encryption.masks import MASKS
from encryption.sealed import Sealed, takes_tokens


class ProtectedMixin(stock.EncryptedMixin):
    """See the module. Extra arguments:

    context: the column's name in the cipher, `app.model.field` unless given; it never changes.
    data_class, mask: what the value is and how it is shown to those who may not see it. They are
        no part of the schema, so migrations do not carry them.
    bound_to: attribute that holds the key of the row a value belongs to; a history row's is the
        key of the original.
    """

    descriptor_class = SealedAttribute

    def __init__(
        self,
        *args: Any,
        context: str | None = None,
        data_class: DataClass | None = None,
        mask: str = "full",
        bound_to: str | None = None,
        **kwargs: Any,
    ) -> None:
        if mask not in MASKS:
            raise ValueError(f"There is no mask {mask!r}: use one of {sorted(MASKS)}.")
        self._context = context
        self.has_explicit_context = context is not None
        self.data_class = data_class
        self.mask = mask
        self._bound_to = bound_to
        self._home: type[Model] | None = None
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[Model], name: str, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        if cls._meta.abstract:
            return
        # A history model gets a copy of this field: context and home stay the original's.
        self._context = self._context or f"{cls._meta.label_lower}.{name}"
        self._home = self._home or cls

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.max_length is not None:
            kwargs["max_length"] = self.max_length
        if self._context is not None:
            kwargs["context"] = self._context
        if self._home is not None or self._bound_to is not None:
            kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    # Its place ---------------------------------------------------------------------------------

    @property
    def context(self) -> str:
        return self._context or self.name

    @cached_property
    def bound_to(self) -> str:
        """Attribute of the instance that holds the key of the row its value belongs to."""
        return self._bound_to or self.home._meta.pk.attname

    @property
    def home(self) -> type[Model]:
        """The model the field was declared on; of a history model's copy, the original."""
        return cast(type[Model], self._home)

    @cached_property
    def row_field(self) -> "Field[Any, Any]":
        """The field that holds the key of the row."""
        fields = self.home._meta.concrete_fields
        return next(field for field in fields if field.attname == self.bound_to)

    def row_of(self, instance: Model) -> Any:
        """The key of the row that a value of this instance belongs to; None if not yet known."""
        return getattr(instance, self.bound_to)

    def row_text(self, row: Any) -> str:
        """One spelling of a row's key, whatever type it was given in."""
        if type(row) is not UUID:
            row = self.row_field.to_python(row)
        return str(row)

    # Opening -----------------------------------------------------------------------------------

    def from_db_value(self, value: str | None, *args: Any) -> Sealed | None:
        return None if value is None else Sealed(value, self)

    def open_sealed(self, token: str, row: Any) -> Any:
        """The value of a token in this row. Raises CannotOpen."""
        text_row = self.row_text(row)
        opens = legacy.open_fernet if legacy.accepts_fernet(token) else cipher.open_token
        text = opens(token, context=self.context, row=text_row)
        try:
            return self.load_text(text)
        except ValueError:
            raise CannotOpen(
                self.context, row=text_row, detail=f"no {type(self).__name__} holds this"
            ) from None

    # Input -------------------------------------------------------------------------------------

    def to_python(self, value: Any) -> Any:
        """Converts input. Never opens it: a token in a form would be a way to have it opened."""
        if value is None or isinstance(value, Sealed):
            return value
        if isinstance(value, str):
            if takes_tokens() and cipher.is_token(value):
                return Sealed(value, self)
            refuse_unsealable(value)
        try:
            converted = super(stock.EncryptedMixin, self).to_python(value)
        except ValidationError as error:
            # Django's message quotes the value, and messages of exceptions are logged.
            says = _("This is no valid value. Enter one like those in the other records.")
            raise ValidationError(says, code=error.code) from None
        if converted is not value and isinstance(converted, str):
            refuse_unsealable(converted)
        return converted

    # Sealing -----------------------------------------------------------------------------------

    def pre_save(self, instance: Model, add: bool) -> Sealed | None:
        """The token to store, which the instance then holds too. An equal value keeps its token."""
        if getattr(self, "auto_now", False) or (add and getattr(self, "auto_now_add", False)):
            super().pre_save(instance, add)
        attribute: SealedAttribute = getattr(type(instance), self.attname)
        held = attribute.held(instance)
        if held is None or (isinstance(held, Sealed) and held.is_of(self, self.row_of(instance))):
            return held  # The common case, kept short: nothing was assigned.
        sealed = self._sealed(held, attribute.loaded(instance), instance)
        if sealed is not held:
            setattr(instance, self.attname, sealed)
        return sealed

    def _sealed(self, value: Any, loaded: Sealed | None, instance: Model) -> Sealed | None:
        if value == "":
            return None
        row = self.row_of(instance)
        if row is None:
            raise FieldError(
                f"{self.context} is sealed for its row, and the row has no key before it is "
                "inserted. Give the model a UUID primary key with a default."
            )
        if isinstance(value, Sealed):
            if self._belongs(value, row):
                if value.row is None and getattr(instance, "binds_rows", False):
                    value.open(row)  # It came from elsewhere; what does not open is not written.
                value.row = row
                return value
            value = value.open()
        value = self.prepared(value)
        text = self.dump_text(value)
        if loaded is not None and self._belongs(loaded, row) and self._holds(loaded, text, row):
            return loaded
        token = cipher.seal(text, context=self.context, row=self.row_text(row))
        return Sealed(token, self, row).known(value)

    def _holds(self, sealed: Sealed, text: str, row: Any) -> bool:
        # As text: Python finds no moment of an hour that clocks repeat equal to itself in UTC.
        try:
            return self.dump_text(sealed.open(row)) == text
        except CannotOpen:
            return False

    def _belongs(self, sealed: Sealed, row: Any) -> bool:
        return sealed.context == self.context and (
            sealed.row is None
            or sealed.row == row
            or self.row_text(sealed.row) == self.row_text(row)
        )

    def prepared(self, value: Any) -> Any:
        """An assigned value as its Python type. ValidationError without quoting it."""
        if hasattr(value, "resolve_expression"):
            raise FieldError(
                f"{self.context} is sealed before it reaches the database, so a database "
                "expression cannot be saved to it. Compute the value in Python."
            )
        return self.to_python(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Only what was sealed for its row reaches the database."""
        if value is None:
            return None
        if isinstance(value, Sealed) and value.context == self.context:
            return value.token
        if hasattr(value, "as_sql") and holds_only_sealed(value, self):
            return value
        raise FieldError(
            f"{self.context} cannot be written this way: a value is sealed for one row. Set it on "
            "instances and use save(), bulk_create() or bulk_update()."
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        raise FieldError(
            f"{self.context} is stored sealed and cannot be compared in the database. "
            "Use exact, in or isnull."
        )

    def value_to_string(self, obj: Model) -> str:
        """Serializers write the token, never the value."""
        sealed = self.pre_save(obj, add=False)
        return "" if sealed is None else sealed.token

    # Look-ups ----------------------------------------------------------------------------------

    def get_lookup(self, lookup_name: str) -> Any:
        return lookup_of(self, lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(
            f"{self.context} is stored sealed: the database cannot compute `{lookup_name}` of it. "
            "Use exact, in or isnull, or open the values and compute in Python."
        )

    # Each type's text --------------------------------------------------------------------------

    def dump_text(self, value: Any) -> str:
        """The text that is sealed. It never changes for a type: stored values must open."""
        return str(value)

    def load_text(self, text: str) -> Any:
        """The value of a sealed text. ValueError if it is none of this type."""
        return text


def refuse_unsealable(text: str) -> None:
    """ValidationError for a token, which is no input, and for what UTF-8 cannot carry."""
    if cipher.is_token(text.strip()):
        raise ValidationError(
            _("This is a sealed value copied from the database. Enter the value itself."),
            code="sealed_token",
        )
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValidationError(
                _("This text holds half a character. Delete it and type the text again."),
                code="lone_surrogate",
            ) from None


def holds_only_sealed(expression: Any, field: ProtectedMixin) -> bool:
    """Whether this is bulk_update()'s CASE over tokens of this field, and nothing else."""
    if isinstance(expression, Cast):
        return holds_only_sealed(expression.source_expressions[0], field)
    if isinstance(expression, Case):
        branches = [*expression.cases, expression.default]
        return all(holds_only_sealed(branch, field) for branch in branches)
    if isinstance(expression, When):
        return holds_only_sealed(expression.result, field)
    if not isinstance(expression, Value):
        return False
    value = expression.value
    return value is None or (isinstance(value, Sealed) and value.context == field.context)
