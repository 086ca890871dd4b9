"""…"""

from typing import Any

from quality.reading.basics import Raw, UnreadableFile

PARQUET = b"PAR1"


def open_parquet(*args: Any) -> Raw:
    raise UnreadableFile("json", "Not yet.")
