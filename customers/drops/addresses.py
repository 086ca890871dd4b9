"""The drop places an operator names in `CRM_DROPS`, as Django storages.

Staff choose among these names; they never write an address. So nobody with a browser makes the
server read its own files or talk to a host of their choice, and credentials stay out of the
database.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, parse_qsl, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

PREFIX = "drop-"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
CONNECT, READ = 10, 30  # seconds
KNOWN_OPTIONS = {
    "file": set[str](),
    "sftp": {"key", "known_hosts"},
    "s3": {"endpoint", "region"},
}


def storages_from(text: str, default: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """`STORAGES` entries for "shop=sftp://… fair=file:///srv/fair", over `default`.

    Raises ImproperlyConfigured; its message names the place and never quotes the address, which
    may hold a password.
    """
    addresses = dict(default)
    for entry in text.split():
        name, separator, address = entry.partition("=")
        if not (separator and NAME.fullmatch(name)):
            raise ImproperlyConfigured(
                "CRM_DROPS: write name=address, separated by spaces; a name has small letters, "
                "digits and hyphens, for example: shop=sftp://crm@files.example.com/out"
            )
        addresses[name] = address
    return {PREFIX + name: _storage(name, address) for name, address in addresses.items()}


def _storage(name: str, address: str) -> dict[str, Any]:
    try:
        parts = urlparse(address)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=False))
        make = {"file": _folder, "sftp": _sftp, "s3": _s3}[parts.scheme]
        unknown = set(options) - KNOWN_OPTIONS[parts.scheme]
        made = make(parts, options)
    except (KeyError, ValueError):
        raise ImproperlyConfigured(
            f"CRM_DROPS: the address of {name!r} is not understood. Write file:///folder, "
            "sftp://user@host/folder?key=/file&known_hosts=/file or "
            "s3://key:secret@bucket/prefix?endpoint=https://host&region=name"
        ) from None
    if unknown:
        raise ImproperlyConfigured(
            f"CRM_DROPS: {name!r} has an option that is not known: {', '.join(sorted(unknown))}"
        )
    return made


def _folder(parts: ParseResult, options: dict[str, str]) -> dict[str, Any]:
    folder = Path(unquote(parts.path))
    if parts.netloc or not folder.is_absolute():
        raise ValueError(parts.scheme)
    return {
        "BACKEND": "customers.drops.places.FolderPlace",
        "OPTIONS": {"location": str(folder)},
    }


def _sftp(parts: ParseResult, options: dict[str, str]) -> dict[str, Any]:
    if not parts.hostname:
        raise ValueError(parts.scheme)
    params: dict[str, Any] = {
        "port": parts.port or 22,
        "timeout": CONNECT,
        "banner_timeout": CONNECT,
        "auth_timeout": CONNECT,
        "channel_timeout": CONNECT,
        "allow_agent": False,
        "look_for_keys": False,
    }
    if parts.username:
        params["username"] = unquote(parts.username)
    if parts.password:
        params["password"] = unquote(parts.password)
    if options.get("key"):
        params["key_filename"] = options["key"]
    return {
        "BACKEND": "customers.drops.places.SftpPlace",
        "OPTIONS": {
            "host": parts.hostname,
            "params": params,
            "root_path": unquote(parts.path) or "/",
            "known_host_file": options.get("known_hosts") or None,
        },
    }


def _s3(parts: ParseResult, options: dict[str, str]) -> dict[str, Any]:
    bucket = parts.netloc.rpartition("@")[2]
    if not bucket:
        raise ValueError(parts.scheme)
    return {
        "BACKEND": "customers.drops.places.S3Place",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": unquote(parts.path).strip("/"),
            # None: from the environment or the machine's role, as every S3 program does.
            "access_key": unquote(parts.username) if parts.username else None,
            "secret_key": unquote(parts.password) if parts.password else None,
            "endpoint_url": options.get("endpoint") or None,
            "region_name": options.get("region") or None,
        },
    }
