"""A ZIP archive that is not believed: what it says of its sizes is checked, then counted.

A workbook is a ZIP file, and a ZIP file of a few kilobytes may claim, or hide, gigabytes. The
directory is checked before anything is inflated (entries, sum of sizes, ratio), and every part is
inflated here in small pieces, so that a part larger than the directory says stops at once. Nothing
is unpacked to disk.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from quality.reading.basics import MIB, Limits, UnreadableFile

PIECE = 64 * 1024
SMALL_PART = 16 * MIB
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


def damaged() -> UnreadableFile:
    return UnreadableFile(
        "damaged_workbook",
        _(
            "The workbook is damaged and cannot be read. Open it in a spreadsheet program, save "
            "it again as .xlsx or as “CSV UTF-8”, and choose that file."
        ),
    )


def too_large() -> UnreadableFile:
    return UnreadableFile(
        "workbook_too_large",
        _(
            "The workbook unpacks to more than a list of customers needs, so it was not opened. "
            "If it is a real list, save it as “CSV UTF-8” and choose that file."
        ),
    )


class Archive:
    """Read-only access to the parts of a workbook, in memory and within the limits."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as directory:
                entries = directory.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
            raise damaged() from None
        self._entries = {entry.filename: entry for entry in entries}
        self._check(entries, limits)

    def _check(self, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
        inflated = sum(entry.file_size for entry in entries)
        if len(entries) > limits.workbook_entries or inflated > limits.workbook_inflated:
            raise too_large()
        if inflated > 16 * MIB and inflated > limits.workbook_ratio * len(self._data):
            raise too_large()
        if len(self._entries) != len(entries):
            raise damaged()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise UnreadableFile(
                "encrypted",
                _("The file is protected by a password. Save it without one and try again."),
            )

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        return list(self._entries)

    def size(self, name: str) -> int:
        """Bytes the part inflates to, as the directory says (`pieces` holds it to that)."""
        return self._entries[name].file_size

    def small_text(self, name: str) -> str:
        """The beginning of a part that holds a word or two; '' when there is no such part."""
        if name not in self or self.size(name) > 1024:
            return ""
        return b"".join(self.pieces(name)).decode("ascii", "replace")

    def pieces(self, name: str) -> Iterator[bytes]:
        """The inflated part in pieces of at most 64 KiB."""
        entry = self._entries.get(name)
        if entry is None:
            raise damaged()
        packed = self._packed(entry)
        counted, checksum = 0, 0
        for piece in _inflated(packed, entry.compress_type):
            counted += len(piece)
            if counted > entry.file_size:
                raise too_large()
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if counted != entry.file_size or checksum != entry.CRC:
            raise damaged()

    def _packed(self, entry: zipfile.ZipInfo) -> memoryview:
        start = entry.header_offset
        header = self._data[start : start + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            raise damaged()
        name_length, extra_length = _LOCAL_HEADER.unpack(header)[-2:]
        start += _LOCAL_HEADER.size + name_length + extra_length
        if start + entry.compress_size > len(self._data):
            raise damaged()
        return memoryview(self._data)[start : start + entry.compress_size]


def _inflated(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        for start in range(0, len(packed), PIECE):
            yield bytes(packed[start : start + PIECE])
        return
    if method != zipfile.ZIP_DEFLATED:
        raise damaged()
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), PIECE):
            waiting: bytes = bytes(packed[start : start + PIECE])
            while waiting:
                piece = inflater.decompress(waiting, PIECE)
                waiting = inflater.unconsumed_tail
                if piece:
                    yield piece
        while piece := inflater.decompress(b"", PIECE):
            yield piece
    except zlib.error:
        raise damaged() from None
    if not inflater.eof:
        raise damaged()
