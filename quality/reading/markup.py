"""XML parsed piece by piece; a document type declaration is refused, so no entity can expand."""

from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from quality.reading.archive import SMALL_PART, Archive, damaged


def new_parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_declaration: object) -> None:
    raise damaged()


def parse(parser: Any, pieces: Iterable[bytes], after_piece: Callable[[], None]) -> None:
    for piece in pieces:
        feed(parser, piece, final=False)
        after_piece()
    feed(parser, b"", final=True)


def feed(parser: Any, piece: bytes, *, final: bool) -> None:
    try:
        parser.Parse(piece, final)
    except (expat.ExpatError, ValueError, LookupError):
        raise damaged() from None


def local(name: str) -> str:
    return name.rpartition(":")[2]


def attributes_of(archive: Archive, part: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part: its name and attributes, both without prefixes."""
    if part not in archive or archive.size(part) > SMALL_PART:
        raise damaged()
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    parser = new_parser()
    parser.StartElementHandler = start
    parse(parser, archive.pieces(part), lambda: None)
    return found
