"""…"""

from typing import Any

from quality.reading.basics import Raw, UnreadableFile


def open_json(*args: Any) -> Raw:
    raise UnreadableFile("json", "Not yet.")


def looks_like_json(start: str) -> bool:
    return start.startswith(('{"', "[{"))
