"""The history of one object: newest first, in words, for whoever may see the object.

Replaces django-simple-history's two pages. Its list ignored which rows and fields somebody may
see; its form let people save who may only look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, quote, unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.changes import Wording, rows_of, steps, told_fields

if TYPE_CHECKING:
    _ModelAdmin = ModelAdmin[Any]
else:
    _ModelAdmin = ModelAdmin

STEPS_PER_PAGE = 50


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
        rows = rows_of(self.model, key)
        paginator = Paginator(rows, STEPS_PER_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR))
        # One more than is shown: the oldest step of a page is told against the row before it.
        start = (page.number - 1) * STEPS_PER_PAGE
        fetched = list(rows[start : start + STEPS_PER_PAGE + 1])
        on_page = fetched[:STEPS_PER_PAGE]
        older = fetched[STEPS_PER_PAGE] if len(fetched) > STEPS_PER_PAGE else None
        wording = Wording(self._told_fields(request, obj), fetched, key)
        name = str(obj) if obj is not None else _("deleted %s") % self.opts.verbose_name
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % name,
            "subtitle": None,
            "steps": steps(on_page, older, wording),
            "page_obj": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "pagination_required": paginator.num_pages > 1,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": obj,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template, context)

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
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(reverse(name, args=(quote(object_id),)))

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


def _not_found() -> NoReturn:
    raise Http404(_("There is no such object, or it is not yours to see."))
