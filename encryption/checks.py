"""System checks: what a protected field cannot do is found before it is tried.

Numbers never change their meaning. E10x are the start-up problems (encryption.startup).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db.models import CharField, Model, TextField
from django.db.models.fields import AutoFieldMixin

from encryption.blind_index import BlindIndexField
from encryption.models import ProtectedModel
from encryption.protection import ProtectedMixin
from encryption.refusals import field_at


@register(Tags.models)
def check_protected_models(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every model with a protected field, history models included."""
    found: list[CheckMessage] = []
    homes: dict[str, ProtectedMixin] = {}
    for model in apps.get_models():
        protected = [f for f in model._meta.local_fields if isinstance(f, ProtectedMixin)]
        indexes = [f for f in model._meta.local_fields if isinstance(f, BlindIndexField)]
        if protected or indexes:
            found += _of_model(model, bool(indexes))
        for field in protected:
            found += _of_field(field)
            first = homes.setdefault(field.context, field)
            if first.home is not field.home or first.name != field.name:
                other = f"{first.model._meta.label}.{first.name}"
                found.append(
                    _error(12, f"has the context of {other}: values could be swapped.", field)
                )
        for index in indexes:
            if not isinstance(field_at(model, index.source), ProtectedMixin):
                found.append(_error(9, f"`{index.source}` is no protected field.", index))
    return found


def _of_model(model: type[Model], has_indexes: bool) -> Iterator[CheckMessage]:
    meta = model._meta
    for term in meta.ordering or ():
        if isinstance(term, str) and isinstance(field_at(model, term.lstrip("-")), ProtectedMixin):
            yield _error(1, f"is ordered by `{term}`, which is sealed and has no order.", model)
    groups = [(group, "unique_together") for group in meta.unique_together]
    groups += [(tuple(index.fields), f"index {index.name}") for index in meta.indexes]
    for constraint in meta.constraints:
        fields = tuple(getattr(constraint, "fields", ()))
        groups.append((tuple(name.lstrip("-") for name in fields), constraint.name))
    for names, what in groups:
        for name in names:
            if isinstance(field_at(model, name.lstrip("-")), ProtectedMixin):
                yield _error(
                    5,
                    f"{what} names `{name}`, whose tokens always differ: use its blind index.",
                    model,
                )
    if has_indexes and not issubclass(model, ProtectedModel):
        yield _error(7, "has a blind index, which ProtectedModel keeps fresh: inherit it.", model)


def _of_field(field: ProtectedMixin) -> Iterator[CheckMessage]:
    if field.unique or field.db_index:
        yield _error(
            4, "is sealed anew each time: declare unique or db_index on its blind index.", field
        )
    if field.has_db_default():
        yield _error(11, "has a db_default, which would stand unsealed: use default.", field)
    if isinstance(field, CharField | TextField) and field.blank and not field.null:
        yield _error(10, "stores empty as NULL: blank=True needs null=True.", field)
    if isinstance(field.row_field, AutoFieldMixin):
        yield _error(
            8,
            "is bound to a key the database gives only when the row is inserted: use a "
            "UUIDField with a default as the primary key.",
            field,
        )
    if not field.has_explicit_context:
        yield Warning(
            "has no explicit context: renaming its model or field would leave values unopenable.",
            hint=f'Add context="{field.context}".',
            obj=field,
            id="encryption.W006",
        )


@register(Tags.security, deploy=True)
def check_ring_apart_from_data(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Who copies the data directory should not get the keys with it."""
    data = Path(settings.DATA_DIR).resolve()
    if settings.CRM_KEY_RING_JSON or not Path(settings.CRM_KEY_RING).resolve().is_relative_to(data):
        return []
    return [
        Warning(
            "The key ring lies in the data directory, so a copy of one is a copy of both.",
            hint="Move it to a directory of its own and set CRM_KEY_RING.",
            id="encryption.W013",
        )
    ]


def _error(number: int, message: str, obj: Any) -> Error:
    return Error(message, obj=obj, id=f"encryption.E{number:03d}")
