"""Where the doors are: the admin is the whole site, but for what calendar programs read."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from customers.calendar_feed import feed

# One sign for "nothing there", on every page.
admin.site.empty_value_display = "—"

urlpatterns = [
    path("calendar/<str:secret>.ics", feed, name="calendar_feed"),
    # The theme's own search takes its term from the address: nobody comes to it.
    path("search/", RedirectView.as_view(pattern_name="admin:index")),
    path("", admin.site.urls),
]

handler500 = "crm.errors.server_error"
