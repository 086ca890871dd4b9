"""The history of what belongs to an object: its contact points, addresses, visits, also of those
that are gone.

Rows of these have no page of their own; their history is reached from the object's, and a version
of one is put back from there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import models, router, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.admin.history_page import STEPS_PER_PAGE
from audit.admin.put_back import Place, PutBackPage
from audit.changes import Row, Step, Wording, steps, told_fields
from audit.models import AuditedModel
from audit.recording import DELETED, history_model
from audit.versions import PERMISSION, restorable, url_of_restore
from staff.pages import own_page


@dataclass(frozen=True)
class Told:
    """One step of one row."""

    name: str
    step: Step
    put_back_url: str


class BelongingsPage(PutBackPage):
    """Part of AuditedAdmin. `belongings` names the relations, as `contact_points`."""

    belongings: tuple[str, ...] = ()
    belongings_template = "audit/belongings.html"

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        door = self.admin_site.admin_view
        start = "<path:object_id>/history/of/<slug:relation>/"
        return [
            path(start, door(self.belongings_view), name=f"{name}_history_of"),
            path(
                f"{start}<uuid:key>/<uuid:version>/put-back/",
                door(self.put_back_of_view),
                name=f"{name}_put_back_of",
            ),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        parts = self.parts_with_history(request, unquote(object_id))
        extra = {"parts": parts, **(extra_context or {})}
        return super().history_view(request, object_id, extra)

    def parts_with_history(
        self, request: HttpRequest, object_id: Any, chosen: str = ""
    ) -> list[dict[str, Any]]:
        """Links to the histories of what belongs to the object, as far as this person may."""
        if not self.belongings:
            return []
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_history_of"
        own = {
            "label": str(capfirst(self.opts.verbose_name)),
            "url": self.history_url(object_id),
            "current": not chosen,
        }
        return [own] + [
            {
                "label": str(capfirst(field.model._meta.verbose_name_plural)),
                "url": reverse(name, args=[object_id, relation]),
                "current": relation == chosen,
            }
            for relation in self.belongings
            if (field := self._field_of(relation)) and _may(request, "view", field.model)
        ]

    def belongings_view(self, request: HttpRequest, object_id: str, relation: str) -> HttpResponse:
        obj, key = self._object_with_history(request, unquote(object_id))
        field = self._allowed_field(request, relation, "view")
        rows = history_model(field.model).objects.filter(**{field.attname: key})
        rows = rows.order_by("-history_date", "-history_id")
        page = Paginator(rows.values(), STEPS_PER_PAGE).get_page(request.GET.get(PAGE_VAR))
        context = {
            "object": obj,
            "told": self._told(request, field, list(page.object_list)),
            "parts": self.parts_with_history(request, key, relation),
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "pagination_required": page.paginator.num_pages > 1,
        }
        title = _("History: %s") % (obj if obj is not None else self.opts.verbose_name)
        return own_page(self, request, self.belongings_template, title, context)

    def put_back_of_view(
        self, request: HttpRequest, object_id: str, relation: str, key: UUID, version: UUID
    ) -> HttpResponse:
        if request.method == "POST":
            # One transaction from the look at the owner to the deed; reading takes no lock.
            with transaction.atomic(using=router.db_for_write(self.model)):
                return self._put_back_of(request, object_id, relation, key, version)
        return self._put_back_of(request, object_id, relation, key, version)

    def _put_back_of(
        self, request: HttpRequest, object_id: str, relation: str, key: UUID, version: UUID
    ) -> HttpResponse:
        obj, owner = self._object_with_history(request, unquote(object_id))
        field = self._allowed_field(request, relation, "change")
        if obj is None or not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        row = field.model._base_manager.filter(pk=key, **{field.attname: owner}).first()
        if not isinstance(row, AuditedModel):
            raise Http404(_("What was deleted is not put back from its history."))
        change = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        history = f"{change.removesuffix('_change')}_history_of"
        place = Place(
            fields=[one for one in restorable(field.model) if one is not field],
            page_name=f"{obj}: {row}",
            page_url=reverse(change, args=[owner]),
            history_url=reverse(history, args=[owner, relation]),
        )
        return self.decide_on_version(request, row, version, place)

    # How -----------------------------------------------------------------------------------------

    def _field_of(self, relation: str) -> Any:
        """The foreign key behind the name of a relation; None if there is none with history."""
        try:
            field: Any = self.opts.get_field(relation).remote_field
        except FieldDoesNotExist:
            return None
        return field if issubclass(field.model, AuditedModel) else None

    def _allowed_field(self, request: HttpRequest, relation: str, action: str) -> Any:
        field = self._field_of(relation) if relation in self.belongings else None
        if field is None:
            raise Http404
        if not _may(request, action, field.model):
            raise PermissionDenied
        return field

    def _told(self, request: HttpRequest, field: Any, rows: list[Row]) -> list[Told]:
        """These rows against the ones before them; four queries, however many rows."""
        model = field.model
        whole = _with_earlier(model, rows)
        shown = [one for one in told_fields(model) if one is not field]
        everything = [row for trail in whole.values() for row in trail]
        # Names of related objects are looked up once; each row has its own key for its values.
        names = Wording(shown, everything, None)
        live = {row.pk: row for row in model._base_manager.filter(pk__in=whole)}
        may = request.user.has_perm(PERMISSION) and _may(request, "change", model)
        told = []
        for row in rows:
            key = row[model._meta.pk.attname]
            trail = whole[key]
            place = next(n for n, one in enumerate(trail) if one["history_id"] == row["history_id"])
            older = trail[place + 1] if place + 1 < len(trail) else None
            obj = live.get(key)
            offered = may and obj is not None and place > 0 and row["history_type"] != DELETED
            told.append(
                Told(
                    name=str(obj or _as_it_was(model, row)),
                    step=steps([row], older, names.for_key(key))[0],
                    put_back_url=url_of_restore(obj, row["history_id"]) if offered and obj else "",
                )
            )
        return told


def _may(request: HttpRequest, action: str, model: type[models.Model]) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def _with_earlier(model: type[models.Model], rows: list[Row]) -> dict[Any, list[Row]]:
    """All history rows of the objects that these are of, newest first, by their keys."""
    key = model._meta.pk.attname
    found = history_model(model).objects.filter(**{f"{key}__in": {row[key] for row in rows}})
    trails: dict[Any, list[Row]] = defaultdict(list)
    for row in found.order_by("-history_date", "-history_id").values():
        trails[row[key]].append(row)
    return trails


def _as_it_was(model: type[models.Model], row: Row) -> models.Model:
    names = {field.attname for field in model._meta.concrete_fields}
    return model(**{name: value for name, value in row.items() if name in names})
