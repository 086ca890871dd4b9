"""Names out of Faker's word lists, and how each is written in an e-mail address."""

import importlib
import re
import unicodedata
from bisect import bisect
from functools import cache, lru_cache
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from pypinyin import lazy_pinyin

FEMALE, MALE = "female", "male"
NOT_LOCAL = re.compile(r"[^a-z0-9]+")
POLISH_ENDINGS = re.compile(r"(?<=[sdcz]k)i$")
CYRILLIC = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhye", strict=True)),
        "ё": "e",
        "ж": "zh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
    }
)
LATIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
JOBS = {"ar_SA": "ar_AA"}
# Family names in the lists that would be taken for a joke or worse.
LEFT_OUT = frozenset({"بن لادن"})
WORDS = {
    "zh_CN": ("晨光", "华信", "东方", "新元", "恒达", "瑞丰", "金桥", "天成", "博远", "海澜"),
    "zh_TW": ("晨光", "華信", "東方", "新元", "恆達", "瑞豐", "金橋", "天成", "博遠"),
    "ru_RU": ("Север", "Восток", "Альфа", "Мега", "Эко", "Волга"),
}


class Words:
    """A list to draw from, each word as often as Faker thinks fit."""

    def __init__(self, source: Any) -> None:
        items = source.items() if isinstance(source, dict) else ((word, 1) for word in source)
        pairs = sorted(pair for pair in dict(items).items() if pair[0] not in LEFT_OUT)
        self.words = [word for word, _weight in pairs]
        self.sums = list(accumulate(weight for _word, weight in pairs))

    def draw(self, chance: Random) -> Any:
        return self.words[bisect(self.sums, chance.random() * self.sums[-1])]


class Name(NamedTuple):
    given: str
    family: str
    # Of an e-mail address; empty where the script has no plain spelling in ASCII.
    local: str


class _People:
    """The lists of one locale."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        provider = _provider("person", locale)
        self.given = {
            FEMALE: Words(provider.first_names_female),
            MALE: Words(provider.first_names_male),
        }
        self.family = {
            FEMALE: Words(getattr(provider, "last_names_female", provider.last_names)),
            MALE: Words(getattr(provider, "last_names_male", provider.last_names)),
        }
        if locale == "pl_PL":  # its `last_names` is only a stand-in
            both = Words((*provider.unisex_last_names, *provider.male_last_names))
            self.family = dict.fromkeys((FEMALE, MALE), both)
        jobs = _provider("job", locale) or _provider("job", JOBS.get(locale, "en_US"))
        self.jobs = Words(job for job in jobs.jobs if len(job) < 60)
        if locale == "ja_JP":
            self.given = {
                FEMALE: Words(provider.first_name_female_pairs),
                MALE: Words(provider.first_name_male_pairs),
            }
            self.family = dict.fromkeys((FEMALE, MALE), Words(provider.last_name_pairs))

    def name(self, gender: str, chance: Random) -> Name:
        given: Any = self.given[gender].draw(chance)
        family: Any = self.family[gender].draw(chance)
        if self.locale == "ja_JP":
            return Name(given[0], family[0], f"{given[2]}.{family[2]}".lower())
        if self.locale == "pl_PL" and gender == FEMALE:
            family = POLISH_ENDINGS.sub("a", family)
        if self.locale == "es_ES" and chance.random() < 0.5:
            family = f"{family} {self.family[gender].draw(chance)}"
        return Name(given, family, ".".join(filter(None, (ascii_of(given), ascii_of(family)))))


@cache
def people_of(locale: str) -> _People:
    return _People(locale)


@lru_cache(maxsize=50_000)
def ascii_of(text: str) -> str:
    """The word in plain small letters; empty for scripts that nobody spells that way at once."""
    text = "".join(lazy_pinyin(text)) if re.search(r"[\u4e00-\u9fff]", text) else text.lower()
    text = unicodedata.normalize("NFKD", text.translate(CYRILLIC).translate(LATIN))
    return NOT_LOCAL.sub("", text)


def _provider(kind: str, locale: str) -> Any:
    try:
        return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
    except ImportError:
        return None
