"""What a number in a workbook means: a date, a time, or the digits that were typed.

Excel stores dates as days since 1899-12-30 and tells them from numbers by their format alone.
Source: ECMA-376 part 1, 18.8.30 (numFmt) and 18.17.4 (dates).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal

_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_BUILT_IN_TIMES = frozenset({18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56})
_NOT_PLACEHOLDERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_LAST_DAY = 2_958_465  # 9999-12-31
_SIGNIFICANT = 15
"""Decimal digits a number in Excel can hold; what was typed beyond them is lost."""


def format_kind(number: int, code: str = "") -> str:
    """ "date", "time" or "number": what a cell with this number format shows."""
    if not code:
        if number in _BUILT_IN_DATES:
            return "date"
        return "time" if number in _BUILT_IN_TIMES else "number"
    shown = _NOT_PLACEHOLDERS.sub("", code.split(";")[0]).lower().replace("general", "")
    if re.search(r"[yd]", shown) or ("m" in shown and not re.search(r"[hs]", shown)):
        return "date"
    return "time" if re.search(r"[hs]", shown) else "number"


def cell_text(raw: str, kind: str, *, from_1904: bool) -> str:
    """The text of a numeric cell: an ISO date or time, or plain digits; never 1.0 or 1E+5."""
    raw = raw.strip()
    if raw.isdecimal() and kind == "number":
        return raw
    try:
        value = float(raw)
    except ValueError:
        return raw
    if kind != "number" and (moment := _moment(value, kind, from_1904)):
        return moment
    if is_rounded(raw):
        # Written out, the lost digits would look like true ones.
        return f"{Decimal(raw):E}"
    return _plain(raw, value)


def is_rounded(raw: str) -> bool:
    """Whether a whole number lost digits when the spreadsheet stored it (long ID numbers do)."""
    if raw.isdecimal() or "E" not in raw.upper():
        return False
    try:
        value = float(raw)
    except ValueError:
        return False
    return value.is_integer() and 10**_SIGNIFICANT <= abs(value) < 1e21


def _plain(raw: str, value: float) -> str:
    if value != value or abs(value) >= 1e21:
        return raw
    if value.is_integer():
        return str(int(Decimal(raw)))
    return format(Decimal(repr(value)), "f")


def _moment(value: float, kind: str, from_1904: bool) -> str:
    """ISO text of a serial number, or '' when it is none."""
    if not 0 <= value <= _LAST_DAY:
        return ""
    days, seconds = divmod(round(value * 86_400), 86_400)
    clock = (datetime(1904, 1, 1) + timedelta(seconds=seconds)).strftime("%H:%M:%S")  # noqa: DTZ001
    if kind == "time":
        return "" if days else clock
    # Excel counts a 29 February 1900 that never was.
    if days == 60 and not from_1904:
        return ""
    base = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if days > 60 else 31)  # noqa: DTZ001
    day = (base + timedelta(days=days)).date().isoformat()
    return f"{day} {clock}" if seconds else day
