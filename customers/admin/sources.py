"""Where customers come from: few rows, named by staff or by an import."""

from django.contrib import admin
from django.http import HttpRequest

from audit.admin import AuditedAdmin
from customers.models import Source


@admin.register(Source)
class SourceAdmin(AuditedAdmin):
    list_display = ("name", "description", "updated_at")
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "description")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False
