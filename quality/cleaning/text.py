"""De-noising of any text: invisible characters, white space, full-width forms, mojibake.

Only what cannot carry meaning is touched. NFKC as a whole would turn `10²` into `102` and `½`
into `1⁄2`, so in free text it is applied to the kinds of compatibility character that are mere
presentation (full-width and half-width forms, ligatures, Arabic presentation forms); structured
fields (e-mail, phone, date, number) get all of it through `plain`.
"""

from __future__ import annotations

import html
import re
import unicodedata

import ftfy

MOJIBAKE = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    restore_byte_a0=True,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
    fix_c1_controls=False,
    normalization=None,
)

_PRESENTATION = frozenset(["<wide>", "<narrow>", "<initial>", "<medial>", "<final>", "<isolated>"])
# Latin ligatures and Kangxi radicals, both born of copying from a PDF. Other "compatibility"
# letters are how a language is written: Thai ำ, Armenian և, Korean ㅋ.
_LIGATURES = re.compile(r"[\ufb00-\ufb06\u2f00-\u2fd5]")
_JOINERS = "\u200c\u200d"
_DIRECTION_MARKS = "\u200e\u200f\u061c"
_INVISIBLE = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u034f\u115f\u1160")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b"
                       "\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb")  # fmt: skip
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,6}|#[xX][0-9A-Fa-f]{2,5});")
_SPACES = re.compile(r"[^\S\n]+")
_ANY_SPACE = re.compile(r"\s+")
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# What Windows-1252 has where Latin-1 has controls: `O\x92Brien` is `O’Brien`.
_WINDOWS = {
    chr(code): bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D}
}
# What surely needs nothing: printable ASCII, Chinese, and accented letters that cannot be half of
# mojibake because no other such character (nor, after a capital, a lost space) follows.
_WORD = r"(?:[!-~\u4e00-\u9fff。]|[ß-öø-ÿ](?![^\x00-\x7f])|[À-ÖØ-Þ](?=[A-Za-z]))+"
_CLEAN = re.compile(rf"{_WORD}(?: {_WORD})*")


def tidy(text: str, *, lines: bool = False, prose: bool = False) -> tuple[str, str]:
    """The text without noise, and the name of the rule that changed it ('' when none did).

    `lines` keeps line breaks (notes); `prose` keeps the full-width punctuation of Chinese and
    Japanese sentences.
    """
    if _CLEAN.fullmatch(text) and "&" not in text:
        return text, ""
    for _ in range(4):  # one correction may uncover another; a fixed point is the only answer
        result, rule = _tidy_once(text, lines=lines, prose=prose)
        again, _rule = _tidy_once(result, lines=lines, prose=prose)
        if again == result:
            return result, rule
        text = result
    return result, rule


def _tidy_once(text: str, *, lines: bool, prose: bool) -> tuple[str, str]:
    rules = []
    for rule, step in (
        ("control_characters", without_controls),
        ("mojibake", without_mojibake),
        ("html_entities", without_entities),
        ("invisible_characters", without_invisible),
    ):
        before, text = text, step(text)
        if text != before:
            rules.append(rule)
    before, text = text, presentation_forms(text, prose=prose)
    if text != before:
        rules.append("full_width")
    before, text = text, white_space(text, lines=lines)
    if text != before:
        rules.append("white_space")
    return text, (rules[0] if rules else "")


def plain(text: str) -> str:
    """One line in full NFKC with ASCII digits and no invisible character: for structured fields."""
    if _CLEAN.fullmatch(text):
        return text
    text = without_invisible(without_controls(text))
    text = unicodedata.normalize("NFKC", text)
    text = "".join(
        str(unicodedata.decimal(letter)) if not letter.isascii() and letter.isdecimal() else letter
        for letter in text
        if letter not in _JOINERS and letter not in _DIRECTION_MARKS
    )
    text = _ANY_SPACE.sub(" ", text).strip()
    return text if _CLEAN.fullmatch(text) else unicodedata.normalize("NFKC", text)


def has_controls(text: str) -> bool:
    """Whether the text holds what no person types: controls, overrides, lone surrogates."""
    return any(_is_control(letter) or letter in _OVERRIDES for letter in text)


def _is_control(letter: str) -> bool:
    code = ord(letter)
    if code < 0x20:
        return letter not in "\t\n\r"
    return (
        0x7F <= code <= 0x9F
        or 0xD800 <= code <= 0xDFFF
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def without_controls(text: str) -> str:
    """Controls and non-characters go; half of a character becomes the replacement character.

    C1 controls are traces of a wrong encoding: of UTF-8 read as Latin-1, which
    `without_mojibake` mends, or of Windows-1252 read as Latin-1.
    """
    if text.isascii() and text.isprintable():
        return text
    if not any(map(_is_control, text)):
        return text
    mended = without_mojibake("".join(map(_whole, text)))
    return "".join(
        letter
        for letter in map(_WINDOWS.get, mended, mended)
        if letter is not None and not _is_control(letter)
    )


def _whole(letter: str) -> str:
    return "\ufffd" if 0xD800 <= ord(letter) <= 0xDFFF else letter


def without_mojibake(text: str) -> str:
    """UTF-8 that was read in a one-byte encoding, read again: `CÃ©line` is `Céline`.

    ftfy proposes; the proposal counts only when it shortens the text, is no longer suspicious
    and brings no control character with it, so that rare but right words are left alone.
    """
    if text.isascii():
        return text
    try:
        mended = ftfy.fix_encoding(text, MOJIBAKE)
    except (UnicodeError, ValueError):
        return text
    if mended == text or len(mended) >= len(text) or ftfy.is_bad(mended):
        return text
    return text if any(map(_is_control, mended)) or "\ufffd" in mended else mended


def without_entities(text: str) -> str:
    """Characters written for a web page (`M&uuml;ller`, `Smith &amp; Sons`) as themselves.

    `&lt;` and `&gt;` stay: nothing that is no markup may become markup here.
    """
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    letter = html.unescape(found[0])
    fit = len(letter) == 1 and letter not in "<>\ufffd" and not _is_control(letter)
    return letter if fit else found[0]


def without_invisible(text: str) -> str:
    """Zero-width characters and direction overrides go; joiners stay where they join.

    A zero-width joiner is part of many emoji and of Persian and Indic spelling; a direction
    mark may matter beside right-to-left letters.
    """
    if text.isascii():
        return text
    right_to_left = _RIGHT_TO_LEFT.search(text) is not None
    kept = []
    for position, letter in enumerate(text):
        if letter in _INVISIBLE or letter in _OVERRIDES:
            continue
        if letter in _JOINERS and not _joins(text, position):
            continue
        if letter in _DIRECTION_MARKS and not right_to_left:
            continue
        kept.append(letter)
    return "".join(kept)


def _joins(text: str, position: int) -> bool:
    """Whether the joiner at `position` stands between two characters that may need it."""
    if position == 0 or position == len(text) - 1:
        return False
    return all(
        not side.isascii() and unicodedata.category(side) in {"Lo", "Mn", "Mc", "So", "Sk", "Lm"}
        for side in (text[position - 1], text[position + 1])
    )


def presentation_forms(text: str, *, prose: bool = False) -> str:
    """Full-width, half-width and ligature forms in their ordinary form, composed (NFC)."""
    if text.isascii():
        return text
    spare_punctuation = prose and _HAN_OR_KANA.search(text) is not None
    if any("\uff00" <= letter <= "\uffef" for letter in text) and not spare_punctuation:
        text = _half_width_marks_joined(text)
    letters = [_ordinary(letter, spare_punctuation) for letter in text]
    return unicodedata.normalize("NFC", "".join(letters))


def _half_width_marks_joined(text: str) -> str:
    """Half-width kana carry their sound marks apart; NFKC of such a run joins them."""
    return re.sub(r"[\uff61-\uff9f]+", lambda run: unicodedata.normalize("NFKC", run[0]), text)


def _ordinary(letter: str, spare_punctuation: bool) -> str:
    if letter.isascii() or letter.isspace():
        return letter
    kind = unicodedata.decomposition(letter).partition(" ")[0]
    mathematical = kind == "<font>" and unicodedata.category(letter) in {"Ll", "Lu", "Nd"}
    if kind not in _PRESENTATION and not mathematical and not _LIGATURES.match(letter):
        return letter
    ordinary = unicodedata.normalize("NFKC", letter)
    if spare_punctuation and not ordinary.isalnum():
        return letter
    # Some signs stand for whole sentences (the blessing U+FDFA); those are not mere forms.
    return ordinary if len(ordinary) <= 3 else letter


def white_space(text: str, *, lines: bool = False) -> str:
    """One space between words, none at the ends; line breaks only where they are wanted."""
    if not lines:
        return _ANY_SPACE.sub(" ", text).strip()
    text = re.sub(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]", "\n", text)
    rows = [_SPACES.sub(" ", row).strip() for row in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()
