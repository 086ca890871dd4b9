"""Countries in several languages to ISO 3166-1 alpha-2.

The names are those of pycountry: ISO's own and their translations, as gettext catalogues. A name
that means different countries in different languages is left out, and so is every abbreviation
that could be a region; what is not known is kept and flagged.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from functools import lru_cache

import pycountry

from quality.cleaning.folding import fold_name
from quality.cleaning.outcome import EMPTY, Outcome, doubtful, kept
from quality.cleaning.text import plain
from quality.cleaning.vocabulary import terms

_LANGUAGES = terms(
    "ar | az | be | bg | bn | ca | cs | da | de | el | es | et | eu | fa | fi | fr | ga | he | hi"
    "| hr | hu | hy | id | is | it | ja | ka | kk | ko | lt | lv | mk | ms | mt | nb_NO | nl | pl"
    "| pt | pt_BR | ro | ru | sk | sl | sq | sr | sv | th | tr | uk | ur | vi | zh_CN | zh_TW"
)
_ALIASES = {
    "AE": "uae | u.a.e. | emirates",
    "BA": "bosnia",
    "BO": "bolivia",
    "BN": "brunei",
    "CD": "dr congo | drc | democratic republic of the congo",
    "CI": "ivory coast | cote d'ivoire",
    "CN": "prc | p.r.c. | pr china | p.r. china | p. r. china | people's republic of china"
    "| mainland china | 中华人民共和国 | 中國 | 中国大陆 | 中国大陸 | 中華人民共和國 | zhongguo",
    "CV": "cape verde",
    "CZ": "czech republic | ceska republika | cesko",
    "DE": "brd | deutschland | bundesrepublik deutschland | allemagne| federal republic of germany",
    "ES": "espana",
    "FK": "falkland islands",
    "FM": "micronesia",
    "GB": "uk | u.k. | great britain | britain | england | scotland | wales | northern ireland"
    "| united kingdom of great britain | grossbritannien | gran bretana | 英国 | 英國",
    "GR": "hellas | ellada",
    "HK": "hong kong | hongkong | hong kong sar | 香港",
    "HR": "hrvatska",
    "HU": "magyarorszag",
    "IR": "iran",
    "JP": "nippon | nihon | 日本",
    "KP": "north korea | dprk | 朝鲜",
    "KR": "south korea | republic of korea | rok | korea, south | 韩国 | 韓國 | 한국 | 대한민국",
    "LA": "laos",
    "MD": "moldova",
    "MK": "macedonia | north macedonia",
    "MM": "burma",
    "MO": "macau | macao | 澳门 | 澳門",
    "NL": "holland | the netherlands | nederland",
    "PL": "polska",
    "PS": "palestine",
    "RU": "russia | rossiya | россия | рф",
    "SY": "syria",
    "SZ": "swaziland",
    "TR": "turkey | turkiye | türkiye | turkei",
    "TW": "taiwan | taiwan roc | 台湾 | 台灣 | 臺灣 | 中华民国 | 中華民國",
    "TZ": "tanzania",
    "US": "usa | u.s. | u.s.a. | united states | united states of america | the united states"
    "| estados unidos | etats-unis | etats unis | ee.uu. | eeuu | vereinigte staaten"
    "| vereinigte staaten von amerika"
    "| 美国 | 美國 | 美利坚合众国 | アメリカ | 미국 | сша",
    "VA": "vatican | vatican city",
    "VE": "venezuela",
    "VN": "vietnam | viet nam",
    "XK": "kosovo",
}
# Names shorter than this once meant something else without their accents.
_SHORT = 4
_ARTICLES = re.compile(r"^(?:the|la|le|les|el|los|die|der|das|il|l') ?(?=\w{4})")
_NOISE = re.compile(r"[.·\s_()\[\],']+")


def is_country(code: str) -> bool:
    """Whether `code` is an ISO alpha-2 code in capitals."""
    return code in _codes()


def country_of(text: str) -> str | None:
    """The alpha-2 code of a country's name, alias, alpha-2 or alpha-3 code in any language."""
    bare = plain(text)
    if bare.upper() in _codes():
        return bare.upper()
    key = _key(bare)
    if not key:
        return None
    names = _names()
    if len(key) < _SHORT and not bare.isascii():
        return names.get(_unfolded(bare)) or names.get(key)
    return names.get(key) or names.get(_ARTICLES.sub("", key))


def clean_country(text: str) -> Outcome:
    """The alpha-2 code; an unknown name stays and is flagged."""
    if not plain(text):
        return EMPTY
    code = country_of(text)
    if code is None:
        return doubtful(plain(text), "country_unknown")
    return kept(code, "country_code" if code != text else "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}


def _unfolded(text: str) -> str:
    """The key of a short name that is told from others by its accents alone (Vietnamese Ý, Áo)."""
    return "=" + unicodedata.normalize("NFC", text).casefold()


def _key(text: str) -> str:
    return _NOISE.sub(" ", fold_name(text).replace("&", " and ")).strip()


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Folded names to codes; built once, about thirty thousand names."""
    found: dict[str, str | None] = {}
    for language in sorted(_LANGUAGES):
        try:
            catalogue = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language])
        except OSError:
            continue
        for country in pycountry.countries:
            for name in _iso_names(country):
                _note(found, catalogue.gettext(name), country.alpha_2)
    for country in pycountry.countries:
        for name in [*_iso_names(country), country.alpha_3]:
            found[_key(name)] = country.alpha_2
    for code, aliases in _ALIASES.items():
        for alias in terms(aliases):
            found[_key(alias)] = code
            found[_key(alias).replace(" ", "")] = code
    return {key: code for key, code in found.items() if code and key}


def _iso_names(country: object) -> list[str]:
    names = (getattr(country, kind, None) for kind in ("name", "common_name", "official_name"))
    return [name for name in names if name]


def _note(found: dict[str, str | None], name: str, code: str) -> None:
    """Remember a translated name; one that was already another country's means nothing."""
    key = _key(name)
    if len(key) < _SHORT and key.isascii():
        # Y is not Italy, and Man is not where anybody lives.
        key = "" if name.isascii() else _unfolded(name)
    found[key] = None if found.get(key, code) != code else code
