"""Where the doors are: the admin is the whole site."""

from django.contrib import admin
from django.urls import path

# One sign for "nothing there", on every page.
admin.site.empty_value_display = "—"

urlpatterns = [path("", admin.site.urls)]

handler500 = "crm.errors.server_error"
