"""The history of one object: newest first, in words, for whoever may see the object.

Replaces django-simple-history's two pages. Its list ignored which rows and fields somebody may
see; its form let people save who may only look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, quote, unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.changes import (
    Change,
    Row,
    Step,
    Wording,
    as_uuid,
    label_of,
    newest_version,
    rows_of,
    rows_of_field,
    steps,
    told_fields,
)
from audit.models import PutBack
from staff.pages import own_page

if TYPE_CHECKING:
    _ModelAdmin = ModelAdmin[Any]
else:
    _ModelAdmin = ModelAdmin

STEPS_PER_PAGE = 50
FIELD_VAR, COMPARE_VAR = "field", "compare"


@dataclass(frozen=True)
class Comparison:
    """What lies between two versions; `problem` says why there is none."""

    older: Step | None = None
    newer: Step | None = None
    changes: tuple[Change, ...] = ()
    problem: str = ""


class HistoryPage(_ModelAdmin):
    """Mix in before any ModelAdmin whose model keeps history.

    `history_fields` names fields the page tells of that stand in no fieldset.
    """

    object_history_template = "audit/object_history.html"
    history_fields: tuple[str, ...] = ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj, key = self._object_with_history(request, unquote(object_id))
        fields = self._told_fields(request, obj)
        chosen = next((f for f in fields if f.name == request.GET.get(FIELD_VAR)), None)
        page, told = self._steps(request, key, fields, chosen)
        name = str(obj) if obj is not None else _("deleted %s") % self.opts.verbose_name
        context = {
            "subtitle": None,
            "steps": told,
            "newest": newest_version(self.model, key),
            "copied_from": _copied_from(self.model, key, told),
            "fields": [{"name": field.name, "label": label_of(field)} for field in fields],
            "chosen_field": chosen.name if chosen is not None else "",
            "chosen_label": label_of(chosen) if chosen is not None else "",
            "comparison": self._comparison(request, key, fields),
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "pagination_required": page.paginator.num_pages > 1,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": obj,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        title = _("History: %s") % name
        return own_page(self, request, self.object_history_template, title, context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Going back to a version is no form to be posted: reading leads to the history."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        self._object_with_history(request, object_id)
        return HttpResponseRedirect(self.history_url(object_id))

    def history_url(self, object_id: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_history"
        return reverse(name, args=(quote(object_id),))

    def _steps(
        self, request: HttpRequest, key: Any, fields: list[Any], chosen: Any
    ) -> tuple[Page[Any], list[Step]]:
        """The page that was asked for and its steps; only those that changed `chosen` if given."""
        rows = rows_of(self.model, key)
        if chosen is None:
            paginator: Paginator[Any] = Paginator(rows, STEPS_PER_PAGE)
            page = paginator.get_page(request.GET.get(PAGE_VAR))
            # One more than is shown: the oldest step is told against the row before it.
            start = (page.number - 1) * STEPS_PER_PAGE
            fetched = list(rows[start : start + STEPS_PER_PAGE + 1])
            shown = fetched[:STEPS_PER_PAGE]
        else:
            # Between two rows that changed the field it is the same, so each such row is told
            # against the one that changed it before.
            found = rows_of_field(self.model, key, chosen)
            page = Paginator(found, STEPS_PER_PAGE).get_page(request.GET.get(PAGE_VAR))
            start = (page.number - 1) * STEPS_PER_PAGE
            wanted = found[start : start + STEPS_PER_PAGE + 1]
            fetched = list(rows.filter(history_id__in=wanted))
            shown, fields = fetched[:STEPS_PER_PAGE], [chosen]
        older = fetched[STEPS_PER_PAGE] if len(fetched) > STEPS_PER_PAGE else None
        return page, steps(shown, older, Wording(fields, fetched, key))

    def _comparison(self, request: HttpRequest, key: Any, fields: list[Any]) -> Comparison | None:
        asked = request.GET.getlist(COMPARE_VAR)
        if not asked:
            return None
        wanted = {as_uuid(text) for text in asked} - {None}
        rows: list[Row] = []
        if len(wanted) == len(asked) == 2:
            rows = list(rows_of(self.model, key).filter(history_id__in=wanted))
        if len(rows) != 2:
            return Comparison(problem=_("Tick two steps to compare what was there after each."))
        wording = Wording(fields, rows, key)
        newer, older = steps(rows, None, Wording((), rows, key))
        return Comparison(older, newer, tuple(wording.changes(rows[1], rows[0])))

    def _object_with_history(
        self, request: HttpRequest, object_id: str
    ) -> tuple[models.Model | None, Any]:
        """The object as this person may see it and its key; None for a deleted one."""
        obj = self.get_object(request, object_id)
        if obj is not None:
            if not self.has_view_or_change_permission(request, obj):
                raise PermissionDenied
            return obj, obj.pk
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return None, self._key_of_deleted(request, object_id)

    def _key_of_deleted(self, request: HttpRequest, object_id: str) -> Any:
        try:
            key = self.opts.pk.to_python(object_id)
        except ValidationError:
            _not_found()
        hidden = self.model._base_manager.filter(pk=key).exists()
        may = request.user.has_perm("audit.view_deleted_history")
        if hidden or not may or not rows_of(self.model, key).exists():
            _not_found()
        return key

    def _told_fields(self, request: HttpRequest, obj: models.Model | None) -> list[Any]:
        """The history tells of no field that the page of the object does not show."""
        names = {
            name
            for name in flatten_fieldsets(self.get_fieldsets(request, obj))
            if isinstance(name, str)
        }
        return told_fields(self.model, names | set(self.history_fields))


def _copied_from(model: type[models.Model], key: Any, told: list[Step]) -> dict[Any, Any]:
    """Of these steps, those that put an old version back, with the time of that version."""
    copies = dict(
        PutBack.objects.filter(history_id__in=[step.history_id for step in told]).values_list(
            "history_id", "version_id"
        )
    )
    if not copies:
        return {}
    moments = dict(
        rows_of(model, key)
        .filter(history_id__in=copies.values())
        .values_list("history_id", "history_date")
    )
    return {made: moments[version] for made, version in copies.items() if version in moments}


def _not_found() -> NoReturn:
    raise Http404(_("There is no such object, or it is not yours to see."))
