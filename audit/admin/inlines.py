"""Rows of another model inside a form, with the same rules for protected values and for two people
at once.

Each row carries the history row it was rendered from, and is merged like the form it stands in.
A row that another person removed meanwhile is still there for whoever was typing in it; a new row
is sent with the key it will have, so that a form sent twice adds it once.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import StackedInline, TabularInline
from unfold.forms import PaginationInlineFormSet
from uuid_utils.compat import uuid7

from audit.admin.forms import DisclosingForm, disclosing
from audit.admin.merging import Meanwhile, newest_of_rows, time_of
from audit.changes import as_uuid
from audit.disclosure import protected_fields
from audit.recording import DELETED
from encryption.errors import CannotOpen
from encryption.sealed import sealed_values

# Hidden inputs: of each row, beside its key; and of all, what keys of new rows follow from.
SEEN, TOLD = "_seen", "_told"
NEW = "_new"


class DisclosingRow(DisclosingForm):
    """The form of one row."""

    # The row as this form showed it, when somebody removed it meanwhile.
    gone = False
    # Sent with the key of a row that never was one of these.
    foreign = False
    # What was saved already from the very same new row of the very same page.
    twin: models.Model | None = None

    def _post_clean(self) -> None:
        if self.twin is not None:
            self._compare_with_twin(self.twin)
            return
        if self.foreign:
            text = _("This row is not one of these any more. Open the page anew.")
            self.add_error(None, text)
            return
        super()._post_clean()  # type: ignore[misc]
        if self.gone and self.has_changed() and not self._knows_of_removal():
            self.has_conflict = True
            self.add_error(None, self._removed())

    def _knows_of_removal(self) -> bool:
        return self.meanwhile is not None and self.meanwhile.told == self.meanwhile.newest

    def _removed(self) -> str:
        newest: Any = self.meanwhile.newest if self.meanwhile is not None else {}
        return _(
            "%(who)s removed this at %(when)s while you were editing. What you typed is still "
            "here: save again to add it anew, or remove it here as well."
        ) % {"who": newest["history_actor"], "when": time_of(newest["history_date"])}

    def _compare_with_twin(self, twin: models.Model) -> None:
        if any(self._differs_from(twin, name) for name in self.changed_data):
            text = _(
                "This was added already, with other values. Open the page anew to change it; what "
                "you typed is still here."
            )
            self.add_error(None, text)
        else:
            self._errors: Any = ErrorDict()

    def _differs_from(self, twin: models.Model, name: str) -> bool:
        field: Any = self._meta.model._meta.get_field(name)
        try:
            return self.fields[name].has_changed(field.value_from_object(twin), self[name].data)
        except CannotOpen:
            return True


class RowKeyInput(forms.HiddenInput):
    """The key of a row, and the versions it was rendered from and its editor was told of."""

    def __init__(self, form: Any, seen: Any) -> None:
        super().__init__()
        self.form = form
        self.seen = seen

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = super().render(name, value, attrs, renderer)
        prefix, form = self.form.prefix, self.form
        if form.instance._state.adding and not form.gone:
            return key
        posted = form.data if form.is_bound else {}
        seen = posted.get(f"{prefix}-{SEEN}", "") if form.is_bound else self.seen
        told = posted.get(f"{prefix}-{TOLD}", "")
        if form.has_conflict and form.meanwhile is not None:
            told = form.meanwhile.newest["history_id"]
        key = _with_hidden(key, f"{prefix}-{SEEN}", seen or "")
        return _with_hidden(key, f"{prefix}-{TOLD}", told)


def _with_hidden(before: SafeString, name: str, value: Any) -> SafeString:
    return format_html('{}<input type="hidden" name="{}" value="{}">', before, name, value)


class RowKeyField(forms.Field):
    """Which row a form is of. The rows are known: nothing is asked of the database."""

    def __init__(self, form: Any, key: Any, seen: Any) -> None:
        super().__init__(required=False, initial=key, widget=RowKeyInput(form, seen))
        self.key = key

    def clean(self, value: Any) -> Any:
        return self.key

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class MergingFormSet(PaginationInlineFormSet):
    """The rows of one parent, merged one by one; the number of queries does not depend on them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: dict[Any, Any] = {}
        self.meanwhiles: dict[Any, Meanwhile] = {}
        self.kept_rows: list[models.Model] = []
        self.twins: dict[Any, models.Model] = {}
        if self.instance.pk is None or self.instance._state.adding:
            self._rows: list[Any] = [] if self.is_bound else self._listed()
        elif self.is_bound:
            self._rows = self._posted()
        else:
            # Before the rows: a change between the two is then merged, not missed.
            self.seen = newest_of_rows(self.model, self._of_parent())
            self._rows = self._listed()
        if self.is_bound:
            self._find_twins()

    @cached_property
    def management_form(self) -> Any:
        form = BaseFormSet.management_form.func(self)  # type: ignore[attr-defined]
        form.fields[NEW] = forms.CharField(required=False, initial=uuid7, widget=forms.HiddenInput)
        return form

    def get_queryset(self) -> Any:
        """The rows in the order of the forms, those somebody removed meanwhile among them."""
        return self._rows if hasattr(self, "_rows") else super().get_queryset()

    def _existing_object(self, key: Any) -> Any:
        return next((row for row in self._rows if row.pk == key), None)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        key = None if i < self.initial_form_count() else self._new_key(i)
        if key is not None:
            kwargs["instance"] = self._owned(self.model(pk=key))
        form = super()._construct_form(i, **kwargs)
        if i >= self.initial_form_count():
            form.twin = self.twins.get(key)
        elif form.instance._state.adding:
            form.foreign = True
        elif form.gone:
            # From here on it is a new row with its old key: saved only if somebody says so again.
            form.instance._state.adding = True
        return form

    def add_fields(self, form: Any, index: Any) -> None:
        super().add_fields(form, index)
        existing = not form.instance._state.adding
        key = form.instance.pk if existing else None
        if existing:
            form.meanwhile = self.meanwhiles.get(key)
            form.gone = form.meanwhile is not None and _is_removal(form.meanwhile)
        form.fields[self._pk_field.name] = RowKeyField(form, key, self.seen.get(key))

    def clean(self) -> None:
        """Whoever removes a row that somebody changed meanwhile is told first, too."""
        super().clean()
        told = []
        for form in self.initial_forms:
            if not (self.can_delete and self._should_delete_form(form)):
                continue
            meanwhile = form.meanwhile
            if meanwhile is None or form.gone or meanwhile.told == meanwhile.newest:
                continue
            form.has_conflict = True
            told += [meanwhile.kept(field) for field in meanwhile.changed_fields()]
        if told:
            last = _("Save again to remove the row all the same.")
            raise ValidationError([*told, last])

    def save_new(self, form: Any, commit: bool = True) -> Any:
        return form.twin if form.twin is not None else super().save_new(form, commit)

    def save_new_objects(self, commit: bool = True) -> list[Any]:
        """New rows, and those that somebody removed and somebody else wants to keep."""
        saved: list[Any] = super().save_new_objects(commit)
        for form in self.initial_forms:
            removed = self.can_delete and self._should_delete_form(form)
            if form.gone and form.has_changed() and not removed:
                saved.append(super().save_new(form, commit))
                self.new_objects.append(saved[-1])
        return saved

    def told_of(self, *, of_conflicts: bool = False) -> list[str]:
        """What others did to rows meanwhile that this form did not touch: for whoever saved, or of
        the rows that are shown again with a conflict."""
        told = []
        for form in self.initial_forms:
            if of_conflicts and not form.has_conflict:
                continue
            if form.gone and not form.has_changed():
                who = form.meanwhile.newest["history_actor"]
                told.append(_("%(who)s removed “%(row)s”.") % {"who": who, "row": form.instance})
            elif not form.gone and form.meanwhile is not None:
                kept = [field for field in form.kept if not form.meanwhile.was_told(field)]
                told += [f"{form.instance}: {form.meanwhile.kept(field)}" for field in kept]
        return told

    # Rows ----------------------------------------------------------------------------------------

    def _of_parent(self) -> Any:
        return self.model._base_manager.filter(**{self.fk.name: self.instance})

    def _listed(self) -> list[Any]:
        return [self._owned(row) for row in super().get_queryset()]

    def _owned(self, row: Any) -> Any:
        """With its parent at hand: who may see it is asked of the parent, for each row."""
        setattr(row, self.fk.name, self.instance)
        return row

    def _posted(self) -> list[Any]:
        """The rows the forms are of, as they are stored now, locked until they are saved."""
        keys = [self._posted_key(i) for i in range(self.initial_form_count())]
        rows = self._of_parent().filter(pk__in=[key for key in keys if key])
        connection = connections[rows.db]
        if connection.in_atomic_block and connection.features.has_select_for_update:
            rows = rows.order_by("pk").select_for_update(of=("self",))
        stored = {row.pk: self._owned(row) for row in rows}
        asked: dict[Any, tuple[str | None, str | None]] = {
            key: (self._input(i, SEEN), self._input(i, TOLD))
            for i, key in enumerate(keys)
            if key is not None
        }
        self.meanwhiles = Meanwhile.of_rows(self.model, asked, self.fk, self.instance.pk)
        return [stored.get(key) or self._removed(key) for key in keys]

    def _removed(self, key: Any) -> Any:
        meanwhile = self.meanwhiles.get(key)
        if meanwhile is None or not _is_removal(meanwhile):
            return self.model()  # never one of these rows: its key will be refused
        names = [field.attname for field in self.model._meta.concrete_fields]
        known = {name: value for name, value in meanwhile.base.items() if name in names}
        row = self.model(**known)
        for field in protected_fields(self.model).values():
            with sealed_values():
                held = getattr(row, field.attname)
            if held is not None:
                held.row = key
        row._state.adding = False
        return self._owned(row)

    def _posted_key(self, index: int) -> UUID | None:
        name = f"{self.add_prefix(index)}-{self.model._meta.pk.name}"
        return as_uuid(self.data.get(name))

    def _input(self, index: int, name: str) -> str:
        return str(self.data.get(f"{self.add_prefix(index)}-{name}", ""))

    # New rows ------------------------------------------------------------------------------------

    def _new_key(self, index: Any) -> UUID | None:
        """The key of a new row: it follows from the page it was added on and its place there."""
        nonce = as_uuid(self.data.get(f"{self.prefix}-{NEW}")) if self.is_bound else None
        if nonce is None or nonce.version != 7:
            return None
        digest = sha256(nonce.bytes + str(index).encode()).digest()
        return UUID(bytes=nonce.bytes[:8] + bytes([digest[0] & 0x3F | 0x80]) + digest[1:8])

    def _find_twins(self) -> None:
        places = range(self.initial_form_count(), self.total_form_count())
        keys = [key for place in places if (key := self._new_key(place)) is not None]
        if keys and not self.instance._state.adding:
            found = self._of_parent().filter(pk__in=keys)
            self.twins = {row.pk: row for row in found}


def _is_removal(meanwhile: Meanwhile) -> bool:
    return bool(meanwhile.newest["history_type"] == DELETED)


class DisclosingInline:
    """Marks and makes an inline whose forms show what the matrix allows."""

    formset = MergingFormSet

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form: Any = self.form  # type: ignore[attr-defined]
        if not issubclass(form, DisclosingRow):
            form = type(form)(form.__name__, (DisclosingRow, form), {})
        kwargs.setdefault("form", disclosing(form, request.user))
        return super().get_formset(request, obj, **kwargs)  # type: ignore[misc]


class AuditedTabularInline(DisclosingInline, TabularInline):
    """A table of rows."""


class AuditedStackedInline(DisclosingInline, StackedInline):
    """One block for each row."""
