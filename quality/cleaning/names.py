"""Names of persons and organisations: case put right where it is plainly wrong.

A name in mixed case is somebody's decision and stays. Only a name wholly in capitals, wholly in
small letters or with its case inverted (`gEORGE`) is written anew, and only in scripts where
that is certain (Latin, Cyrillic). Organisations keep their case: `IBM`, `adidas`, `GmbH`.
"""

from __future__ import annotations

import re
import unicodedata

from quality.cleaning.folding import fold_name
from quality.cleaning.outcome import EMPTY, Outcome, doubtful, kept
from quality.cleaning.surnames import are_swapped, is_han, split_han
from quality.cleaning.text import tidy
from quality.cleaning.vocabulary import terms

__all__ = ["clean_name", "fold_name", "in_ordinary_case", "names_are_swapped", "split_full_name"]

# Particles that begin or join a family name in small letters.
_PARTICLES = terms(
    "de | del | der | den | des | dos | das | da | do | van | von | zu | zum | zur | ter | ten"
    "| 't | 's | y | e | af | av | bin | binti | ibn | bint | d' | vom | und"
)
_AFTER_A_PARTICLE = terms("la | las | los | le | l'")
_INSIDE_GIVEN = terms("de | del | la | las | los | y | da | dos | do")
_AS_WRITTEN = {"ii": "II", "iii": "III", "iv": "IV", "vi": "VI", "vii": "VII", "viii": "VIII"} | {
    "phd": "PhD",
    "md": "MD",
}
# After one of these a short word is a syllable of an Asian name, not a particle: Li De Hua.
_ASIAN_SURNAMES = terms(
    "nguyen | tran | le | pham | hoang | huynh | phan | vu | vo | dang | bui | do | li | wang"
    "| zhang | liu | chen | yang | huang | zhao | wu | zhou | xu | sun | ma | zhu | hu | guo"
    "| he | lin | gao | luo | zheng | liang | xie | song | tang | deng | han | feng | cao"
    "| peng | zeng | xiao | tian | dong | pan | yuan | cai | jiang | yu | du | ye | cheng | wei"
    "| su | lu | lv | ding | ren | shen | yao | zhong | cui | tan | fan | jin | shi | liao"
    "| jia | xia | fu | fang | zou | xiong | bai | meng | qin | qiu | hou | yin | xue | yan"
    "| lei | long | tao | chan | wong | lau | cheung | leung | ng | kim | park | choi"
)
_SYLLABLES = terms("van | de | da | do | den | bin | zu | ten | y | e")
_WORD = re.compile(r"[^\s\-‐‑]+")
_CASED = re.compile(r"[A-Za-z\u00aa-\u024f\u0250-\u02af\u0400-\u052f\u1e00-\u1eff]")
# Signs that stand in a name only where an encoding was lost: there is no case to put right.
_NOT_OF_NAMES = re.compile(
    r"[\u00a1-\u00a9\u00ab-\u00b3\u00b5\u00b6\u00b8-\u00b9\u00bb-\u00bf×÷\ufffd]"
)
_CASED_OR_GREEK = re.compile(rf"{_CASED.pattern}|[\u0370-\u03ff\u1f00-\u1fff]")
_ONE_LETTER_PREFIX = re.compile(r"^([^\W\d_])(['’ʼ`´])(?=[^\W\d_])")
_MC = re.compile(r"^mc(?=[a-z]{3})", re.IGNORECASE)
_SUFFIX = re.compile(r"jr\.?|sr\.?|i{2,3}|iv|ph\.?d\.?|m\.?d\.?", re.IGNORECASE)
_EAST_ASIAN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff々]+\Z"
)
_TITLES = terms(
    "mr | mrs | ms | miss | dr | prof | sir | herr | frau | dipl-ing | ing | mme | mlle | m"
    "| monsieur | madame | sr | sra | srta | don | doña | sig | sig.ra | dhr | mevr | pan | pani"
)
_PATRONYMIC = re.compile(r"(?:[оеё]вич|[оеё]вна|ична|ич)$")
_RUSSIAN_FAMILY = re.compile(r"(?:[оеё]ва?|[иы]на?|[иоы]й|ая|ко|[ую]к)$")
# Written with two capitals far more often than with one; Mackay, Machado and Mack are not.
_MAC = re.compile(r"mac(?=(?:donald|leod|arthur|gregor|dougall|pherson|innes|donnell)$)")
# A given name of two capitals that cannot be spoken is a pair of initials: AJ, JP, TJ.
_INITIALS = re.compile(r"[B-DF-HJ-NP-TV-Z][B-DF-HJ-NP-TV-Z]|AJ|EJ|OJ")
_TURKISH = re.compile(r"[İıĞğ]")
_ROMANIAN = re.compile(r"[ĂăÂâÎîȚțŢţȘș]")


def in_ordinary_case(name: str, *, given: bool = False, country: str | None = None) -> str | None:
    """The name in the case people write, None when it cannot be known.

    `given`: a given name, where particles stand only inside (`María del Carmen`). Turkish has
    two letters i: where it may be Turkish and nothing shows which i is meant, None.
    """
    if not _is_plainly_wrong(name) or (given and _INITIALS.fullmatch(name)):
        return name
    lowered = _lowered(name, country)
    if lowered is None:
        return None
    words = lowered.split(" ")
    turkish = _TURKISH.search(name) is not None
    cased = [
        _word(word, position, words, given=given, turkish=turkish)
        for position, word in enumerate(words)
    ]
    return unicodedata.normalize("NFC", " ".join(cased))


def _is_plainly_wrong(name: str) -> bool:
    if name[:1].isupper() and not name.isupper():
        return False
    letters = [letter for letter in name if letter.isalpha()]
    if len(letters) < 2 or _NOT_OF_NAMES.search(name):
        return False
    # Greek capitals have lost their accents; its small letters have lost nothing.
    certain = _CASED_OR_GREEK if name.islower() else _CASED
    if any(certain.match(letter) is None for letter in letters):
        return False
    if name.isupper():
        return True
    return name.islower() or all(map(_is_inverted, filter(None, re.split(r"[\s\-‐‑]+", name))))


def _is_inverted(word: str) -> bool:
    """`gEORGE`, `o'bRIEN`: a small letter, then nothing but capitals."""
    letters = [letter for letter in word if letter.isalpha()]
    return len(letters) > 1 and letters[0].islower() and all(map(str.isupper, letters[1:]))


def _lowered(name: str, country: str | None) -> str | None:
    """The name in small letters, in the alphabet of its language."""
    if _TURKISH.search(name):
        return name.replace("I", "ı").replace("İ", "i").lower()
    turkish = country in {"TR", "AZ", "CY"}
    if "Ş" in name.upper() and not _ROMANIAN.search(name):
        turkish = turkish or country is None
    if turkish and ("I" in name or re.search(r"(?:^|[\s-])i", name)):
        return None
    return name.lower()


def _word(word: str, position: int, words: list[str], *, given: bool, turkish: bool) -> str:
    last = position == len(words) - 1
    if last and position > 0 and word.rstrip(".,") in _AS_WRITTEN:
        return _AS_WRITTEN[word.rstrip(".,")] + word[len(word.rstrip(".,")) :]
    if not last and _stays_small(word, position, words, given=given):
        return word
    return _WORD.sub(lambda part: _part(part[0], turkish=turkish), word)


def _stays_small(word: str, position: int, words: list[str], *, given: bool) -> bool:
    before = words[position - 1] if position else ""
    if given:
        return position > 0 and word in _INSIDE_GIVEN
    if word in _SYLLABLES and words[0] in _ASIAN_SURNAMES:
        return False
    if position == 0 and word in {"do", "das", "y", "e"}:  # Do Thi, Das Gupta
        return False
    return word in _PARTICLES or (word in _AFTER_A_PARTICLE and before in _PARTICLES)


def _part(part: str, *, turkish: bool) -> str:
    """One word between hyphens: capital first, and after `O'`, `Mc` and initials."""
    if match := _ONE_LETTER_PREFIX.match(part):
        rest = part[match.end() :]
        return _upper(match[1], turkish) + match[2] + _capital(rest, turkish)
    if _MC.match(part):
        return "Mc" + _capital(part[2:], turkish)
    if _MAC.match(part):
        return "Mac" + _capital(part[3:], turkish)
    if re.match(r"ij[^aeiou\W\d_]", part):
        return "IJ" + part[2:]
    # J.R.: a capital after each point
    return "".join(_capital(piece, turkish) for piece in re.split(r"(?<=\.)", part))


def _capital(word: str, turkish: bool) -> str:
    for position, letter in enumerate(word):
        if letter.isalpha():
            capital = _upper(letter, turkish)
            return word[:position] + capital + word[position + 1 :]
    return word


def _upper(letter: str, turkish: bool) -> str:
    if turkish and letter == "i":
        return "İ"
    upper = letter.upper()
    return upper if len(upper) == 1 else letter.title()


def clean_name(
    text: str, *, given: bool = False, organisation: bool = False, country: str | None = None
) -> Outcome:
    """The name in ordinary case; an organisation's name is only tidied."""
    name, _rule = tidy(text)
    if name.count('"') == 1 and '"' in (name[0], name[-1]):
        name = name.strip('" ')  # what a broken file leaves at one end of a cell
    if not name:
        return EMPTY
    if organisation:
        return kept(name)
    cased = in_ordinary_case(name, given=given, country=country)
    if cased is None:
        return doubtful(name, "name_case_unknown", value=name)
    again = in_ordinary_case(cased, given=given, country=country)
    if again != cased or tidy(cased)[0] != cased:
        return kept(name)  # a spelling the rules would go on changing is none of their business
    return kept(cased, "name_case" if cased != name else "")


def names_are_swapped(given: str, family: str, email: str | None = None) -> bool:
    """Whether given and family name provably stand in each other's place."""
    return are_swapped(given, family, email)


def split_full_name(text: str) -> tuple[str, str]:
    """Given and family name of a full name; the order of the words on display hardly changes.

    Chinese names split by their known family name, other East Asian ones at the space after it,
    `Last, First` at its comma, Russian ones by their patronymic, others after their first word,
    titles going with the given name and particles with the family name. What cannot be split is
    all given name (`Madonna`) or, in Chinese, all family name.
    """
    if is_han(text):
        family, given = split_han(text) or (text, "")
        return given, family
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma and family and given and "," not in given and not _SUFFIX.fullmatch(given):
        return given, family
    words = text.split() or [text]
    if len(words) == 1:
        return text, ""
    if _EAST_ASIAN.match(words[0]) and all(map(_EAST_ASIAN.match, words)):
        return " ".join(words[1:]), words[0]
    if words[0] in _PARTICLES:  # "de la Cruz": nobody's given name comes first
        return "", text
    return _split_words(words)


def _split_words(words: list[str]) -> tuple[str, str]:
    if len(words) == 3 and _PATRONYMIC.search(words[1]):
        return " ".join(words[:2]), words[2]
    if len(words) == 3 and _PATRONYMIC.search(words[2]) and _RUSSIAN_FAMILY.search(words[0]):
        return " ".join(words[1:]), words[0]
    first = 0
    while first < len(words) - 2 and words[first].casefold().rstrip(".") in _TITLES:
        first += 1
    return " ".join(words[: first + 1]), " ".join(words[first + 1 :])
