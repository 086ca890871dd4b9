"""System checks of the settings this app reads. Numbers never change their meaning."""

from datetime import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@register()
def check_reminders(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        time.fromisoformat(settings.CRM_REMINDERS_AT)
    except ValueError:
        return [
            Error(
                f"CRM_REMINDERS_AT is {settings.CRM_REMINDERS_AT!r}, which is no time of a day.",
                hint="Write hours and minutes: CRM_REMINDERS_AT=07:00",
                id="customers.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.CRM_MAIL:
        return [
            Warning(
                "No mail server is set: follow-ups that are due show in the admin alone.",
                hint="Set EMAIL_URL, CRM_MAIL_FROM and CRM_ADDRESS (docs/settings.md).",
                id="customers.W001",
            )
        ]
    found: list[CheckMessage] = []
    if urlsplit(settings.CRM_ADDRESS).hostname in LOCAL | {None}:
        found.append(
            Warning(
                f"The links in mails lead to {settings.CRM_ADDRESS}, which no other machine finds.",
                hint="Set CRM_ADDRESS to where staff reach this site: https://crm.example.com",
                id="customers.W002",
            )
        )
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        found.append(
            Warning(
                f"Mails are sent from {settings.DEFAULT_FROM_EMAIL}, which many servers refuse.",
                hint="Set CRM_MAIL_FROM to an address of your own domain.",
                id="customers.W003",
            )
        )
    return found
