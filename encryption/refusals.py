"""Finds in a query what would compute with sealed values. It would give rubbish: it is refused."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.expressions import Col, F, OrderBy, Subquery
from django.db.models.lookups import IsNull

from encryption.lookups import BlindExact, BlindIn
from encryption.protection import ProtectedMixin

_ANSWERABLE = (IsNull, BlindExact, BlindIn, Subquery)


def refuse_computing(expression: Any, *, within: bool = False) -> None:
    """FieldError if a sealed column is anywhere inside this expression or condition."""
    if isinstance(expression, Col):
        if within and isinstance(expression.target, ProtectedMixin):
            raise FieldError(
                f"{expression.target.context} is stored sealed: the database cannot compute with "
                "it. Use exact, in or isnull, or open the values and compute in Python."
            )
        return
    if isinstance(expression, _ANSWERABLE) or not hasattr(expression, "get_source_expressions"):
        return
    if isinstance(expression, models.Count) and not getattr(expression, "distinct", False):
        return
    for part in expression.get_source_expressions():
        refuse_computing(part, within=True)


def refuse_ordering(model: type[models.Model], terms: tuple[Any, ...]) -> None:
    """FieldError if one of these ordering terms is a sealed column: its order is random."""
    for term in terms:
        while isinstance(term, OrderBy):
            term = term.expression
        name = getattr(term, "name", None) if isinstance(term, F) else term
        field = field_at(model, name.lstrip("-+")) if isinstance(name, str) else None
        if isinstance(field, ProtectedMixin):
            raise FieldError(
                f"{field.context} is stored sealed and has no order in the database. "
                "Order by another field, or open a small number of rows and sort them in Python."
            )


def field_at(model: type[models.Model], path: str) -> Any:
    """The field at the end of a path such as ``customer__email``; None if there is none."""
    at: Any = model
    field: Any = None
    for name in path.split("__"):
        if at is None:
            return field if isinstance(field, ProtectedMixin) else None
        try:
            field = at._meta.pk if name == "pk" else at._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        at = field.related_model
    return field
