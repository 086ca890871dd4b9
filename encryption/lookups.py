"""The three questions a sealed column answers: is it empty, is it this value, is it one of these.

The last two are asked of the companion index column, so the database uses its index. The value
becomes its digest when the query is built: neither the query nor its SQL ever holds it. An index
has 128 bits; two values that share one are not to be expected in this universe's lifetime, so
the rows found are not compared again.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet, FieldError
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull, Lookup

if TYPE_CHECKING:
    from encryption.blind_index import BlindIndexField
    from encryption.protection import ProtectedMixin


class _BlindLookup(Lookup):
    """Compares the companion index column with the digests of what is looked for."""

    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if not isinstance(lhs, Col):
            raise FieldError("A sealed value can be looked up only in its own column.")
        self.index = companion_of(lhs.target)
        super().__init__(lhs, rhs)

    def digests_of(self, value: Any) -> tuple[bytes, ...]:
        """One digest for each index key in use."""
        field = self.index.source_field
        if hasattr(value, "resolve_expression") or hasattr(value, "_prepare_as_filter_value"):
            raise FieldError(
                f"{field.context} is stored sealed: it can be compared with values, not with "
                "columns, expressions or subqueries. Open the values and pass them."
            )
        if value == "":
            raise FieldError(f"{field.context}: empty is stored as NULL; use __isnull=True.")
        digests = self.index.digests(value)
        if not digests:
            raise FieldError(
                f"{field.context}: nothing is left of this value in its normal form "
                f"{self.index.normal_form}; look for another, or use __isnull=True."
            )
        return digests

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        column, params = compiler.compile(Col(self.lhs.alias, self.index))
        values = [self.index.get_db_prep_value(digest, connection) for digest in self.rhs]
        if len(values) == 1:
            return f"{column} = %s", (*params, *values)
        return f"{column} IN ({', '.join(['%s'] * len(values))})", (*params, *values)


class BlindExact(_BlindLookup):
    lookup_name = "exact"

    def get_prep_lookup(self) -> Any:
        # Django turns a comparison with None into isnull.
        return None if self.rhs is None else self.digests_of(self.rhs)


class BlindIn(_BlindLookup):
    lookup_name = "in"

    def get_prep_lookup(self) -> Any:
        if hasattr(self.rhs, "resolve_expression") or isinstance(self.rhs, str | bytes):
            self.digests_of(self.rhs)
            raise FieldError(f"{self.index.source_field.context}__in takes a list of values.")
        values: Iterable[Any] = [value for value in self.rhs if value is not None]
        digests = [digest for value in values for digest in self.digests_of(value)]
        return tuple(dict.fromkeys(digests))


def lookup_of(field: "ProtectedMixin", name: str) -> "type[Lookup[Any]]":
    """The look-up of this name on a sealed column, or FieldError saying what to do."""
    if name == "isnull":
        return IsNull
    if name == "exact":
        return BlindExact
    if name == "in":
        return BlindIn
    raise FieldError(
        f"{field.context} is stored sealed: the database cannot answer `{name}`. "
        "Use exact, in or isnull, or open the values and compare in Python."
    )


def companion_of(field: Any) -> "BlindIndexField":
    """The blind index column of a protected field."""
    from encryption.blind_index import BlindIndexField

    for candidate in field.model._meta.concrete_fields:
        if isinstance(candidate, BlindIndexField) and candidate.source == field.name:
            return candidate
    raise FieldError(
        f"{field.context} has no blind index in {field.model._meta.label}, so it cannot be looked "
        f'up by its value. Declare one beside it: BlindIndexField("{field.name}", normal_form=…).'
    )
