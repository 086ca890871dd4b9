"""Protected values in lists and on read-only pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import models
from django.utils.text import capfirst

from audit.context import current
from audit.disclosure import EMPTY, Level, level, protected_fields, shown


class Column:
    """A display callable for one protected field, for whoever looks at the page.

    In a class body: `masked_email = protected_column("email")`, then named in `list_display`.
    """

    def __init__(self, name: str, model: type[models.Model] | None, where: str, title: Any) -> None:
        self.name = self.__name__ = name
        self.model = model
        self.where = where
        if title is not None or model is not None:
            self.short_description = title or capfirst(
                protected_fields(model)[name].verbose_name  # type: ignore[arg-type]
            )
        else:
            self.short_description = capfirst(name.replace("_", " "))

    # Templates of inlines ask a read-only column for its name; asked so, they would call it.
    do_not_call_in_templates = True

    def __str__(self) -> str:
        return self.name

    def __call__(self, *args: Any) -> str:
        """Called with the object, or by Django as a method of the admin with the object last."""
        return shown(current().actor, args[-1], self.name, where=self.where) or EMPTY


def protected_column(
    name: str, *, model: type[models.Model] | None = None, where: str = "list", title: Any = None
) -> Column:
    """A column that shows the protected field `name` as the person looking may see it."""
    return _column(name, model, where, title)


@cache
def _column(name: str, model: type[models.Model] | None, where: str, title: Any) -> Column:
    return Column(name, model, where, title)


def worded_column(name: str, model: Any) -> Callable[[Any], str]:
    """A read-only field of a page that says in words what the field `name` holds as a code."""

    def column(obj: Any) -> str:
        code = getattr(obj, name)
        return str(model.worded[name](code)) if code else EMPTY

    column.__name__ = name
    column.short_description = capfirst(  # type: ignore[attr-defined]
        model._meta.get_field(name).verbose_name
    )
    return column


def columns_for(
    model: type[models.Model], names: Sequence[Any], user: Any, where: str
) -> list[Any]:
    """`list_display` with protected names replaced by columns, and hidden ones left out."""
    protected = protected_fields(model)
    return [
        protected_column(name, model=model, where=where) if name in protected else name
        for name in names
        if name not in protected or level(user, model, name, None, where) is not Level.HIDDEN
    ]
