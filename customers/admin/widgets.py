"""Inputs of the customer form."""

from functools import cache
from typing import Any

import pycountry
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from customers.admin.summary import spaced
from customers.models.choices import country_name
from quality.validators import fold_name

Choices = tuple[tuple[str, str], ...]


class PhoneInput(UnfoldAdminTextInputWidget):
    """Shows a number as one reads it out, and brings up the digits on a phone's keyboard."""

    input_type = "tel"

    def format_value(self, value: Any) -> str | None:
        written = super().format_value(value)
        return spaced(written) if written else written


class LongSelect(UnfoldAdminSelectWidget):
    """A select whose hundreds of options are the same on every page.

    Django renders one template for each option, a tenth of a second for countries and languages.
    Here they are joined once; what is chosen stands above them.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        known: Choices = tuple(self.choices)
        chosen = str(value or "")
        return format_html(
            '<div class="grow relative max-w-2xl"><select{}>{}{}</select>'
            '<span class="material-symbols-outlined absolute pointer-events-none mr-[12px] right-0 '
            'text-base-400 top-1/2 -translate-y-1/2" aria-hidden="true">expand_more</span></div>',
            flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})),
            format_html(
                '<option value="{}" selected>{}</option>', chosen, dict(known).get(chosen, chosen)
            ),
            options_of(known),
        )


@cache
def options_of(known: Choices) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', known)


@cache
def countries() -> Choices:
    pairs = ((country.alpha_2, country_name(country.alpha_2)) for country in pycountry.countries)
    return ("", "—"), *sorted(pairs, key=lambda pair: fold_name(pair[1]))


@cache
def languages() -> Choices:
    pairs = (
        (language.alpha_2, language.name)
        for language in pycountry.languages
        if hasattr(language, "alpha_2")
    )
    return ("", "—"), *sorted(pairs, key=lambda pair: fold_name(pair[1]))
