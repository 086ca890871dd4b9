"""Refuses requests in a charset that is none, before Django tries to read them.

Python knows codecs that are no charsets of a text (rot13, zip, idna). Django takes them from the
`Content-Type` and fails while it builds the request, where nothing can answer for it any more.
"""

import codecs
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.utils.http import parse_header_parameters

ASCII = bytes(range(128))
ANYTHING = bytes(range(256))
ANSWER = b"The charset of this request is not known. Send it as UTF-8.\n"

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
