"""Names as a search box compares them: without case, accents and full-width forms."""

from __future__ import annotations

import re
import unicodedata

from quality.cleaning.text import plain

# Letters without a decomposition that people type without their stroke or ligature.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | {"ŧ": "t", "ŋ": "n", "ĸ": "k", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"}
)
_DASHES = re.compile(r"[‐‑‒–—―−]")
_OPTIONAL_MARKS = re.compile(r"[\u0591-\u05bd\u05bf\u05c1-\u05c7\u064b-\u0652\u0670\u0640]")
_LATIN_GREEK_CYRILLIC = re.compile(r"[a-z\u00c0-\u052f\u1e00-\u1fff]")


def fold_name(text: str) -> str:
    """The folded name; folding twice is folding once.

    Accents are taken off Latin, Greek and Cyrillic letters, vowel points off Hebrew and Arabic
    ones: in Japanese or Indic scripts a mark makes another letter. Chinese is kept as it is.
    """
    folded = _folded(text)
    for _ in range(3):
        again = _folded(folded)
        if again == folded:
            break
        folded = again
    return folded


def _folded(text: str) -> str:
    text = plain(text).casefold()
    if text.isascii():
        return text
    text = _DASHES.sub("-", text).translate(_LETTERS)
    kept: list[str] = []
    base = ""
    for letter in _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFD", text)):
        if unicodedata.category(letter) == "Mn":
            if _LATIN_GREEK_CYRILLIC.match(base):
                continue
        else:
            base = letter
        kept.append(letter)
    return plain(unicodedata.normalize("NFC", "".join(kept)))
