"""AuditedAdmin: history, disclosure and concurrent edits for every model page."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.db import connections, models, router
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from audit.admin.belongings import BelongingsPage
from audit.admin.columns import columns_for, protected_column, worded_column
from audit.admin.forms import DisclosingForm, disclosing
from audit.admin.inlines import DisclosingInline, MergingFormSet
from audit.admin.merging import Meanwhile
from audit.changes import newest_version
from audit.disclosure import Level, level, protected_fields
from encryption.fields import BlindIndexField, ProtectedMixin

# Hidden inputs of the change form: the version it was rendered from, and the version the person
# was told of when a conflict was shown.
SEEN, TOLD = "_seen_version", "_told_version"


class AuditedAdmin(BelongingsPage, SimpleHistoryAdmin, ModelAdmin):
    """Base of all our ModelAdmins.

    Protected fields may be named in `list_display`, `fieldsets` and `readonly_fields` like any
    other; they are shown as the disclosure matrix says.
    """

    def __init__(self, model: type[models.Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if self.list_editable:
            raise ImproperlyConfigured(
                f"{type(self).__name__}: an editable list overwrites what others changed "
                "meanwhile. Use the change form or an action."
            )

    # Lists -------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return columns_for(self.model, super().get_list_display(request), request.user, "list")

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """A protected value is never looked for in a URL, which logs and browsers keep."""
        if _touches_protected(self.model, lookup):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def get_preserved_filters(self, request: HttpRequest) -> str:
        """What was searched for is not carried from page to page: it may be somebody's e-mail."""
        filters = super().get_preserved_filters(request)
        if not filters or not protected_fields(self.model):
            return str(filters)
        name, carried = parse_qsl(filters)[0]
        kept = [(key, value) for key, value in parse_qsl(carried) if key != SEARCH_VAR]
        return urlencode({name: urlencode(kept)}) if kept else ""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        protected = protected_fields(self.model)
        return {name: value for name, value in initial.items() if name not in protected}

    # The form ----------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is not None and request.method != "POST":
            # Read before the object: a change between the two is then merged, not missed.
            version = self._newest_version(unquote(object_id))
            extra_context = {**(extra_context or {}), "seen_version": version}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """A posted object is locked until it is saved, so that two cannot pass the merge."""
        using = router.db_for_write(self.model)
        connection = connections[using]
        if (
            request.method == "POST"
            and from_field is None
            and connection.in_atomic_block
            and connection.features.has_select_for_update
        ):
            try:
                rows = self.model._base_manager.using(using).filter(pk=object_id)
                list(rows.select_for_update().values_list("pk"))
            except (ValidationError, ValueError):
                return None
        return super().get_object(request, object_id, from_field)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[Any]:
        form = super().get_form(request, obj, change=change, **kwargs)
        meanwhile = None
        if change and obj is not None and request.method == "POST":
            meanwhile = Meanwhile.since(
                self.model, obj.pk, request.POST.get(SEEN), request.POST.get(TOLD)
            )
        return disclosing(form, request.user, meanwhile)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown_form = context["adminform"]
        obj = context.get("original")
        columns = self._page_columns(request, obj)
        shown_form.readonly_fields = [
            columns.get(name, name) for name in shown_form.readonly_fields
        ]
        readonly = set(shown_form.readonly_fields)
        hidden = self._hidden(request, obj)
        shown_form.fieldsets = [
            (title, {**options, "fields": _swap(options["fields"], columns, readonly, hidden)})
            for title, options in shown_form.fieldsets
        ]
        if request.method == "POST" and obj is not None:
            context |= self._versions_after_post(request, shown_form.form, obj)
            for shown_set in context.get("inline_admin_formsets", ()):
                _tell_rows(request, shown_set.formset, of_conflicts=True)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """`save()` writes only what changed; what others changed meanwhile is told."""
        obj.save()
        _tell_kept(request, form)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """As `save_model()`: what others did to the rows meanwhile is told."""
        super().save_formset(request, form, formset, change)
        _tell_rows(request, formset)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            if protected_fields(inline.model) and not isinstance(inline, DisclosingInline):
                raise ImproperlyConfigured(
                    f"{type(inline).__name__} shows protected values: base it on "
                    "audit.admin.AuditedTabularInline or AuditedStackedInline."
                )
        return cast(list[Any], inlines)

    def get_inline_formsets(
        self, request: HttpRequest, formsets: Any, inline_instances: Any, obj: Any = None
    ) -> list[Any]:
        shown_sets = super().get_inline_formsets(request, formsets, inline_instances, obj)
        for shown_set in shown_sets:
            names = protected_fields(shown_set.opts.model)
            columns: dict[Any, Any] = {
                name: protected_column(name, model=shown_set.opts.model, where="list")
                for name in names
            }
            shown_set.readonly_fields = [columns.get(n, n) for n in shown_set.readonly_fields]
            readonly = set(shown_set.readonly_fields)
            if not shown_set.has_change_permission:
                readonly |= set(columns.values())
            shown_set.fieldsets = [
                (title, {**options, "fields": _swap(options["fields"], columns, readonly, set())})
                for title, options in shown_set.fieldsets
            ]
        return shown_sets

    # How -----------------------------------------------------------------------------------------

    def _newest_version(self, object_id: str) -> Any:
        try:
            return newest_version(self.model, self.opts.pk.to_python(object_id)) or ""
        except ValidationError:
            return ""

    def _versions_after_post(self, request: HttpRequest, form: Any, obj: Any) -> dict[str, Any]:
        told: Any = request.POST.get(TOLD, "")
        if getattr(form, "has_conflict", False):
            _tell_kept(request, form)
            told = newest_version(self.model, obj.pk)
        return {"seen_version": request.POST.get(SEEN, ""), "told_version": told}

    def _page_columns(self, request: HttpRequest, obj: Any) -> dict[Any, Any]:
        columns: dict[Any, Any] = {
            name: protected_column(name, model=self.model, where="page")
            for name in protected_fields(self.model)
        }
        worded = getattr(self.model, "worded", {})
        return columns | {name: worded_column(name, self.model) for name in worded}

    def _hidden(self, request: HttpRequest, obj: Any) -> set[str]:
        return {
            name
            for name in protected_fields(self.model)
            if level(request.user, self.model, name, obj) is Level.HIDDEN
        }


def _tell_kept(request: HttpRequest, form: Any) -> None:
    """Says once what others changed that this form did not touch."""
    if isinstance(form, DisclosingForm) and form.meanwhile is not None:
        for model_field in form.kept:
            if not form.meanwhile.was_told(model_field):
                messages.info(request, form.meanwhile.kept(model_field))


def _tell_rows(request: HttpRequest, formset: Any, *, of_conflicts: bool = False) -> None:
    if isinstance(formset, MergingFormSet):
        for text in formset.told_of(of_conflicts=of_conflicts):
            messages.info(request, text)


def _swap(fields: Any, columns: dict[Any, Any], readonly: set[Any], hidden: set[str]) -> list[Any]:
    """The fields of a fieldset with what is read only shown as disclosed, and nothing hidden."""
    swapped: list[Any] = []
    for name in fields:
        if isinstance(name, list | tuple):
            if line := _swap(name, columns, readonly, hidden):
                swapped.append(tuple(line))
        elif name not in hidden:
            column = columns.get(name)
            swapped.append(column if column in readonly else name)
    return swapped


def _touches_protected(model: type[models.Model], lookup: str) -> bool:
    """Whether any step of `a__b__exact` is a protected field or the index of one."""
    for part in lookup.split(LOOKUP_SEP):
        try:
            field: Any = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if isinstance(field, ProtectedMixin | BlindIndexField):
            return True
        if field.related_model is None:
            return False
        model = field.related_model
    return False
