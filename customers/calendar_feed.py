"""The door for calendar programs: no session, no sign-in, nothing but the link.

Whatever is wrong with a link, the answer is the same; and the log never holds it (`crm.logs`).
"""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from customers.calendar import calendar_of, note_reading, reader_of


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    found = reader_of(secret)
    if found is None:
        return private(HttpResponseNotFound("Not found.\n", content_type="text/plain"))
    address = request.build_absolute_uri("/").rstrip("/")
    content = calendar_of(found.user, address=address)
    note_reading(found)
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Content-Disposition"] = 'inline; filename="follow-ups.ics"'
    unchanged = get_conditional_response(request, etag=etag, response=response)
    return private(unchanged or response)


def private(response: HttpResponseBase) -> HttpResponseBase:
    """No cache between us and the reader keeps it, and the link goes nowhere from here."""
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
