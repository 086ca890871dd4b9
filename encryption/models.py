"""The base of every model with protected fields, and what the database remembers of the keys."""

import copy
from collections.abc import Collection
from typing import Any, NoReturn, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from encryption.errors import CannotOpen
from encryption.querysets import (
    ProtectedManager,
    ProtectedQuerySet,
    blind_indexes,
    protected_fields,
    seal_assigned,
)
from encryption.sealed import Sealed, sealed_values

__all__ = [
    "KeyCheck",
    "ProtectedManager",
    "ProtectedModel",
    "ProtectedQuerySet",
    "protected_fields",
]


class ProtectedModel(models.Model):
    """Sealed values stay sealed until they are read, and stay what they are until changed."""

    binds_rows = True  # See from_db(): a value without its row was not loaded with this instance.

    objects = ProtectedManager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any
    ) -> Self:
        instance = super().from_db(db, field_names, values, **kwargs)
        state = instance.__dict__
        # A value belongs to the row it came from, whatever key the instance is given later.
        for field in protected_fields(cls):
            held = state.get(field.attname)
            if isinstance(held, Sealed):
                held.row = state.get(field.bound_to)
        for index in blind_indexes(cls):
            if index.source in state:
                index.mark_fresh(instance)
        return instance

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        with sealed_values():
            super().refresh_from_db(*args, **kwargs)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """What is saved of a protected field is saved of its index too."""
        seal_assigned(self, kwargs.get("update_fields"))
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = frozenset(
                [*kwargs["update_fields"], *self._stale_indexes(kwargs["update_fields"])]
            )
        super().save_base(*args, **kwargs)

    def _stale_indexes(self, names: Collection[str]) -> list[str]:
        """Indexes of these fields that do not fit what the instance now holds."""
        return [
            index.name
            for index in blind_indexes(type(self))
            if index.source in names and not index.is_fresh(self)
        ]

    def clean_fields(self, exclude: Any = None) -> None:
        """A value that does not open is not validated: it stays as it is."""
        super().clean_fields(exclude=set(exclude or ()) | self.unopenable_fields())

    def unopenable_fields(self) -> set[str]:
        """Names of the protected fields whose stored value cannot be opened."""
        names = set()
        for field in protected_fields(type(self)):
            try:
                getattr(self, field.attname)
            except CannotOpen:
                names.add(field.name)
        return names

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__getstate__())
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        twin.__dict__.update(copy.deepcopy(self.__getstate__(), memo))
        return twin

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self._meta.label} holds protected values and is never pickled: pass its key."
        )


class KeyCheck(models.Model):
    """A key that data of this database was sealed with, and the value that proves it is that key.

    With it the program refuses to start with a ring that does not fit the database.
    """

    history_exempt = "written once for each key, never changed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key_id = models.CharField(_("key id"), max_length=8, unique=True)
    use = models.CharField(_("use"), max_length=5)
    check_value = models.CharField(_("check value"), max_length=16)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("key check")
        verbose_name_plural = _("key checks")
        ordering = ["key_id"]

    def __str__(self) -> str:
        return self.key_id
