"""A request in a charset that is none is refused in words; all real ones are read."""

import io

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from crm.charsets import is_charset, only_real_charsets

pytestmark = pytest.mark.django_db


def ask(kind, path="/login/"):
    """As a web server would: what Django's test client builds never leaves it."""
    said = {}
    environ = RequestFactory()._base_environ(
        PATH_INFO=path, QUERY_STRING="q=x", CONTENT_TYPE=kind, REQUEST_METHOD="GET"
    ) | {"wsgi.input": io.BytesIO()}
    handler = only_real_charsets(WSGIHandler())
    body = handler(environ, lambda status, headers, *more: said.update(status=status))
    text = b"".join(body).decode()
    if hasattr(body, "close"):
        body.close()
    return said["status"], text


@pytest.mark.parametrize(
    "charset",
    ["rot13", "zip", "hex", "idna", "punycode", "utf-16", "undefined", "\x00", "klingon" * 99],
)
def test_a_charset_that_is_none_is_a_bad_request(charset):
    status, text = ask(f"text/html; charset={charset}")
    assert status == "400 Bad Request"
    assert "UTF-8" in text


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF-8", "utf8", "latin-1", "windows-1252", "gb18030", "big5"]
)
def test_real_charsets_are_read(charset):
    assert is_charset(charset)
    assert ask(f"text/html; charset={charset}")[0] == "200 OK"


@pytest.mark.parametrize("kind", ["", "text/html", "multipart/form-data; boundary=x"])
def test_a_request_that_names_none_is_read(kind):
    assert ask(kind)[0] == "200 OK"


def test_the_door_for_web_servers_has_it():
    from crm.wsgi import application

    assert application.__qualname__.startswith("only_real_charsets")


@pytest.mark.parametrize("address", ["/customers/export/?state__exact=%00", "/login/?next=a%00b"])
def test_an_address_with_a_nul_in_it_is_none(admin_client, address):
    assert admin_client.get(address).status_code == 400
    assert admin_client.get(address.replace("%00", "%2500")).status_code in (200, 302, 404)
