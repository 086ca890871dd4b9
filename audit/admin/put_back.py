"""The page that puts an old version back: first what would change, then the deed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.admin.history_page import HistoryPage
from audit.admin.widgets import UnopenableWidget
from audit.changes import Row, Wording, as_uuid, differs, label_of, newest_version, rows_of
from audit.disclosure import EMPTY, is_protected, level, shown_value
from audit.models import AuditedModel
from audit.reasons import ReasonField
from audit.versions import (
    PERMISSION,
    CannotPutBack,
    ChangedMeanwhile,
    Difference,
    differences,
    problems,
    put_back,
    restorable,
    version_before,
    version_of,
)
from encryption.errors import CannotOpen
from encryption.sealed import Sealed
from staff.pages import own_page


class PutBackForm(forms.Form):
    """Why; which fields and since when stand beside it on the page."""

    reason = ReasonField(widget=forms.Textarea(attrs={"rows": 2}))


@dataclass(frozen=True)
class Line:
    """One field of the preview, as this person may see it."""

    name: str
    label: str
    now: str | Promise
    then: str | Promise
    same_mask: bool
    problems: Collection[str]
    ticked: bool


@dataclass(frozen=True)
class Place:
    """What may be put back of an object, and the pages it belongs to."""

    fields: list[Any]
    page_name: str
    page_url: str
    history_url: str


class PutBackPage(HistoryPage):
    """Part of AuditedAdmin: `<object>/history/<version>/put-back/`."""

    put_back_template = "audit/put_back.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.put_back_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_put_back"
        return [
            path("<path:object_id>/history/<uuid:version>/put-back/", view, name=name),
            *super().get_urls(),
        ]

    def has_put_back_permission(self, request: HttpRequest, obj: Any) -> bool:
        """Whoever may change this object, and is trusted with old versions."""
        return request.user.has_perm(PERMISSION) and self.has_change_permission(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        may = obj is not None and self.has_put_back_permission(request, obj)
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_put_back"
        return super().history_view(
            request,
            object_id,
            {"put_back_url_name": name if may else "", **(extra_context or {})},
        )

    def put_back_view(self, request: HttpRequest, object_id: str, version: UUID) -> HttpResponse:
        if request.method == "POST":
            # One transaction from the look at the object to the deed (see get_object).
            with transaction.atomic(using=router.db_for_write(self.model)):
                return self._put_back_view(request, object_id, version)
        return self._put_back_view(request, object_id, version)

    def _put_back_view(self, request: HttpRequest, object_id: str, version: UUID) -> HttpResponse:
        obj, _key = self._object_with_history(request, unquote(object_id))
        if obj is None:
            text = _("What was deleted is not put back from its history.")
            messages.warning(request, text)
            return HttpResponseRedirect(self.history_url(object_id))
        if not isinstance(obj, AuditedModel) or not self.has_put_back_permission(request, obj):
            raise PermissionDenied
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        place = Place(
            fields=self.fields_to_put_back(request, obj),
            page_name=str(obj),
            page_url=reverse(name, args=[obj.pk]),
            history_url=self.history_url(obj.pk),
        )
        return self.decide_on_version(request, obj, version, place)

    def decide_on_version(
        self, request: HttpRequest, obj: AuditedModel, version: UUID, place: Place
    ) -> HttpResponse:
        """The preview, or what came of it. Whoever calls has asked for the permission."""
        if closed := obj.why_closed():
            messages.error(request, closed)
            return HttpResponseRedirect(place.history_url)
        undone = version_of(type(obj), obj.pk, version) if "undo" in request.GET else None
        row = version_before(type(obj), obj.pk, version) if undone else None
        row = row or version_of(type(obj), obj.pk, version)
        if row is None:
            raise Http404(_("There is no such version of this."))
        preview = _Preview(self, request, obj, row, undone, place)
        return preview.done() or preview.page()

    def fields_to_put_back(self, request: HttpRequest, obj: Any) -> list[Any]:
        """What this person may change in the form of this object, whether or not they see it."""
        form = self.get_form(request, obj, change=True)(instance=obj)
        names = {
            name
            for name, field in form.fields.items()
            if not field.disabled or isinstance(field.widget, UnopenableWidget)
        }
        return restorable(self.model, names)

    def tell_put_back(self, request: HttpRequest, obj: Any, names: list[str]) -> None:
        """Says what was done, and what about the result is odd though it may be true."""
        told = ngettext(
            "%(count)d field is as it was. The history tells of it.",
            "%(count)d fields are as they were. The history tells of it.",
            len(names),
        )
        messages.success(request, told % {"count": len(names)})
        oddities = getattr(obj, "contradictions", None)
        for text in oddities() if oddities is not None else ():
            messages.warning(request, text)


class _Preview:
    """One request for the page."""

    def __init__(
        self,
        admin: PutBackPage,
        request: HttpRequest,
        obj: AuditedModel,
        row: Row,
        undone: Row | None,
        place: Place,
    ) -> None:
        self.admin = admin
        self.request = request
        self.obj = obj
        self.row = row
        self.undone = undone
        # Before the values: a change between the two is then detected, not missed.
        self.newest = newest_version(type(obj), obj.pk)
        self.place = place
        self.found = differences(obj, row, place.fields)
        self.errors: dict[str, list[str]] = {}
        self.posted = request.method == "POST"
        self.form = PutBackForm(request.POST if self.posted else None)

    def done(self) -> HttpResponse | None:
        """None when there is still something to decide."""
        if not self.posted:
            return None
        allowed = {difference.field.name for difference in self.found}
        chosen = allowed & set(self.request.POST.getlist("fields"))
        if not allowed:
            messages.info(self.request, _("Nothing differs from this version any more."))
            return self._to_history()
        seen = as_uuid(self.request.POST.get("seen"))
        if seen is None or seen != self.newest:
            # Told before anything else: what is shown next is what stands there by now.
            self._told_of_change()
        elif self.form.is_valid():
            if chosen:
                return self._deed(chosen, seen)
            self.errors = {"": [_("Tick at least one field to put back.")]}
        return None

    def _deed(self, chosen: set[str], seen: UUID) -> HttpResponse | None:
        try:
            names = put_back(
                actor=self.request.user,  # type: ignore[arg-type]
                obj=self.obj,
                version=self.row["history_id"],
                fields=chosen,
                reason=self.form.cleaned_data["reason"],
                seen=seen,
            )
        except ChangedMeanwhile:
            self._told_of_change()
        except CannotPutBack as refused:
            self.errors = refused.errors
        else:
            stored = type(self.obj)._base_manager.get(pk=self.obj.pk)
            self.admin.tell_put_back(self.request, stored, names)
            return self._to_history()
        return None

    def _told_of_change(self) -> None:
        newest = rows_of(type(self.obj), self.obj.pk).first()
        told = _(
            "%(who)s changed this after you opened this page. Nothing was put back: look at what "
            "stands there now, then decide again."
        )
        who = newest["history_actor"] if newest is not None else _("Somebody")
        self.errors = {"": [told % {"who": who}]}

    def _to_history(self) -> HttpResponse:
        return HttpResponseRedirect(self.place.history_url)

    # The page ------------------------------------------------------------------------------------

    def page(self) -> HttpResponse:
        context = {
            "lines": self._lines(),  # fills the errors
            "version": self.row,
            "form": self.form,
            "whole_errors": self.errors.get("", []),
            "seen": self.newest,
            "place": self.place,
        }
        title = _("Put an old version back")
        return own_page(self.admin, self.request, self.admin.put_back_template, title, context)

    def _lines(self) -> list[Line]:
        if not self.posted:
            self.errors = problems(self.obj, self.row, [d.field.name for d in self.found])
        now_row = {d.field.attname: d.now for d in self.found}
        wording = Wording([d.field for d in self.found], [self.row, now_row], self.obj.pk)
        return [self._line(difference, wording) for difference in self.found]

    def _line(self, difference: Difference, wording: Wording) -> Line:
        field = difference.field
        now, then = (self._word(field, v, wording) for v in (difference.now, difference.then))
        told = self.errors.get(field.name, [])
        if self.posted:
            ticked = field.name in self.request.POST.getlist("fields")
        else:
            ticked = not told and self._wanted(field) and not _is_broken(difference.now, self.obj)
        return Line(
            name=field.name,
            label=label_of(field),
            now=now or EMPTY,
            then=then or EMPTY,
            same_mask=str(now) == str(then),
            problems=told,
            ticked=ticked,
        )

    def _word(self, field: Any, raw: Any, wording: Wording) -> str | Promise:
        if not is_protected(field):
            return wording.value(field, raw)
        allowed = level(self.request.user, type(self.obj), field.name, self.obj)
        return shown_value(field, raw, row=self.obj.pk, allowed=allowed)

    def _wanted(self, field: Any) -> bool:
        """Whether a field is ticked at first: all are, or those the step to be undone changed."""
        if self.undone is not None:
            return differs(field, self.row, self.undone, self.obj.pk)
        only = self.request.GET.get("field")
        return not only or only == field.name


def _is_broken(raw: Any, obj: AuditedModel) -> bool:
    """Whether what stands there now cannot be opened: nobody writes over it by default."""
    if not isinstance(raw, Sealed):
        return False
    try:
        raw.open(row=obj.pk)
    except CannotOpen:
        return True
    return False
