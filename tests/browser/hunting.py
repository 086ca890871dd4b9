"""The canary hunt: everything the running product left anywhere, searched for protected values."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import redis

# Public by design, or the one secret that lies in the clear on purpose.
NOT_HUNTED = frozenset({"static", "keys"})
TELL_WHAT_IS_PACKED = """
import json
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from jobs.models import Job
print(json.dumps({
    "session": [session.get_decoded() for session in Session.objects.all()],
    "admin log": list(LogEntry.objects.values("object_repr", "change_message")),
    "job": list(Job.objects.values("params", "cursor", "result", "message", "error")),
}, default=str, ensure_ascii=False))
"""


def found_in_plain_text(secrets: Iterable[str], among: Iterable[tuple[str, bytes]]) -> list[str]:
    """In which of these places any of the secrets stands, in whatever case, in UTF-8 or UTF-16."""
    wanted = {}
    for secret in secrets:
        wanted[secret] = secret.lower().encode()
        wanted[f"{secret} (UTF-16)"] = secret.lower().encode("utf-16-le")
    found = []
    for place, raw in among:
        lowered = raw.lower()
        found += [f"{place}: {name}" for name, pattern in wanted.items() if pattern in lowered]
    return found


def places(running) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything: files, the cluster of a PostgreSQL, what sessions pack, what
    a Redis holds, what other users see of our processes."""
    yield from files(running)
    yield from _below(running.data_dir.parent / "cluster")
    yield "arguments", b"\n".join(_arguments())
    packed = json.loads(running.manage("shell", "-v", "0", "-c", TELL_WHAT_IS_PACKED).stdout)
    for place, content in packed.items():
        yield place, json.dumps(content, ensure_ascii=False).encode()
    if url := running.environment.get("REDIS_URL"):
        with redis.Redis.from_url(url) as broker:
            for key in broker.scan_iter():
                yield f"broker {key!r}", _held(broker, key)


def files(running) -> Iterator[tuple[str, bytes]]:
    """The live database with its WAL, logs, broker, backups, uploads, temporary files, output."""
    yield "output", "".join(running.output).encode()
    yield from _below(running.data_dir)
    yield from _below(running.outside)


def _below(directory: Path) -> Iterator[tuple[str, bytes]]:
    for path in directory.rglob("*"):
        parts = path.relative_to(directory).parts
        if path.is_file() and NOT_HUNTED.isdisjoint(parts):
            yield "/".join(parts), path.read_bytes()


def _arguments() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes()
        except OSError:  # ended meanwhile
            continue


def _held(broker: redis.Redis, key: bytes) -> bytes:
    kind = broker.type(key)
    if kind == b"list":
        return b"\n".join(broker.lrange(key, 0, -1))
    if kind == b"hash":
        return b"\n".join(part for pair in broker.hgetall(key).items() for part in pair)
    if kind == b"zset":
        return b"\n".join(broker.zrange(key, 0, -1))
    return b"\n".join(broker.smembers(key)) if kind == b"set" else broker.get(key) or b""
