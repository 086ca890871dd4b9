from django.contrib import admin
from django.db.models import Q

from audit.admin import AuditedAdmin, AuditedTabularInline, protected_column
from tests.audit.testapp.models import Club, Member, Visit


class VisitInline(AuditedTabularInline):
    model = Visit
    extra = 0


@admin.register(Member)
class MemberAdmin(AuditedAdmin):
    list_display = ("name", "email", "masked_phone", "city")
    list_filter = ("city",)
    search_fields = ("name",)
    fields = (
        "name",
        "city",
        "stage",
        "email",
        "phone",
        "national_id",
        "birth_date",
        "club",
        "owner",
    )

    masked_phone = protected_column("phone")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(Q(hidden=False))


@admin.register(Club)
class ClubAdmin(AuditedAdmin):
    fields = ("name",)
