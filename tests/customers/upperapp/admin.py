from django.contrib import admin

from audit.admin import AuditedAdmin
from tests.customers.upperapp.models import Deal


@admin.register(Deal)
class DealAdmin(AuditedAdmin):
    list_display = ("title", "customer", "price", "won", "seller", "shout")
    fields = ("customer", "title", "price", "won", "seller")

    @admin.display(description="loud")
    def shout(self, deal):
        return deal.title.upper()
