"""The page "My calendar link": make, replace, switch off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _g

from audit.admin import AuditedAdmin
from customers.calendar import make_link, switch_off
from customers.models import CalendarFeed
from staff.pages import own_page
from staff.requests import member


class CalendarDoors(AuditedAdmin):
    """Part of the admin of follow-ups."""

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view(self.calendar_view)
        return [path("calendar/", door, name="customers_followup_calendar"), *super().get_urls()]

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """The new link stands in the answer to the form that made it, and nowhere else: not in a
        message or the session, which are stored, and not in an address, which is sent on."""
        user = member(request)
        if not user.has_perm("customers.view_followup"):
            raise PermissionDenied
        link = ""
        if request.method == "POST":
            if request.POST.get("do") == "off":
                if switch_off(actor=user):
                    messages.success(request, _g("The link is switched off."))
                return HttpResponseRedirect(reverse("admin:customers_followup_calendar"))
            where = reverse("calendar_feed", args=[make_link(actor=user)])
            link = request.build_absolute_uri(where)
        context = {
            "link": link,
            "feed": CalendarFeed.objects.filter(user=user).first(),
            "has_email": bool(user.email),
        }
        title = _g("My calendar link")
        return own_page(self, request, "customers/desk/calendar_link.html", title, context)
