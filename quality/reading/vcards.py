"""…"""

from typing import Any

from quality.reading.basics import Raw, UnreadableFile


def open_vcards(*args: Any) -> Raw:
    raise UnreadableFile("json", "Not yet.")


def looks_like_json(start: str) -> bool:
    return start.startswith(('{"', "[{"))
