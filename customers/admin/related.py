"""Tabs for what apps above attach to a customer: deals, tickets, consents, whatever they are.

Found through `_meta`, so that this app knows none of them: any model with a foreign key to
Customer that has a page in the admin which the person looking may open.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import (
    display_for_field,
    display_for_value,
    label_for_field,
    lookup_field,
)
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from customers.models import Customer

NEWEST = 20


@dataclass(frozen=True)
class RelatedTab:
    """The newest rows of one model, with the way to all of them."""

    slug: str
    label: str
    count: int
    url: str
    headers: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[Any]]] = field(default_factory=list)
    add_url: str = ""

    @property
    def more(self) -> bool:
        return self.count > len(self.rows)


def related_tabs(request: HttpRequest, customer: Customer, site: Any) -> list[RelatedTab]:
    """One tab for each model, in the order of their names; two queries each."""
    tabs = []
    for relation in Customer._meta.related_objects:
        model_admin = site._registry.get(relation.related_model)
        if model_admin is not None and _is_attached(relation, request, model_admin):
            tabs.append(_tab(request, customer, relation, model_admin))
    return sorted(tabs, key=lambda tab: tab.label.casefold())


def _is_attached(relation: Any, request: HttpRequest, model_admin: Any) -> bool:
    """Our own models have tabs of their own; a history is told on its page."""
    model = relation.related_model
    return (
        model._meta.app_label != Customer._meta.app_label
        and not hasattr(model, "history_date")
        and isinstance(relation.field, models.ForeignKey)
        and model_admin.has_view_permission(request)
    )


def _tab(request: HttpRequest, customer: Customer, relation: Any, model_admin: Any) -> RelatedTab:
    meta = relation.related_model._meta
    of_customer = model_admin.get_queryset(request).filter(**{relation.field.name: customer})
    columns = [name for name in model_admin.get_list_display(request) if name != "action_checkbox"]
    columns = [name for name in columns if name != relation.field.name]
    newest = of_customer.order_by("-pk")
    if select := _select_related(request, model_admin, columns):
        newest = newest.select_related(*select)
    name = f"admin:{meta.app_label}_{meta.model_name}"
    return RelatedTab(
        slug=f"{meta.app_label}-{meta.model_name}",
        label=str(capfirst(meta.verbose_name_plural)),
        count=of_customer.count(),
        url=f"{reverse(f'{name}_changelist')}?{relation.field.name}__id__exact={customer.pk}",
        headers=[_header(column, model_admin) for column in columns],
        rows=[
            (
                reverse(f"{name}_change", args=[row.pk]),
                [_cell(c, row, model_admin) for c in columns],
            )
            for row in newest[:NEWEST]
            if model_admin.has_view_permission(request, row)
        ],
        add_url=f"{reverse(f'{name}_add')}?{relation.field.name}={customer.pk}"
        if model_admin.has_add_permission(request)
        else "",
    )


def _select_related(request: HttpRequest, model_admin: Any, columns: list[Any]) -> list[str]:
    """The relations the columns show, as the list of the model itself would fetch them."""
    wanted = model_admin.get_list_select_related(request)
    if isinstance(wanted, list | tuple) and wanted:
        return list(wanted)
    names = {column for column in columns if isinstance(column, str)}
    return [
        one.name
        for one in model_admin.opts.get_fields()
        if one.name in names and isinstance(one, models.ForeignKey)
    ]


def _header(column: Any, model_admin: Any) -> str:
    label: Any = label_for_field(column, model_admin.model, model_admin)
    return str(capfirst(label))


def _cell(column: Any, row: Any, model_admin: Any) -> Any:
    """As the list of the model shows it; what belongs to a missing object is empty."""
    empty = model_admin.get_empty_value_display()
    try:
        of_model, attribute, value = lookup_field(column, row, model_admin)
    except ObjectDoesNotExist:
        return empty
    if of_model is None:
        boolean = getattr(attribute, "boolean", False)
        return display_for_value(value, getattr(attribute, "empty_value_display", empty), boolean)
    if isinstance(of_model.remote_field, models.ManyToOneRel):
        related = getattr(row, of_model.name)
        return empty if related is None else related
    return display_for_field(value, of_model, empty)
