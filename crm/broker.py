"""Is the broker there: so that a page can say that background work is waiting."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

TIMEOUT = 0.5  # seconds


def broker_answers() -> bool:
    """Ping Redis within half a second; the filesystem transport has nothing that could be down."""
    if settings.CELERY_BROKER_URL.startswith("filesystem://"):
        return True
    try:
        with connect() as server:
            return bool(server.ping())
    except (RedisError, OSError):
        return False


def connect() -> Redis:
    # Without these the client itself tries again, for seconds, while somebody waits for a page.
    options: dict[str, Any] = {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
    }
    if settings.OWN_REDIS:
        return Redis(unix_socket_path=str(settings.BROKER_SOCKET), **options)
    return Redis.from_url(settings.REDIS_URL, **options)
