"""Where customers come from: few rows, named by staff or by an import."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from audit.admin import AuditedAdmin
from customers.models import Source
from quality.validators import validate_no_card_number, validate_no_control_characters


class SourceForm(forms.ModelForm):
    """What is written here stands on the pages of many customers."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, text in list(cleaned.items()):
            try:
                validate_no_control_characters(text)
                validate_no_card_number(text)
            except ValidationError as problem:
                self.add_error(name, problem)
        return cleaned


@admin.register(Source)
class SourceAdmin(AuditedAdmin):
    form = SourceForm
    list_display = ("name", "description", "updated_at")
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "description")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False
