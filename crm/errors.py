"""The page shown when a request failed: in words where the cause is known and passes."""

import errno
import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.defaults import server_error as something_broke

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
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk of the server is full. An administrator has to make room.")
    if not isinstance(error, OperationalError):
        return ""
    said = str(error).lower()
    if "full" in said or "no space" in said:
        return _("The disk of the server is full. An administrator has to make room.")
    if "lock" in said:
        return _("Another program was writing to the database for a long time. That passes.")
    return _("The database does not answer. An administrator finds the reason in the log.")
