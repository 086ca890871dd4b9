"""The form of a model with protected values and more than one editor.

What somebody may not see is never in the page; left blank it is unchanged, and so is what cannot
be opened. What another person changed meanwhile is kept or pointed out, never overwritten
unknowingly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit.admin.merging import Meanwhile
from audit.admin.widgets import MaskedWidget, UnopenableWidget
from audit.disclosure import Level, level, protected_fields
from encryption.errors import CannotOpen
from encryption.masks import DOTS, masked
from encryption.sealed import Sealed, sealed_values

if TYPE_CHECKING:
    from staff.models import User

    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm


MASKING = frozenset("•*")


class DisclosingForm(_ModelForm):
    """Made for one person and one request by `disclosing()`."""

    user: User
    meanwhile: Meanwhile | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The initial values are read from the instance: sealed, and opened below if allowed.
        with sealed_values():
            super().__init__(*args, **kwargs)
        self.withheld: set[str] = set()
        self.unchanged: set[str] = set()
        self.kept: list[Any] = []
        self.has_conflict = False
        for name in protected_fields(self._meta.model):
            if name in self.fields:
                self._disclose(name)

    def _disclose(self, name: str) -> None:
        obj = None if self.instance._state.adding else self.instance
        allowed = level(self.user, self._meta.model, name, obj)
        if allowed is Level.HIDDEN:
            del self.fields[name]
            return
        value = self.initial.get(name)
        if isinstance(value, Sealed):
            try:
                value = value.open(row=self.instance.pk)
            except CannotOpen:
                self._withhold(name, UnopenableWidget())
                self.fields[name].disabled = True
                return
        self.initial[name] = value
        if allowed is Level.MASKED and obj is not None and value not in (None, ""):
            field: Any = self._meta.model._meta.get_field(name)
            inner = self.fields[name].widget
            mask = masked(value, field.mask)
            self._withhold(name, MaskedWidget(inner, mask=mask, clearable=field.null))

    def _withhold(self, name: str, widget: forms.Widget) -> None:
        self.withheld.add(name)
        self.initial[name] = None
        self.fields[name].required = False
        self.fields[name].widget = widget
        widget.is_required = False

    # What was posted ---------------------------------------------------------------------------

    @cached_property
    def cleared(self) -> set[str]:
        """Names of the withheld fields somebody asked to clear."""
        return {
            name
            for name in self.withheld
            if isinstance(widget := self.fields[name].widget, MaskedWidget)
            and widget.wants_clearing(self.data, self.add_prefix(name))
        }

    @cached_property
    def changed_data(self) -> list[str]:
        typed = super().changed_data
        return [*typed, *(name for name in self.cleared if name not in typed)]

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        self.unchanged = set()
        self._refuse_masks()
        for name in self.withheld & self.cleaned_data.keys():
            typed = self.cleaned_data[name] not in (None, "")
            if name in self.cleared:
                self.cleaned_data[name] = None
                if typed:
                    both = _("Either type a new value or tick “Clear this value”, not both.")
                    self.add_error(name, both)
            elif not typed:
                self._leave(name)
        for name in self._not_asked_for() & self.cleaned_data.keys():
            self._leave(name)
        if self.meanwhile is not None:
            self._merge(self.meanwhile)

    def _not_asked_for(self) -> set[str]:
        """Protected fields the page had no input for: their value could not be opened when it was
        made, and now it can, because the key is back. Nobody emptied them."""
        if self.instance._state.adding:
            return set()
        return {
            name
            for name in protected_fields(self._meta.model)
            if name in self.fields
            and name not in self.cleared
            and self.fields[name].widget.value_omitted_from_data(
                self.data, self.files, self.add_prefix(name)
            )
        }

    def _refuse_masks(self) -> None:
        """A mask copied from a list is no value: saved, it would take the place of one."""
        for name, field in protected_fields(self._meta.model).items():
            if is_mask(self.cleaned_data.get(name), field.mask):
                self.add_error(
                    name,
                    _(
                        "This is how a hidden value is shown, not the value itself. "
                        "Type the whole value."
                    ),
                )

    def _leave(self, name: str) -> None:
        """The stored value stays: neither assigned nor validated."""
        self.unchanged.add(name)
        self.cleaned_data.pop(name, None)

    def _merge(self, meanwhile: Meanwhile) -> None:
        for model_field in meanwhile.changed_fields():
            name = model_field.name
            if name not in self.fields:
                continue
            if not self._touched(model_field, meanwhile.base):
                self._leave(name)
                self.kept.append(model_field)
            elif self._touched(model_field, meanwhile.newest) and not meanwhile.was_told(
                model_field
            ):
                self.has_conflict = True
                self.add_error(name, meanwhile.conflict(model_field))

    def _touched(self, model_field: Any, row: dict[str, Any]) -> bool:
        """Whether what was posted differs from what this history row holds.

        What was typed over a mask always does: an answer that depends on the hidden value would
        let somebody try values until one fits, and leave no trace of it.
        """
        name = model_field.name
        if name in self.cleared:
            return row[model_field.attname] not in (None, "")
        if name in self.unchanged:
            return False
        if name in self.withheld:
            return True
        value = row[model_field.attname]
        if isinstance(value, Sealed):
            try:
                value = value.open(row=self.instance.pk)
            except CannotOpen:
                return True
        return self.fields[name].has_changed(value, self[name].data)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | self.unchanged  # type: ignore[misc,no-any-return]

    def add_error(self, field: str | None, error: Any) -> None:
        """No message repeats a protected value: it would stand in pages and logs.

        What is said of a field that this form does not show stands above the form.
        """
        if not isinstance(error, ValidationError):
            error = ValidationError(error)
        if field is not None:
            super().add_error(field, self._without_values(field, error))
        elif hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                shown_at = name if name in self.fields else None
                super().add_error(shown_at, self._without_values(name, ValidationError(errors)))
        else:
            super().add_error(None, error)

    def _without_values(self, name: str, error: ValidationError) -> ValidationError:
        if name not in protected_fields(self._meta.model):
            return error
        return ValidationError(
            [
                ValidationError(_("Enter a valid value."), code=one.code)
                if "value" in (one.params or {})
                else one
                for one in error.error_list
            ]
        )


def is_mask(value: Any, mask: str) -> bool:
    """Whether the text is what a page shows in the place of a value it hides."""
    if not isinstance(value, str) or not value:
        return False
    return set(value) <= set(DOTS) or (
        set(value) & MASKING != set() and masked(value, mask) == value
    )


def disclosing(form: type[Any], user: Any, meanwhile: Meanwhile | None = None) -> type[Any]:
    """The form class for one person; `form` may be any ModelForm class."""
    bases = (form,) if issubclass(form, DisclosingForm) else (DisclosingForm, form)
    metaclass: Any = type(form)
    made: type[Any] = metaclass(form.__name__, bases, {"user": user, "meanwhile": meanwhile})
    return made
