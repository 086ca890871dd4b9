"""Is the broker there: so that a page can say that background work is waiting."""

from __future__ import annotations

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

TIMEOUT = 0.5  # seconds


def broker_answers() -> bool:
    """Ping Redis within half a second; the filesystem transport has nothing that could be down."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return True
    try:
        with connect() as server:
            return bool(server.ping())
    except (RedisError, OSError):
        return False


def connect() -> Redis:
    if settings.OWN_REDIS:
        return Redis(unix_socket_path=str(settings.BROKER_SOCKET), socket_timeout=TIMEOUT)
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )
