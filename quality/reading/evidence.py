"""What the bytes of a text that is not UTF-8 say about its encoding.

Single-byte pages are compared by how likely their readings are: for each letter beyond ASCII, how
often it stands beside its neighbours in a language written with that page (`letters.json`). Pages
that give the same characters for all bytes of the file are one reading, so that a German list needs
no decision between Western, Central European and Turkish. Readings of two bytes a character are
judged by how many characters are everyday ones. Column names that are known under one reading and
nonsense under the others weigh more than anything.
"""

import codecs
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from quality.headers import recognise

#: The pages of one byte a character, the likelier first.
PAGES: tuple[str, ...] = (
    *("cp1252", "cp1250", "cp1251", "cp1254", "cp1253", "cp1255", "cp1256", "cp1257", "cp874"),
    *("iso8859-15", "iso8859-2", "iso8859-5", "iso8859-9", "koi8-r", "koi8-u"),
    *("cp866", "cp850", "cp437", "cp852", "mac-roman"),
)
#: Codec -> the language whose everyday characters it is judged by.
DOUBLE: dict[str, str] = {
    "gb18030": "zh_Hans",
    "cp950": "zh_Hant",
    "cp932": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
}
#: How much rarer than Windows-1252 files in an encoding are (a logarithm).
_RARE = {
    "cp1250": 1.0,
    "cp1254": 2.0,
    "cp1251": 3.0,
    "cp1253": 3.0,
    "cp1255": 3.0,
    "cp1256": 3.0,
    "cp1257": 5.0,
    "cp874": 3.0,
    "iso8859-15": 2.0,
    "iso8859-2": 3.0,
    "iso8859-5": 5.0,
    "iso8859-9": 3.0,
    "koi8-r": 4.0,
    "koi8-u": 5.0,
    "cp866": 5.0,
    "cp850": 6.0,
    "cp437": 9.0,
    "cp852": 6.0,
    "mac-roman": 6.0,
}
_LEVELS = (-3.0, -4.1, -5.2, -6.4, -7.5, -9.0)
_UNKNOWN = -12.0
_ALONE = -10.0
_NONSENSE = -24.0
_TYPOGRAPHY = frozenset("’‘“”„–—…€£§«»°·©®™º\u00a0¿¡´½•")
_WORD = re.compile(rb"[A-Za-z\x80-\xff']*[\x80-\xff][A-Za-z\x80-\xff']*")
_ELISION = re.compile(
    r"(?<=\b\w)’(?=\w)|(?<=ll|qu|st|Mc)’(?=\w)|(?<=\w)’(?=(?:s|t|d|m|ll|re|ve)\b)"
)
_AMID = re.compile(r"(?<=\w)[^\w']+(?=\w)|[^\w\s'’”»…]{2}")
_AMID_LATIN = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?=[a-z])")
_MOST_WORDS = 1_500
_LONGEST_WORD = 60
_MOST_TEXT = 512 * 1024
_LETTERS = Path(__file__).with_name("letters.json")
#: How much likelier a reading must be than any other, as a logarithm: e to the 9th.
_MARGIN = 9.0
_MARGIN_PER_WORD = 1.5
_KNOWN_NAME = 12.0
_PLAUSIBLE = -9.0


@dataclass
class Sample:
    """What is kept of a file: its different foreign words, which bytes it uses, what decodes."""

    words: dict[bytes, None] = field(default_factory=dict)
    header: bytes = b""
    text: bytearray = field(default_factory=bytearray)
    used: set[int] = field(default_factory=set)
    double: dict[str, "codecs.IncrementalDecoder"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.double = {codec: codecs.getincrementaldecoder(codec)() for codec in DOUBLE}

    def add(self, piece: bytes, *, final: bool = False) -> None:
        """Another piece of the file; `final` with the last, which may be empty."""
        if not piece.isascii():
            self.used.update(byte for byte in set(piece) if byte >= 0x80)
            if len(self.words) < _MOST_WORDS:
                words = _WORD.findall(piece)[:_MOST_WORDS]
                self.words.update(dict.fromkeys(w for w in words if len(w) <= _LONGEST_WORD))
            if len(self.text) < _MOST_TEXT:
                self.text += b"\n".join(
                    line for line in piece[:_MOST_TEXT].splitlines() if not line.isascii()
                )
        for codec, decoder in list(self.double.items()):
            try:
                decoder.decode(piece, final)
            except UnicodeDecodeError:
                del self.double[codec]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the file: the codec, and how likely it is (a logarithm)."""

    codec: str
    score: float
    plausible: bool


def decided(sample: Sample, readings: list[Reading]) -> str:
    """The codec of the reading that is likely where no other comes near, or ''.

    Readings are compared by the words in which they differ, and the more of those there are the
    more has to speak for one: names of many languages in one file are no proof of any.
    """
    if not readings or not readings[0].plausible:
        return ""
    best = readings[0]
    if best.codec in DOUBLE:
        near = [one for one in readings[1:] if one.plausible and best.score - one.score < _MARGIN]
        return "" if near else best.codec
    for other in readings[1:]:
        differing = sum(
            word.decode(best.codec) != word.decode(other.codec) for word in sample.words
        )
        if best.score - other.score < max(_MARGIN, _MARGIN_PER_WORD * differing):
            return ""
    return best.codec


def readings_of(sample: Sample) -> list[Reading]:
    """The readings that differ, the likeliest first."""
    double = _double_readings(sample)
    if any(reading.plausible for reading in double):
        # Two bytes a character that give everyday words all over are no accident.
        return double
    found: dict[str, Reading] = {}
    used = bytes(sorted(sample.used))
    for codec in PAGES:
        try:
            key = used.decode(codec)
        except UnicodeDecodeError:
            continue
        if any("\x80" <= char < "\xa0" for char in key):
            continue
        if key not in found:
            found[key] = _single_reading(sample, codec)
    return sorted(found.values(), key=lambda one: -one.score)


def _single_reading(sample: Sample, codec: str) -> Reading:
    score, pairs = -_RARE.get(codec, 0.0), 0
    for word in sample.words:
        worth, count = _worth(word.decode(codec))
        score += worth
        pairs += count
    # Without any letter (a dash, a euro sign) there is little to be wrong about.
    plausible = score / pairs > _PLAUSIBLE if pairs else score > 4 * _UNKNOWN
    return Reading(codec, score + _known_names(sample, codec), plausible)


@lru_cache(maxsize=8_192)
def _worth(text: str) -> tuple[float, int]:
    """How likely a word is in the language it suits best, and by how many pairs that was told."""
    if len(text) == 1:
        # Some language has a word of this letter, whatever letter it is.
        return (_ALONE, 1) if text.isalpha() else (-4.0 if text in _TYPOGRAPHY else _NONSENSE, 0)
    # O’Brien, l’eau and Ann’s are words of any page: the mark there says nothing.
    text = _ELISION.sub("'", text)
    lowered = f" {text.replace('İ', 'i').lower()} "
    strange = _NONSENSE * len(_AMID.findall(text))
    pairs = []
    for place, (before, char) in enumerate(pairwise(lowered)):
        if before.isascii() and char.isascii():
            continue
        if (before + char).strip().isalpha():
            pairs.append(before + char)
            strange += _changes_case(text, place)
        else:
            strange += _symbol(before, char)
    if not pairs:
        return strange, 0
    foreign = {char for char in lowered if not char.isascii()}
    able = [_pairs(language) for language, letters in _alphabets().items() if foreign <= letters]
    unknown = _UNKNOWN * len(pairs)
    best = max(
        (sum(known.get(pair, _UNKNOWN) for pair in pairs) for known in able), default=unknown
    )
    return best + strange, len(pairs)


def _changes_case(text: str, place: int) -> float:
    """A capital right behind a small letter; `place` counts from the blank before the word."""
    inside = 1 <= place < len(text)
    return -4.0 if inside and text[place - 1].islower() and text[place].isupper() else 0.0


def _symbol(before: str, char: str) -> float:
    """What a character that is no letter costs where it stands, half for each of its sides."""
    for one, other in ((before, char), (char, before)):
        if one.isascii() or one.isalpha():
            continue
        if one not in _TYPOGRAPHY:
            return _NONSENSE / 2
        return _NONSENSE / 4 if other.isalpha() and one not in "’…“”‘„" else -4.0
    return 0.0


@lru_cache(maxsize=1)
def _alphabets() -> dict[str, frozenset[str]]:
    """The letters beyond ASCII of each language."""
    return {
        language: frozenset(char for char in "".join(levels) if not char.isascii())
        for language, levels in _letters()["pairs"].items()
    }


@lru_cache(maxsize=1)
def _letters() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_LETTERS.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=64)
def _pairs(language: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for worth, level in zip(_LEVELS, _letters()["pairs"][language], strict=True):
        found.update({level[at : at + 2]: worth for at in range(0, len(level), 2)})
    return found


def _known_names(sample: Sample, codec: str) -> float:
    header = sample.header.decode(codec, "replace")
    names = {name.strip(" \"'") for name in re.split(r"[,;\t|]", header)}
    known = [name for name in names if not name.isascii() and recognise(name)]
    return _KNOWN_NAME * len(known)


def _double_readings(sample: Sample) -> list[Reading]:
    found = []
    for codec in sample.double:
        text = bytes(sample.text).decode(codec, "ignore")
        foreign = [char for char in text if not char.isascii()]
        if not foreign:
            continue
        everyday = _everyday(DOUBLE[codec])
        usual = sum(char in everyday for char in foreign)
        # A character between Latin letters is half of two letters with accents.
        usual -= 3 * len(_AMID_LATIN.findall(text))
        share = usual / len(foreign)
        score = share * 100 + _known_names(sample, codec)
        named = score >= share * 100 + 2 * _KNOWN_NAME
        enough = named or (share >= 0.45 and usual >= 3)
        found.append(Reading(codec, score, enough))
    return sorted(found, key=lambda one: -one.score)


@lru_cache(maxsize=8)
def _everyday(language: str) -> frozenset[str]:
    marks = "，。、：；（）　・「」《》～－"
    kana = [chr(code) for code in range(0x3041, 0x30FF)] if language == "ja" else []
    return frozenset([*_letters()["everyday"][language], *marks, *kana])
