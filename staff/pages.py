"""What pages in the admin share, whichever app they belong to."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince, timeuntil
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

EMPTY = "—"


def own_page(
    model_admin: Any, request: HttpRequest, template: str, title: Any, context: dict[str, Any]
) -> TemplateResponse:
    """A page of ours inside the admin. `admin_view` sees to it that nothing on the way keeps it."""
    request.current_app = model_admin.admin_site.name
    frame = model_admin.admin_site.each_context(request)
    return TemplateResponse(
        request, template, {**frame, "opts": model_admin.opts, "title": title, **context}
    )


def ago(moment: Any) -> str:
    """How long ago, with the exact time for whoever points at it."""
    if moment is None:
        return EMPTY
    local = localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        date_format(local, "DATETIME_FORMAT"),
        _away(moment),
    )


def _away(moment: datetime) -> str:
    """From a day on in the largest unit alone: nobody needs the weeks of "8 months, 2 weeks ago",
    and in a list of eight columns they are cut off."""
    away = now() - moment
    if abs(away) < timedelta(days=1):
        return naturaltime(moment)
    if away < timedelta():
        return _("%(time)s from now") % {"time": timeuntil(moment, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}
