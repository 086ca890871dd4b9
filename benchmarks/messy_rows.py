"""Messy customers, made up: as many as wanted, the same for the same seed.

Three in ten are Chinese. Names are cased and spaced badly, phone numbers and dates come in many
formats, countries under many names, some cells hold nothing, placeholders or what cannot be true,
and one row in forty is a repetition or somebody we have under other data.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

GIVEN = (
    *("Anna", "Klaus", "Marie", "Luis", "Sofia", "Jack", "Olivia", "Noah", "Emma", "Liam"),
    *("Mia", "Paul", "Ida", "Otto", "Lena", "Jonas", "Clara", "Felix", "Nora", "Hugo"),
    *("Alma", "Iris", "Oscar", "Ruth", "Emil", "Greta", "Karl", "Helga", "Theo", "Vera"),
)
FAMILY = (
    *("Hofmann", "Schmidt", "García", "Dubois", "Smith", "O'Brien", "McDonald", "Müller"),
    *("Rossi", "Novak", "Jensen", "Silva", "Kowalski", "Andersson", "Fischer", "Weber"),
    *("Lopez", "Moreau", "Taylor", "Walker", "Berg", "Stein", "Vogel", "Keller", "Braun"),
)
HAN_GIVEN = (*"伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华", "桂平", "宇佳", "军建", "子涵")
HAN_FAMILY = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许")
STREETS = ("Waldallee", "Hauptstraße", "Elm Street", "Rue Victor Hugo", "Calle Mayor", "Ringweg")
PLACES = {
    "DE": (["Germany", "Deutschland", "DE", "germany ", "ＤＥ"], ["Köln", "Bonn", "Berlin"]),
    "US": (["USA", "United States", "us", "U.S.A."], ["Denver", "Austin", "Boston"]),
    "FR": (["France", "FR", "Frankreich"], ["Lyon", "Paris", "Nantes"]),
    "ES": (["Spain", "España", "ES"], ["Madrid", "Sevilla"]),
    "CN": (["China", "中国", "CN", "PRC"], ["杭州", "上海", "重庆", "西安"]),
}
NOTES = ("", "", "", "Referred by a colleague.", "客户要求周五前回电。", "Call after 6 pm")
HEADER = (
    *("first_name", "last_name", "email", "phone", "company", "street", "city", "country"),
    *("birth_date", "national_id", "note"),
)


def messy_rows(wanted: int, seed: int = 7) -> list[dict[str, str]]:
    """`wanted` rows."""
    chance = random.Random(seed)
    rows: list[dict[str, str]] = []
    for number in range(wanted):
        if rows and chance.random() < 0.025:
            rows.append(_again(chance.choice(rows[-2000:]), chance))
        else:
            rows.append(dict(zip(HEADER, _person(number, chance), strict=True)))
    return rows


def _again(row: dict[str, str], chance: random.Random) -> dict[str, str]:
    return row if chance.random() < 0.5 else row | {"city": "Moved", "note": ""}


def _person(number: int, chance: random.Random) -> Iterator[str]:
    country = "CN" if chance.random() < 0.3 else chance.choice(("DE", "US", "FR", "ES"))
    names, cities = PLACES[country]
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(24_000))
    han = country == "CN"
    given = chance.choice(HAN_GIVEN if han else GIVEN)
    family = chance.choice(HAN_FAMILY if han else FAMILY)
    yield _noisy(given, chance)
    yield _noisy(family, chance)
    mailbox = f"{'user' if han else given.lower()}.{number}@mail{number % 97}.example.org"
    yield _or_nothing(mailbox.upper() if chance.random() < 0.05 else mailbox, chance, "none")
    yield _or_nothing(_phone(country, chance), chance, "12345")
    yield f"Company {chance.randrange(400)} Ltd" if chance.random() < 0.6 else ""
    street = chance.choice(STREETS)
    yield f"人民路{chance.randrange(900)}号" if han else f"{street} {chance.randrange(300)}"
    yield _noisy(chance.choice(cities), chance)
    yield chance.choice(names)
    yield _or_nothing(_date(born, chance), chance, "1988-13-40")
    yield _resident_id(born, chance) if han and chance.random() < 0.8 else ""
    yield chance.choice(NOTES)


def _noisy(text: str, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.03:
        return text.upper()
    if kind < 0.06:
        return f"  {text} "
    if kind < 0.08:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return text


def _or_nothing(text: str, chance: random.Random, broken: str) -> str:
    kind = chance.random()
    if kind < 0.06:
        return chance.choice(("", "", "N/A", "-", "无"))
    return broken if kind < 0.075 else text


def _phone(country: str, chance: random.Random) -> str:
    def digits(many: int) -> str:
        return "".join(chance.choice("0123456789") for _place in range(many))

    if country == "CN":
        number = f"13{chance.choice('5678')}{digits(8)}"
        forms = (number, f"+86 {number[:3]} {number[3:7]} {number[7:]}", f"0086-{number}")
    elif country == "US":
        area, line = chance.choice(("303", "512", "617")), f"{chance.randrange(2, 9)}{digits(6)}"
        forms = (f"+1 {area}-{line[:3]}-{line[3:]}", f"({area}) {line[:3]}-{line[3:]}")
    elif country == "DE":
        number = f"151{digits(8)}"
        forms = (f"+49 {number}", f"0{number}", f"0049 {number[:3]}/{number[3:]}")
    elif country == "FR":
        number = f"6{digits(8)}"
        forms = (f"+33 {number}", f"0{number}")
    else:
        number = f"6{digits(8)}"
        forms = (f"+34 {number}", number)
    return chance.choice(forms)


def _date(born: date, chance: random.Random) -> str:
    return born.strftime(
        chance.choice(("%Y-%m-%d", "%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y年%m月%d日", "%d/%m/%Y"))
    )


def _resident_id(born: date, chance: random.Random) -> str:
    body = f"440305{born:%Y%m%d}{chance.randrange(1000):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
