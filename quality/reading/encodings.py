"""Which encoding a text is in: proved by the file or told by a person, never guessed.

UTF-8 proves itself, and so does a byte order mark. For anything else the whole file is weighed
(`evidence`): a reading is taken only when it is a possible one for every byte, reads like a
language, and no other reading that gives different characters comes near. Otherwise the file is
refused with the readings that are left, and whoever sent it says which.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from quality.reading.basics import UnreadableFile
from quality.reading.evidence import Sample, decided, readings_of

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

#: Narrower encodings, and the one that reads them as well.
_WITHIN = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-8": "utf-8-sig",
    "ascii": "utf-8-sig",
}
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
_RARE_LETTERS = re.compile("[\u0180-\u02ff\u0700-\u08ff\u1d00-\u1dbf]")
_BLANK = "\ufeff \t\r\n\x1a\x00"


#: Encodings in which two bytes of a word often happen to be a character of UTF-8.
_LIKE_UTF8 = frozenset({"gb18030", "cp950", "cp932", "euc_jp", "cp949", "cp874", "cp1256", "cp866"})


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
        begins = _("it begins with the mark of that encoding")
        return _settled(codec, begins if marked(head) else _("its zero bytes show it"))
    return _weighed(opener, head)


def _weighed(opener: Callable[[], BinaryIO], head: bytes) -> Encoding:
    """UTF-8 if all of the file is, else the one reading that is likely."""
    utf8 = _Utf8()
    for piece in pieces(opener):
        utf8.add(piece)
    if utf8.finish() and utf8.is_no_accident:
        return Encoding("utf-8-sig", "UTF-8")
    if utf8.right > utf8.wrong > 0:
        raise _mixed(utf8.line)
    sample = Sample(header=head[:4_096].splitlines()[0] if head.strip() else b"")
    for piece in pieces(opener):
        sample.add(piece)
    sample.add(b"", final=True)
    readings = readings_of(sample)
    codec = decided(sample, readings)
    if not codec:
        raise _undecided(utf8, [reading.codec for reading in readings])
    if utf8.right * 4 > utf8.wrong > 0 and codec not in _LIKE_UTF8:
        # In the letters of Europe such bytes do not come together but as UTF-8.
        raise _mixed(utf8.line)
    return _settled(codec, _("its words read like a language only so"))


class _Utf8:
    """Counts the characters that are UTF-8 and the places that are not; `line` is the first."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.right = self.rare = self.wrong = 0
        self.line = 1

    def add(self, piece: bytes) -> None:
        try:
            text = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            before = self._decoder.getstate()[0]
            self.line += error.object[: error.start].count(b"\n")
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            text = self._decoder.decode(before + piece)
        else:
            if not self.wrong:
                self.line += piece.count(b"\n")
        if not text.isascii():
            self._count(text)

    def _count(self, text: str) -> None:
        wrong = text.count("\ufffd")
        foreign = len(text) - len(text.encode("ascii", "ignore")) - wrong
        self.wrong += wrong
        self.right += foreign
        if foreign and self.right < 50:
            self.rare += len(_RARE_LETTERS.findall(text))

    @property
    def is_no_accident(self) -> bool:
        """Two bytes of another encoding may happen to be UTF-8, but then of a rare letter."""
        return self.right > 3 or not self.rare

    def finish(self) -> bool:
        """Whether all of it was UTF-8; a character cut off at the end is none."""
        try:
            self._count(self._decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            self.wrong += 1
        return not self.wrong


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
    plain = sum(char < "\u0e80" or "\u3000" <= char <= "\u9fff" for char in text)
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


def _mixed(line: int) -> UnreadableFile:
    return UnreadableFile(
        "encoding",
        _(
            "The file is UTF-8 text but for some bytes near line %(line)d: it is damaged there, or "
            "parts of it come from a program with another encoding. Mend that line, or open the "
            "file in the program that made it and save it again as “CSV UTF-8”."
        ),
        question="encoding",
        choices=ENCODINGS,
        line=line,
    )


def _undecided(utf8: _Utf8, candidates: list[str]) -> UnreadableFile:
    """The question which of the readings that are left is the right one."""
    first = [_BY_CODEC[codec] for codec in dict.fromkeys(candidates) if codec in _BY_CODEC][:5]
    others = [choice for choice in ENCODINGS if choice not in first]
    return UnreadableFile(
        "which_encoding",
        _(
            "The file is not UTF-8 text (near line %(line)d), and its few foreign letters do not "
            "prove what it is. It may be: %(names)s. Say which (--encoding in a command), or save "
            "it again as “CSV UTF-8”."
        ),
        question="encoding",
        choices=[*first, *others],
        line=utf8.line,
        names=", ".join(label for _value, label in first) or "—",
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
        codec = codecs.lookup(_WITHIN.get(codec, codec)).name
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
