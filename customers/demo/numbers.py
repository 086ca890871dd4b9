"""Numbers that pass every check: telephones of the place, and ID numbers with right checksums."""

import re
from collections.abc import Callable
from datetime import date
from operator import mul
from random import Random

from stdnum.es import dni
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.pl import pesel

from customers.demo.names import FEMALE, MALE, ascii_of
from customers.demo.places import AREAS

POSTAL_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CONSONANTS = re.compile(r"[aeiou]")
VOWELS = re.compile(r"[^aeiou]")
# Coprime to every power of ten: walks through all numbers of a pattern before one comes again.
STRIDE = 7_368_787_621


def filled(pattern: str, chance: Random) -> str:
    """A postal code of this pattern."""
    return "".join(
        chance.choice("0123456789")
        if sign == "#"
        else chance.choice(POSTAL_LETTERS)
        if sign == "@"
        else sign
        for sign in pattern
    )


def telephone(pattern: str, number: int) -> str:
    """The telephone number that the `number`-th customer gets; different for different ones as
    long as the pattern has enough of them."""
    if "{area}" in pattern:
        number, area = divmod(number, len(AREAS))
        pattern = pattern.replace("{area}", AREAS[area])
    if "{2-5}" in pattern:
        number, first = divmod(number, 4)
        pattern = pattern.replace("{2-5}", str(2 + first))
    places = pattern.count("#")
    # A long subscriber number that begins with 0 or 1 is none in many countries.
    lowest = 2 * 10 ** (places - 1) if places > 4 else 0
    digits = f"{lowest + number * STRIDE % (10**places - lowest):0{places}d}"
    for digit in digits:
        pattern = pattern.replace("#", digit, 1)
    return pattern


def identity_number(
    country: str, card: str, gender: str, born: date, names: tuple[str, str], chance: Random
) -> tuple[str, str]:
    """Type and number, or two empty texts where we make none."""
    maker = MAKERS.get(country)
    if maker is None:
        return "", ""
    kind, make = maker
    return kind, make(card, gender, born, names, chance)


def _resident(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    body = f"{card}{born:%Y%m%d}{chance.randrange(100):02d}{_odd(gender == MALE, chance)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def _dni(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    body = f"{chance.randrange(10**8):08d}"
    return body + dni.calc_check_digit(body)


def _pesel(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    month = born.month + (20 if born.year >= 2000 else 0)
    serial = f"{chance.randrange(1000):03d}{_odd(gender == MALE, chance)}"
    body = f"{born:%y}{month:02d}{born:%d}{serial}"
    return body + pesel.calc_check_digit(body)


def _nir(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    town, serial = chance.randrange(1, 500), chance.randrange(1, 1000)
    body = f"{1 if gender == MALE else 2}{born:%y%m}{card}{town:03d}{serial:03d}"
    return body + nir.calc_check_digits(body)


def _codice(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    given, family = map(ascii_of, names)
    day = born.day + (40 if gender == FEMALE else 0)
    body = (
        f"{_letters(family)}{_letters(given, of_given=True)}{born:%y}"
        f"{'ABCDEHLMPRST'[born.month - 1]}{day:02d}{card}"
    ).upper()
    return body + codicefiscale.calc_check_digit(body)


def _letters(word: str, *, of_given: bool = False) -> str:
    """Three letters of a name, as the Italian tax code takes them."""
    word = re.sub(r"\d", "", word)
    consonants = CONSONANTS.sub("", word)
    if of_given and len(consonants) > 3:
        consonants = consonants[0] + consonants[2:4]
    return (consonants + VOWELS.sub("", word) + "xxx")[:3]


def _rrn(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    sign = (1 if gender == MALE else 2) + (2 if born.year >= 2000 else 0)
    body = f"{born:%y%m%d}{sign}{chance.randrange(90):02d}{chance.randrange(1000):03d}"
    return body + rrn.calc_check_digit(body)


def _cpf(card: str, gender: str, born: date, names: tuple[str, str], chance: Random) -> str:
    digits = [chance.randrange(10) for _place in range(9)]
    for _check in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(map(mul, digits, weights)) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits))


def _odd(odd: bool, chance: Random) -> int:
    return chance.randrange(5) * 2 + odd


Maker = Callable[[str, str, date, tuple[str, str], Random], str]
MAKERS: dict[str, tuple[str, Maker]] = {
    "CN": ("cn_resident_id", _resident),
    "ES": ("es_dni", _dni),
    "PL": ("pl_pesel", _pesel),
    "FR": ("fr_nir", _nir),
    "IT": ("it_codice_fiscale", _codice),
    "KR": ("kr_rrn", _rrn),
    "BR": ("br_cpf", _cpf),
}
