"""XLSX: guarded before it is parsed, read by calamine, handed on as text."""

from collections.abc import Callable
from typing import BinaryIO

from quality.reading.basics import Limits, Raw


def open_workbook(opener: Callable[[], BinaryIO], limits: Limits, sheet: str | None) -> Raw:
    raise NotImplementedError
