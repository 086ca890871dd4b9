"""Whoever still has a one-time password gets to the password change page and nowhere else."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]

OPEN_PAGES = {
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
}


def must_change_password(get_response: Handler) -> Handler:
    """Stands after the authentication and message middlewares."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not getattr(request.user, "must_change_password", False) or _is_open(request):
            return get_response(request)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"error": _("Change your password first.")}, status=403)
        text = _("Choose your own password first: the one you signed in with works only once.")
        if text not in {str(message) for message in messages.get_messages(request)}:
            messages.warning(request, text)
        return redirect("admin:password_change")

    return middleware


def _is_open(request: HttpRequest) -> bool:
    if settings.STATIC_URL and request.path.startswith(settings.STATIC_URL):
        return True
    try:
        return resolve(request.path_info).view_name in OPEN_PAGES
    except Resolver404:
        return False
