"""What a file is: its content decides; its name only gives rise to a remark."""

from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from quality.reading.basics import UnreadableFile

#: What `Table.format` may be, and what people call it.
FORMATS: dict[str, str] = {
    "csv": "CSV",
    "tsv": "TSV",
    "xlsx": "XLSX",
    "ods": "ODS",
    "json": "JSON",
    "jsonl": "JSON lines",
    "parquet": "Parquet",
    "vcard": "vCard",
}
#: Endings of names, and the formats that may stand behind them without a word.
ENDINGS: dict[str, tuple[str, ...]] = {
    ".csv": ("csv", "tsv"),
    ".tsv": ("tsv", "csv"),
    ".tab": ("tsv", "csv"),
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsx",),
    ".xls": (),
    ".ods": ("ods",),
    ".json": ("json", "jsonl"),
    ".jsonl": ("jsonl",),
    ".ndjson": ("jsonl",),
    ".parquet": ("parquet",),
    ".pq": ("parquet",),
    ".vcf": ("vcard",),
    ".vcard": ("vcard",),
}


def misnamed(name: str, format: str) -> "str | Promise":
    """A sentence when the ending of the name promises another format; '' when it does not."""
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS or format in ENDINGS[ending]:
        return ""
    return format_lazy(
        _("The name of the file ends in {ending}, but it holds {format} and was read as that."),
        ending=ending,
        format=FORMATS[format],
    )


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
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"\x00\x00\x00\x18ftyp", "MP4"),
    (b"\x00\x00\x00\x1cftyp", "MP4"),
    (b"\x00\x00\x00\x20ftyp", "MP4"),
)
_CONTROLS = tuple(bytes([code]) for code in range(32) if code not in (9, 10, 12, 13, 27))


def refuse_what_is_not_text(head: bytes, wide: bool) -> None:
    """Raise `UnreadableFile` when the first bytes show another kind of file.

    In `wide` text (UTF-16, UTF-32) every other byte may be a control character.
    """
    for magic, kind in MAGIC:
        if head.startswith(magic):
            raise _binary(kind)
    if wide:
        return
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


def _binary(kind: str) -> UnreadableFile:
    if kind:
        return UnreadableFile(
            "binary",
            _(
                "The file is a %(kind)s file, not a table of customers, whatever its name says. "
                "Choose a file of one of these kinds: %(formats)s."
            ),
            kind=kind,
            formats=", ".join(FORMATS.values()),
        )
    return UnreadableFile(
        "binary",
        _(
            "The file holds binary data, not text. Choose a file of one of these kinds: "
            "%(formats)s."
        ),
        formats=", ".join(FORMATS.values()),
    )
