"""The page shown when a request failed: in words where the cause is known and passes."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.defaults import server_error as something_broke

from jobs.errors import is_disk_full

TRY_AGAIN_AFTER = "30"  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception, whose traceback it has logged."""
    reason = reason_for(sys.exc_info()[1])
    if not reason:
        return something_broke(request)
    page = loader.get_template("503.html").render({"reason": reason})
    return HttpResponse(page, status=503, headers={"Retry-After": TRY_AGAIN_AFTER})


def reason_for(error: BaseException | None) -> str:
    """What is the matter with database or disk, or nothing when it is something else."""
    if is_disk_full(error):
        return _("The disk of the server is full. An administrator has to make room.")
    if not isinstance(error, OperationalError):
        return ""
    if "lock" in str(error).lower():
        return _("Another program was writing to the database for a long time. That passes.")
    return _("The database does not answer. An administrator finds the reason in the log.")
