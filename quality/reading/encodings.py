"""Which encoding a text is in: proved by the file or told by a person, never guessed.

UTF-8 proves itself, and so does a byte order mark. For anything else the whole file is weighed
(`evidence`): a reading is taken only when it is a possible one for every byte, reads like a
language, and no other reading that gives different characters comes near. Otherwise the file is
refused with the readings that are left, and whoever sent it says which.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from quality.reading.basics import UnreadableFile

PIECE = 256 * 1024

#: What may be chosen: value, the codec of Python, and the name people know.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("utf-8", "utf-8-sig", "UTF-8"),
    ("utf-16", "utf-16", "UTF-16"),
    ("utf-16-le", "utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "utf-16-be", "UTF-16 BE"),
    ("utf-32", "utf-32", "UTF-32"),
    ("gb18030", "gb18030", "GB18030 / GBK (简体中文)"),
    ("big5", "cp950", "Big5 (繁體中文)"),
    ("shift-jis", "cp932", "Shift-JIS (日本語)"),
    ("euc-jp", "euc_jp", "EUC-JP (日本語)"),
    ("euc-kr", "cp949", "EUC-KR (한국어)"),
    ("windows-1252", "cp1252", "Windows-1252 / Latin-1 (Western Europe)"),
    ("windows-1250", "cp1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "cp1251", "Windows-1251 (Cyrillic)"),
    ("windows-1253", "cp1253", "Windows-1253 (Greek)"),
    ("windows-1254", "cp1254", "Windows-1254 (Turkish)"),
    ("windows-1255", "cp1255", "Windows-1255 (Hebrew)"),
    ("windows-1256", "cp1256", "Windows-1256 (Arabic)"),
    ("windows-1257", "cp1257", "Windows-1257 (Baltic)"),
    ("windows-1258", "cp1258", "Windows-1258 (Vietnamese)"),
    ("windows-874", "cp874", "Windows-874 (Thai)"),
    ("iso-8859-1", "iso8859-1", "ISO 8859-1 (Latin-1)"),
    ("iso-8859-2", "iso8859-2", "ISO 8859-2 (Central Europe)"),
    ("iso-8859-5", "iso8859-5", "ISO 8859-5 (Cyrillic)"),
    ("iso-8859-9", "iso8859-9", "ISO 8859-9 (Turkish)"),
    ("iso-8859-15", "iso8859-15", "ISO 8859-15 (Western Europe)"),
    ("koi8-r", "koi8-r", "KOI8-R (Cyrillic)"),
    ("koi8-u", "koi8-u", "KOI8-U (Ukrainian)"),
    ("cp437", "cp437", "DOS 437 (Western)"),
    ("cp850", "cp850", "DOS 850 (Western Europe)"),
    ("cp852", "cp852", "DOS 852 (Central Europe)"),
    ("cp866", "cp866", "DOS 866 (Cyrillic)"),
    ("mac-roman", "mac-roman", "Mac Roman (Western Europe)"),
)
ENCODINGS: tuple[tuple[str, str], ...] = tuple((value, label) for value, _codec, label in _KNOWN)
"""What `open_table(encoding=…)` takes: value and label, the likely ones first."""

_BY_CODEC = {codec: (value, label) for value, codec, label in _KNOWN}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    # A byte order mark that was encoded along with the rest.
    ("\ufeff".encode("gb18030"), "gb18030"),
)
_BLANK = "\ufeff \t\r\n\x1a\x00"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text is decoded, and why so in words ('' where nothing had to be decided)."""

    codec: str
    label: str
    evidence: "str | Promise" = ""


def settle_encoding(
    opener: Callable[[], BinaryIO], head: bytes, chosen: str | None = None
) -> Encoding:
    """The encoding of a text; raises `UnreadableFile` where the file does not prove one."""
    if chosen:
        return _chosen(chosen)
    codec = marked(head) or unmarked_wide(head)
    if codec == "utf-8-sig":
        return Encoding(codec, "UTF-8")
    if codec:
        return _settled(
            codec, _("its bytes show it") if marked(head) else _("every other byte is zero")
        )
    return Encoding("utf-8-sig", "UTF-8")


def beginning(head: bytes) -> str:
    """The first characters without blanks, enough to see what is written; '' if there are none."""
    codec = marked(head) or unmarked_wide(head) or "latin-1"
    return head.decode(codec, "ignore").lstrip(_BLANK + "ï»¿")[:1_000]


def marked(head: bytes) -> str:
    """The codec of the byte order mark, or ''."""
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), "")


def unmarked_wide(head: bytes) -> str:
    """The codec of UTF-16 or UTF-32 without a byte order mark, or ''.

    A line ends with a zero byte on one and the same side each time, no character is a control
    character, and what comes out is written in few scripts.
    """
    sample = head[: len(head) // 4 * 4][:65_536]
    if b"\x00" not in sample:
        return ""
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        if _reads_well(sample, codec):
            return codec
    return ""


def _reads_well(sample: bytes, codec: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return False
    if not text or any(char < " " and char not in "\t\r\n" for char in text):
        return False
    plain = sum(char < "\u0600" or "\u3000" <= char <= "\u9fff" for char in text)
    plain += sum("\uac00" <= char <= "\ud7a3" or "\uff00" <= char <= "\uffee" for char in text)
    ascii_share = sum(char < "\x7f" for char in text) / len(text)
    return plain >= 0.98 * len(text) and ascii_share > 0.05


def pieces(opener: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with opener() as stream:
        while piece := stream.read(PIECE):
            yield piece


def undecodable(codec: str, line: int) -> UnreadableFile:
    """The refusal of a text that stops being what it was taken for."""
    return UnreadableFile(
        "encoding",
        _(
            "The file is not %(encoding)s text: near line %(line)d there are bytes that it does "
            "not allow. Open it in the program that made it and save it again as “CSV UTF-8”."
        ),
        question="encoding",
        choices=ENCODINGS,
        encoding=_BY_CODEC[codec][1] if codec in _BY_CODEC else codec,
        line=line,
    )


def _chosen(value: str) -> Encoding:
    wanted = value.strip().lower().replace("_", "-")
    for known, codec, label in _KNOWN:
        if wanted in (known, codec, codec.replace("_", "-"), label.lower()):
            return Encoding(
                codec, label, format_lazy(_("Read as {encoding}, as you said."), encoding=label)
            )
    try:
        codec = codecs.lookup(wanted).name
    except (LookupError, ValueError):
        codec = ""
    for _value, known, label in _KNOWN:
        if codec and codecs.lookup(known).name == codec:
            return Encoding(
                known, label, format_lazy(_("Read as {encoding}, as you said."), encoding=label)
            )
    raise UnreadableFile(
        "unknown_encoding",
        _("There is no encoding “%(encoding)s”. Known are: %(names)s."),
        question="encoding",
        choices=ENCODINGS,
        encoding=value[:60],
        names=", ".join(value for value, _label in ENCODINGS),
    )


def _settled(codec: str, why: "str | Promise") -> Encoding:
    label = _BY_CODEC[codec][1] if codec in _BY_CODEC else codec.upper()
    return Encoding(
        codec, label, format_lazy(_("Read as {encoding}: {why}."), encoding=label, why=why)
    )
