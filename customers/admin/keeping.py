"""Nothing typed is lost because a session ended meanwhile.

The stock answers, a redirect to the sign-in page or "CSRF verification failed", throw away what a
person wrote during a call. Here it comes back in the page that says so.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

LONGEST = 20_000


class _Check(CsrfViewMiddleware):
    """Says what is wrong with a form's token instead of answering."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def token_is_stale(request: HttpRequest) -> bool:
    """Whether the page was made before somebody signed in again (or is not ours at all)."""
    check = _Check(lambda asked: HttpResponse())
    nothing: Any = None
    return check.process_view(request, nothing, (), {}) is not None


def wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def kept(request: HttpRequest, names: list[str]) -> HttpResponse:
    """What was typed, for somebody who is not signed in any more: it tells nothing else."""
    values = {name: request.POST[name][:LONGEST] for name in names if name in request.POST}
    context = {
        "kept": {name: value for name, value in values.items() if name not in ("text", "what")},
        "text": values.get("text", ""),
        "what": values.get("what", ""),
        "action": request.path,
        "sign_in_url": reverse("admin:login"),
    }
    get_token(request)
    if wants_fragment(request):
        response = render(request, "customers/desk/kept_box.html", context)
    else:
        response = render(request, "customers/desk/kept.html", context, status=403)
    add_never_cache_headers(response)
    return response
