"""Queries over protected models: what the database cannot do with sealed values is refused.

Refused before anything is written, and never answered with rows that merely look right.
"""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import FieldError
from django.db import models

from encryption.blind_index import BlindIndexField
from encryption.protection import ProtectedMixin
from encryption.refusals import field_at, refuse_computing, refuse_ordering
from encryption.sealed import sealed_values

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)


@cache
def protected_fields(model: type[models.Model]) -> tuple[ProtectedMixin, ...]:
    """The protected fields of a model, in their order."""
    fields = model._meta.concrete_fields
    return tuple(field for field in fields if isinstance(field, ProtectedMixin))


@cache
def blind_indexes(model: type[models.Model]) -> tuple[BlindIndexField, ...]:
    """The blind index columns of a model."""
    fields = model._meta.concrete_fields
    return tuple(field for field in fields if isinstance(field, BlindIndexField))


def seal_assigned(instance: models.Model, names: Collection[str] | None = None) -> None:
    """Seals what was assigned, of these fields or of all that are loaded.

    Saving would do so too, but within its transaction: a value that is refused there has spoilt
    the transaction, here it has not.
    """
    for field in protected_fields(type(instance)):
        wanted = names is None or field.name in names or field.attname in names
        if wanted and field.attname in instance.__dict__:
            field.pre_save(instance, add=instance._state.adding)


def with_companions(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """These field names, and the blind indexes of those among them that have one."""
    names = list(names)
    companions = [index.name for index in blind_indexes(model) if index.source in names]
    return list(dict.fromkeys(names + companions))


def row_keys(model: type[models.Model]) -> set[str]:
    """Names of the attributes that sealed values of this model are bound to."""
    return {field.bound_to for field in protected_fields(model)}


class ProtectedQuerySet(models.QuerySet[ModelT]):
    """A query set that keeps sealed values, their rows and their indexes together."""

    # Writing -----------------------------------------------------------------------------------

    def update(self, **kwargs: Any) -> int:
        """Protected fields can only be emptied here; their indexes go with them."""
        for name, value in list(kwargs.items()):
            field = field_at(self.model, name)
            if isinstance(field, ProtectedMixin):
                if value is not None:
                    raise FieldError(
                        f"{field.context} is sealed for each row, so update() can only empty it "
                        "(None). Set it on instances and use save() or bulk_update()."
                    )
                kwargs |= dict.fromkeys(with_companions(self.model, [name]))
            elif isinstance(field, BlindIndexField):
                raise FieldError(f"{name} follows {field.source}: set that, and save().")
            elif field is not None and field.attname in row_keys(self.model):
                raise FieldError(
                    f"Sealed values of {self.model._meta.label} belong to their row's key: save "
                    "the instance under its new key instead of updating the key."
                )
        return super().update(**kwargs)

    def bulk_update(
        self, objs: Iterable[ModelT], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Django's own over sealed tokens, indexes included."""
        objs = tuple(objs)
        names = with_companions(self.model, fields)
        for name in names:
            field = self.model._meta.get_field(name)
            if isinstance(field, ProtectedMixin | BlindIndexField):
                for obj in objs:
                    field.pre_save(obj, add=False)
        # A plain query set of the same rows: a subclass may forbid update() to others.
        plain: models.QuerySet[Any] = models.QuerySet(
            self.model, query=self.query.chain(), using=self.db
        )
        with sealed_values():
            return plain.bulk_update(objs, names, batch_size)

    def bulk_create(
        self,
        objs: Iterable[ModelT],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[ModelT]:
        """An upsert of protected fields goes by the row's key, to which they are bound."""
        if update_conflicts and update_fields:
            update_fields = with_companions(self.model, update_fields)
            self._refuse_foreign_rows(update_fields, unique_fields or ())
        objs = list(objs)
        for obj in objs:
            seal_assigned(obj)
        return super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )

    def _refuse_foreign_rows(self, updated: Iterable[str], unique: Iterable[str]) -> None:
        keys = {field_at(self.model, name) for name in unique}
        for field in (field_at(self.model, name) for name in updated):
            if isinstance(field, ProtectedMixin) and keys != {field_at(self.model, field.bound_to)}:
                raise FieldError(
                    f"{field.context} is sealed for the key of the new row, which the existing "
                    "row does not have. Name the primary key in unique_fields, or find the "
                    "existing rows and use bulk_update()."
                )

    # Reading -----------------------------------------------------------------------------------

    def _filter_or_exclude_inplace(self, negate: bool, args: Any, kwargs: Any) -> None:
        super()._filter_or_exclude_inplace(negate, args, kwargs)  # type: ignore[misc]
        # `self.query` would apply a deferred filter (of a related manager) once more, for ever.
        refuse_computing(self._query.where)  # type: ignore[attr-defined]

    def order_by(self, *field_names: Any) -> "ProtectedQuerySet[ModelT]":
        refuse_ordering(self.model, field_names)
        return super().order_by(*field_names)

    def latest(self, *fields: Any) -> Any:
        refuse_ordering(self.model, fields)
        return super().latest(*fields)

    def earliest(self, *fields: Any) -> Any:
        refuse_ordering(self.model, fields)
        return super().earliest(*fields)

    def distinct(self, *field_names: Any) -> "ProtectedQuerySet[ModelT]":
        refuse_ordering(self.model, field_names)
        return super().distinct(*field_names)

    def annotate(self, *args: Any, **kwargs: Any) -> Any:
        return self._computed(super().annotate(*args, **kwargs))

    def alias(self, *args: Any, **kwargs: Any) -> Any:
        return self._computed(super().alias(*args, **kwargs))

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        query = self.query.chain()
        for expression in [*args, *kwargs.values()]:
            if hasattr(expression, "resolve_expression"):
                refuse_computing(expression.resolve_expression(query, allow_joins=True))
        return super().aggregate(*args, **kwargs)

    def _computed(self, made: Any) -> Any:
        for annotation in made.query.annotations.values():
            refuse_computing(annotation)
        if isinstance(made.query.group_by, tuple):
            for column in made.query.group_by:
                refuse_computing(column, within=True)
        return made


ProtectedManager = models.Manager.from_queryset(ProtectedQuerySet, "ProtectedManager")
