"""Telling what a file is when it is not UTF-8 text, so that the refusal can name it.

Nothing is ever decoded by these guesses; they only word the message.
"""

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import UnreadableFile

#: Beginnings of files that people rename to .csv by mistake.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF (WebP, WAV, AVI)"),
    (b"BM\x00", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "Windows program"),
    (b"PAR1", "Parquet"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"\x00\x00\x00\x18ftyp", "MP4"),
    (b"\x00\x00\x00\x1cftyp", "MP4"),
    (b"\x00\x00\x00\x20ftyp", "MP4"),
)
UTF16_32 = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def refuse_what_is_not_text(head: bytes) -> None:
    """Raise `UnreadableFile` when the first bytes show another kind of file."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            raise _binary(kind)
    if wide := _wide_encoding(head):
        raise UnreadableFile(
            "encoding",
            _(
                "The file is %(encoding)s text, and only UTF-8 can be read. Open it in the "
                "program that made it and save it again as “CSV UTF-8”."
            ),
            encoding=wide,
        )
    controls = sum(head.count(code) for code in _CONTROLS)
    if controls > max(8, len(head) // 100):
        raise _binary("")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise UnreadableFile(
            "markup",
            _(
                "The file holds a web page or XML, not a table, whatever its name says. Open it "
                "in a spreadsheet program and save it as “CSV UTF-8” or as .xlsx."
            ),
        )
    if start.startswith((b'{"', b"[{", b"{\n", b"{\r")):
        raise UnreadableFile(
            "json", _("The file holds JSON, not a table. Export it as “CSV UTF-8” or as .xlsx.")
        )


_CONTROLS = tuple(bytes([code]) for code in range(32) if code not in (9, 10, 12, 13, 27))


def _binary(kind: str) -> UnreadableFile:
    if kind:
        return UnreadableFile(
            "binary",
            _(
                "The file is a %(kind)s file, not a table of customers, whatever its name says. "
                "Choose a CSV, TSV or XLSX file."
            ),
            kind=kind,
        )
    return UnreadableFile(
        "binary",
        _("The file holds binary data, not text. Choose a CSV, TSV or XLSX file."),
    )


def _wide_encoding(head: bytes) -> str:
    for mark, name in UTF16_32:
        if head.startswith(mark):
            return name
    sample = head[:4096]
    if len(sample) >= 4:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        half = len(sample) // 2
        # Latin text in UTF-16 has a zero in every second byte, always on the same side.
        if max(even, odd) > half * 0.4 and min(even, odd) < half * 0.05:
            return "UTF-16"
    return ""


def likely_encoding(data: bytes, position: int) -> str:
    """The encoding that bytes around a UTF-8 error look like, in words."""
    sample = data[max(0, position - 2_000) : position + 2_000]
    if _chinese_share(sample, "gb18030") > 0.9:
        return "GB18030 / GBK"
    if _chinese_share(sample, "big5") > 0.9:
        return "Big5"
    high = sum(byte >= 0x80 for byte in sample)
    if high and sum(0x80 <= byte <= 0x9F for byte in sample) > high * 0.5:
        return "Windows-1251 / Mac / DOS"
    return "Windows-1252 / ISO 8859-1 (Western)"


def _chinese_share(sample: bytes, encoding: str) -> float:
    """Share of non-ASCII characters that would be everyday Chinese under this encoding."""
    text = sample.decode(encoding, errors="replace")
    foreign = [char for char in text if ord(char) > 127]
    if not foreign:
        return 0.0
    # A pair of Latin-1 umlauts also decodes as some ideograph, but mostly next to ASCII letters;
    # real Chinese text comes in runs.
    runs = sum(
        1
        for index, char in enumerate(text[:-1])
        if "\u4e00" <= char <= "\u9fff" and "\u3000" <= text[index + 1] <= "\u9fff"
    )
    ideographs = sum("\u4e00" <= char <= "\u9fff" or char in "，。、：；（）" for char in foreign)
    return 0.0 if runs * 5 < ideographs else ideographs / len(foreign)
