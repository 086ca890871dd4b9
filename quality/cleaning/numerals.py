"""Chinese numerals in dates: 一九九〇年五月三日, 民國七十九年十二月三十一日."""

from __future__ import annotations

import re

_DIGITS = {numeral: digit for digit, numeral in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
}
_LETTERS = "〇○零一二三四五六七八九十百廿卅"
_NUMERAL = re.compile(rf"(?<![{_LETTERS}])[{_LETTERS}]{{1,6}}(?= ?[年月日号號])")
_COUNTED = re.compile(
    r"(?:(?P<hundreds>[一二三四五六七八九])百零?)?"
    r"(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十)|(?P<score>[廿卅]))?(?P<ones>[一二三四五六七八九])?"
)


def in_digits(text: str) -> str:
    """The text with the numerals before 年, 月 and 日 as digits; what is no number stays."""
    return _NUMERAL.sub(lambda numeral: _as_digits(numeral[0]), text)


def _as_digits(numeral: str) -> str:
    """Digit by digit (一九九〇) or counted (七十九)."""
    if all(letter in _DIGITS for letter in numeral):
        return "".join(str(_DIGITS[letter]) for letter in numeral)
    counted = _COUNTED.fullmatch(numeral)
    if counted is None:
        return numeral
    hundreds = _DIGITS[counted["hundreds"]] if counted["hundreds"] else 0
    tens = {"廿": 2, "卅": 3}.get(counted["score"] or "", 0)
    if counted["ten"]:
        tens = _DIGITS[counted["tens"]] if counted["tens"] else 1
    ones = _DIGITS[counted["ones"]] if counted["ones"] else 0
    return str(100 * hundreds + 10 * tens + ones)
