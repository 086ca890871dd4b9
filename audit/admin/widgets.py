"""Inputs for values that somebody may replace but not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.disclosure import CANNOT_BE_OPENED

CLEAR_SUFFIX = "-clear"


class MaskedWidget(forms.Widget):
    """The widget of the field, always empty, with the mask where a hint would stand.

    Left blank it means "unchanged", and so does the mask itself, copied into the box; a tick
    beside it means "no value".
    """

    def __init__(self, inner: forms.Widget, *, mask: str, clearable: bool) -> None:
        super().__init__(inner.attrs)
        self.inner = inner
        self.mask = mask
        self.clearable = clearable

    @property
    def media(self) -> forms.Media:
        return self.inner.media

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return self.inner.id_for_label(id_)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        typed = self.inner.value_from_datadict(data, files, name)
        return None if isinstance(typed, str) and typed.strip() == self.mask else typed

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return self.inner.value_omitted_from_data(data, files, name)

    def wants_clearing(self, data: Mapping[str, Any], name: str) -> bool:
        return self.clearable and bool(data.get(name + CLEAR_SUFFIX))

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = (attrs or {}) | {"placeholder": self.mask, "autocomplete": "off"}
        box = self.inner.render(name, value, attrs, renderer)
        hint = _("Hidden. Leave it empty to keep it, or type a new value.")
        if not self.clearable:
            return format_html('{}<p class="audit-hint mt-2 text-xs">{}</p>', box, hint)
        return format_html(
            '{}<p class="audit-hint mt-2 text-xs">{} '
            '<label><input type="checkbox" name="{}" value="1"> {}</label></p>',
            box,
            hint,
            name + CLEAR_SUFFIX,
            _("Clear this value"),
        )


class UnopenableWidget(forms.Widget):
    """Says that there is a value which cannot be shown; sends nothing."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html(
            '<div class="audit-unopenable" id="{}"><strong>{}</strong> '
            '<p class="audit-hint mt-2 text-xs">{}</p></div>',
            (attrs or {}).get("id", ""),
            CANNOT_BE_OPENED,
            _(
                "The stored value is kept as it is. Ask an administrator to run "
                "check_encryption, which says why."
            ),
        )
