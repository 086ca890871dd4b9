"""Says for each request who acts and gives the request its id."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid7

from audit.context import Door, acting_lazily

GetResponse = Callable[[HttpRequest], HttpResponse]


def acting_middleware(get_response: GetResponse) -> GetResponse:
    """Stands after the authentication middleware; asks for the user only when a row is written,
    so that a page nobody signs in to costs no query and a sign-in counts from its moment on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid7()
        request.audit_request_id = request_id  # type: ignore[attr-defined]
        with acting_lazily(
            find_actor=lambda: getattr(request, "user", None),
            door=Door.ADMIN,
            request_id=request_id,
        ):
            return get_response(request)

    return middleware
