"""Rows of models, of apps above this one, that attach themselves by an attribute `timeline`."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.disclosure import shown
from customers.models import Customer
from customers.timeline.entries import Entry, Link, Looking, TimelineLine
from staff.models import User


def lines_of(user: User) -> list[tuple[Any, str]]:
    """The attached models this person may view, each with its foreign key to the customer."""
    found = []
    for relation in Customer._meta.related_objects:
        model: Any = relation.related_model
        line = getattr(model, "timeline", None)
        view = f"{model._meta.app_label}.view_{model._meta.model_name}"
        if isinstance(line, TimelineLine) and user.has_perm(view):
            found.append((model, relation.field.name))
    return found


def attached(looking: Looking) -> list[Entry]:
    """One query for each attached model."""
    entries = []
    for model, customer_field in lines_of(looking.user):
        if looking.only in ("", model._meta.label_lower):
            line: TimelineLine = model.timeline
            rows = model._base_manager.filter(**{customer_field: looking.customer})
            joined = [*line.select_related, *([line.who] if line.who else [])]
            if joined:
                rows = rows.select_related(*joined)
            for row in looking.narrow(rows, line.when, model._meta.pk.name):
                setattr(row, customer_field, looking.customer)
                entries.append(_entry(row, line, looking))
    return entries


def _entry(row: Any, line: TimelineLine, looking: Looking) -> Entry:
    meta = row._meta
    name = capfirst(meta.verbose_name)
    url = _page(row)
    return Entry(
        when=getattr(row, line.when),
        key=row.pk,
        kind=meta.label_lower,
        icon=line.icon,
        title=line.title(row) if line.title else f"{name}: {row}",
        text=shown(looking.user, row, line.text) if line.text else "",
        who=str(getattr(row, line.who) or "") if line.who else "",
        links=[Link(_("Open"), url)] if url else [],
    )


def _page(row: Any) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
