"""Rows of another model inside a form, with the same rules for protected values."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from audit.admin.forms import disclosing


class DisclosingInline:
    """Marks and makes an inline whose forms show what the matrix allows."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs.setdefault("form", disclosing(self.form, request.user))  # type: ignore[attr-defined]
        return super().get_formset(request, obj, **kwargs)  # type: ignore[misc]


class AuditedTabularInline(DisclosingInline, TabularInline):
    """A table of rows."""


class AuditedStackedInline(DisclosingInline, StackedInline):
    """One block for each row."""
