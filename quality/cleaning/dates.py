"""Dates in many spellings to ISO; every spelling is anchored, none is guessed.

A lenient parser turns `1966-0d7-06` into today. Here a text either matches one spelling from
its first to its last character or it is not a date. `03/04/1990` has two readings: the column
decides when its own dates prove one order and never the other, or the person who cleans says
so; else the cell stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

from quality.cleaning.months import MONTHS
from quality.cleaning.numerals import in_digits
from quality.cleaning.outcome import EMPTY, Outcome, doubtful, impossible, kept
from quality.cleaning.text import plain

Order = Literal["dmy", "mdy"]

LONGEST_LIFE = 130  # years; the oldest person known reached 122
FIRST_RECORDS = 1970  # before that nobody's data was confirmed to any computer

_TIME = (
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?: ?(?:Z|[AP]M|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_TIME_OF_DAY = re.compile(
    r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|[AP]M|UTC|[+-]\d{2}:?\d{2}))?"
)
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.]) ?(\d{1,2})\2 ?(\d{1,2})\.?|(\d{2})(\d{2}))" + _TIME)
_ORIENTAL = re.compile(
    r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]" + _TIME,
)
_ERA = re.compile(
    r"(昭和|平成|令和|大正|明治|民国|民國) ?(\d{1,3}|元)年 ?(\d{1,2})月 ?(\d{1,2})[日号號]"
)
_TWO_ORDERS = re.compile(r"(\d{1,2}) ?([-/. ]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?: ?г\.?)?" + _TIME)
_DAY_MONTH = re.compile(
    r"(?:[^\W\d]+\.?,? )?(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[ /-]?(?:de |of )?([^\W\d_]+)\.?,?"
    r"[ /-]?(?:de |del |of )?(\d{4}|\d{2})(?: ?г(?:\.|ода)?)?" + _TIME,
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"(?:[^\W\d]+,? )?([^\W\d_]+)\.?[ -](\d{1,2})(?:st|nd|rd|th)?,?[ -](\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_YEAR_MONTH_DAY = re.compile(r"(\d{4})\.?[ -]([^\W\d_]+)\.?[ -](\d{1,2})\.?" + _TIME)
_INCOMPLETE = re.compile(
    r"\d{4}(?:[-/.年] ?\d{1,2}月?|年)?|\d{1,2}[-/.]\d{4}"
    r"|[^\W\d_]{3,}\.?[ -]\d{2,4}|\d{1,2}[ .-][^\W\d_]{3,}"
)
# A year beside words of a language we do not know is still somebody's date.
_UNKNOWN_WORDS = re.compile(
    r"(?=.*(?<!\d)(?:1[89]|20)\d\d(?!\d))(?=.*(?<!\d)\d\d?(?!\d)).*[^\W\d_]{3}.*"
)
_SERIAL = re.compile(r"\d{4,5}(?:\.0+)?")
_ERA_LETTER = re.compile(r"([MTSHR])(\d{1,2})[./-](\d{1,2})[./-](\d{1,2})")
_ERA_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA_STARTS = {
    "明治": (1867, date(1868, 1, 25), date(1912, 7, 30)),
    "大正": (1911, date(1912, 7, 30), date(1926, 12, 25)),
    "昭和": (1925, date(1926, 12, 25), date(1989, 1, 7)),
    "平成": (1988, date(1989, 1, 8), date(2019, 4, 30)),
    "令和": (2018, date(2019, 5, 1), date.max),
    "民国": (1911, date(1912, 1, 1), date.max),
    "民國": (1911, date(1912, 1, 1), date.max),
}


class Reading:
    """What a text says: one day, one of two days, or why it says none."""

    __slots__ = ("day_first", "month_first", "problem")

    def __init__(
        self, day_first: date | None, month_first: date | None = None, problem: str = ""
    ) -> None:
        self.day_first = day_first
        self.month_first = month_first if month_first is not None else day_first
        self.problem = problem

    @property
    def certain(self) -> date | None:
        """The day, when there is only one reading."""
        return self.day_first if self.day_first == self.month_first else None


def read_date(text: str) -> Reading:
    """The reading of a text that was made `plain`."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match[1], match[3] or match[5], match[4] or match[6]
        reading = _one(year, month, day)
        if (
            reading.day_first is None
            and match[5]
            and _either(text[:2], text[2:4], text[4:8]).day_first
        ):
            return Reading(None, problem="date_ambiguous")
        return _timed(match, 7, reading)
    if match := _TWO_ORDERS.fullmatch(text):
        return _timed(match, 5, _either(match[1], match[3], match[4]))
    return _read_words(text) or _read_oriental(text) or Reading(None, problem=_why_not(text))


def _why_not(text: str) -> str:
    if _INCOMPLETE.fullmatch(text):
        return "date_incomplete"
    if _UNKNOWN_WORDS.fullmatch(text):
        return "date_in_unknown_words"
    if _SERIAL.fullmatch(text):
        return "date_serial_unproven"
    return "date_unreadable"


def _read_oriental(text: str) -> Reading | None:
    text = in_digits(text)
    if match := _ORIENTAL.fullmatch(text):
        return _timed(match, 4, _one(match[1], match[2], match[3]))
    if match := _ERA.fullmatch(text) or _ERA_LETTER.fullmatch(text):
        offset, first, last = _ERA_STARTS[_ERA_LETTERS.get(match[1], match[1])]
        years = 1 if match[2] == "元" else int(match[2])
        found = _day(offset + years, int(match[3]), int(match[4]))
        if found is None or not first <= found <= last:
            return Reading(None, problem="date_impossible")
        return Reading(found)
    return None


def _read_words(text: str) -> Reading | None:
    for pattern, year, month, day in (
        (_DAY_MONTH, 3, 2, 1),
        (_MONTH_DAY, 3, 1, 2),
        (_YEAR_MONTH_DAY, 1, 2, 3),
    ):
        match = pattern.fullmatch(text)
        number = MONTHS.get(match[month].casefold()) if match else None
        if match is None or number is None:
            continue
        if len(match[year]) == 2:
            return Reading(None, problem="date_two_digit_year")
        return _timed(match, 4, _one(match[year], str(number), match[day]))
    return None


def _one(year: str, month: str, day: str) -> Reading:
    found = _day(int(year), int(month), int(day))
    return Reading(found, problem="" if found else "date_impossible")


def _either(first: str, second: str, year: str) -> Reading:
    if len(year) == 2:
        return Reading(None, problem="date_two_digit_year")
    by_day = _day(int(year), int(second), int(first))
    by_month = _day(int(year), int(first), int(second))
    if by_day is None and by_month is None:
        return Reading(None, problem="date_impossible")
    return Reading(by_day or by_month, by_month or by_day)


def _timed(match: re.Match[str], group: int, reading: Reading) -> Reading:
    """A time of day other than midnight may belong to another day elsewhere: not certain."""
    if match[group] is not None and any(int(part or 0) for part in match.groups()[group - 1 :]):
        if "12:00:00 AM" in match[0] or "12:00 AM" in match[0]:
            return reading
        return Reading(None, problem="date_with_time")
    return reading


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def order_proven_by(text: str) -> Order | None:
    """The order of day and month that only this cell proves, for the column's evidence."""
    match = _TWO_ORDERS.fullmatch(plain(text))
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    if 12 < first <= 31 and 1 <= second <= 12:
        return "dmy"
    if 12 < second <= 31 and 1 <= first <= 12:
        return "mdy"
    return None


def looks_like_serial(text: str) -> bool:
    """Whether the cell could be a spreadsheet's day number (evidence for the whole column)."""
    return _SERIAL.fullmatch(plain(text)) is not None


def is_possible_birth_date(day: date, today: date) -> bool:
    """Whether a living person can have been born that day."""
    return today.year - LONGEST_LIFE <= day.year and day <= today


def clean_birth_date(
    text: str, *, today: date, order: Order | None = None, serials: bool = False
) -> Outcome:
    """ISO 8601; ambiguous and incomplete dates stay as they are, impossible ones are emptied.

    `order` settles `03/04/1990`; `serials` says that the whole column holds day numbers.
    """
    return _clean(
        plain(text), text, lambda day: is_possible_birth_date(day, today), today, order, serials
    )


def clean_past_day(
    text: str, *, today: date, order: Order | None = None, serials: bool = False
) -> Outcome:
    """As a birth date, for the day on which something was done: the time of day is left out."""
    words = plain(text)
    if (time := _TIME_OF_DAY.search(words)) and time.end() == len(words):
        words = words[: time.start()]
    return _clean(
        words, text, lambda day: day.year >= FIRST_RECORDS and day <= today, today, order, serials
    )


def _clean(
    words: str,
    text: str,
    is_possible: Callable[[date], bool],
    today: date,
    order: Order | None,
    serials: bool,
) -> Outcome:
    if not words:
        return EMPTY
    if serials and _SERIAL.fullmatch(words):
        reading = Reading(date(1899, 12, 30) + timedelta(days=int(float(words))))
    else:
        reading = read_date(words)
    if reading.day_first is None:
        if reading.problem in {"date_impossible", "date_unreadable"}:
            return impossible(reading.problem)
        return doubtful(words, reading.problem)
    return _judged(words, text, reading, is_possible, today=today, order=order)


def _judged(
    words: str,
    text: str,
    reading: Reading,
    is_possible: Callable[[date], bool],
    *,
    today: date,
    order: Order | None,
) -> Outcome:
    readings = [reading.day_first, reading.month_first]
    if order is not None and reading.certain is None:
        readings = [reading.day_first if order == "dmy" else reading.month_first]
    possible = {day for day in readings if day and is_possible(day)}
    if not possible:
        years = {day.year for day in readings if day}
        if all(1250 <= year <= 1500 or 2400 <= year <= 2600 for year in years):
            return doubtful(words, "date_of_another_calendar")
        future = all(day > today for day in readings if day)
        return impossible("date_in_the_future" if future else "date_too_long_ago")
    if len({day for day in readings if day}) > 1:
        return doubtful(words, "date_ambiguous")
    found = possible.pop().isoformat()
    return kept(found, "date_iso" if found != text else "")
