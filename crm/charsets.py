"""Refuses requests in a charset that is none, and addresses that hold what is no text.

Python knows codecs that are no charsets of a text (rot13, zip, idna). Django takes them from the
`Content-Type` and fails while it builds the request, where nothing can answer for it any more.
"""

import codecs
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.http import parse_header_parameters

ASCII = bytes(range(128))
ANYTHING = bytes(range(256))
ANSWER = b"The charset of this request is not known. Send it as UTF-8.\n"
NO_ADDRESS = b"There is no such address.\n"

Handler = Callable[[HttpRequest], HttpResponse]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def only_real_charsets(application: Application) -> Application:
    """The application, with 400 for requests in what is no charset."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kind = environ.get("CONTENT_TYPE", "")
        if "charset" in kind.lower() and not is_charset(_charset(kind)):
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")]
            start_response("400 Bad Request", headers)
            return [ANSWER]
        return application(environ, start_response)

    return checked


def _charset(kind: str) -> str:
    try:
        return parse_header_parameters(kind)[1].get("charset", "utf-8")[:60]
    except (ValueError, LookupError):
        return "\x00"


@lru_cache(maxsize=128)
def is_charset(name: str) -> bool:
    """Whether any bytes can be read in it, and those of ASCII mean themselves."""
    try:
        codecs.lookup(name)
        ANYTHING.decode(name, "replace")
        return ASCII.decode(name, "replace").encode() == ASCII
    except (LookupError, ValueError, AssertionError):
        return False


def no_nul_in_addresses(get_response: Handler) -> Handler:
    """No address of ours holds a NUL, and PostgreSQL takes none in a text: a list narrowed by one
    would fail where it is read, long after the page began."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(NO_ADDRESS, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return middleware
