"""System checks of the admin: it must not search, filter or sort by what is sealed."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import all_sites
from django.core.checks import CheckMessage, Error, Tags, register

from encryption.protection import ProtectedMixin
from encryption.refusals import field_at


@register(Tags.admin)
def check_registered_admins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every ModelAdmin of every site."""
    return [
        message
        for site in all_sites
        for registered in site._registry.values()
        for message in _of_admin(registered)
    ]


def _of_admin(registered: "ModelAdmin[Any]") -> Iterator[CheckMessage]:
    name: Any
    for name in registered.search_fields or ():
        if _is_protected(registered, name.lstrip("^=@")):
            yield _error(
                2, "search_fields", name, "answer exact matches in get_search_results()", registered
            )
    for entry in registered.list_filter or ():
        name = entry[0] if isinstance(entry, list | tuple) else entry
        if isinstance(name, str) and _is_protected(registered, name):
            yield _error(
                3, "list_filter", name, "filter by whether it is empty, with isnull", registered
            )
    for name in registered.ordering or ():
        if isinstance(name, str) and _is_protected(registered, name.lstrip("-")):
            yield _error(1, "ordering", name, "order by another field", registered)


def _is_protected(registered: "ModelAdmin[Any]", path: str) -> bool:
    return isinstance(field_at(registered.model, path), ProtectedMixin)


def _error(number: int, option: str, name: str, instead: str, obj: Any) -> Error:
    return Error(
        f"{option} names `{name}`, which is sealed: the database cannot answer that.",
        hint=f"Take it out; {instead}.",
        obj=obj,
        id=f"encryption.E{number:03d}",
    )
