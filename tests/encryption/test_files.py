"""Sealed files: whole, in order, and readable from anywhere; or refused."""

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption.errors import NotSealed, Tampered, UnknownKey
from encryption.files import (
    CHUNK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    NewSealedFile,
    SealedReader,
    SealedWriter,
)


def sealed(data: bytes, label: str = "", step: int = 50_000) -> bytearray:
    target = io.BytesIO()
    with SealedWriter(target, label) as writer:
        for at in range(0, len(data), step):
            writer.write(data[at : at + step])
    return bytearray(target.getvalue())


def opened(content: bytes, label: str = "") -> bytes:
    return SealedReader(io.BytesIO(content), label).read()


SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_reads_back_as_it_was_written(size):
    data = bytes(at % 251 for at in range(size))
    assert opened(sealed(data)) == data


@pytest.mark.parametrize("size", SIZES)
def test_a_file_cut_short_anywhere_is_refused(size):
    content = sealed(bytes(size))
    step = CHUNK_BYTES + TAG_BYTES
    cuts = {len(content) - 1, len(content) - 16, HEADER_BYTES, HEADER_BYTES + 3}
    cuts |= set(range(HEADER_BYTES + step, len(content), step))
    for cut in cuts:
        if cut < len(content):
            with pytest.raises(Tampered):
                opened(content[:cut])
    with pytest.raises(NotSealed):
        opened(content[: HEADER_BYTES - 1])


def test_chunks_cannot_be_reordered_repeated_left_out_or_changed():
    content = sealed(bytes(3 * CHUNK_BYTES + 5))
    step = CHUNK_BYTES + TAG_BYTES
    head, chunks = (
        content[:HEADER_BYTES],
        [content[at : at + step] for at in range(HEADER_BYTES, len(content), step)],
    )
    a, b, c, d = chunks
    for order in ([b, a, c, d], [a, a, b, c, d], [a, c, d], [a, b, d, c], [d], [a, b, c, d, d]):
        with pytest.raises(Tampered):
            opened(head + b"".join(order))
    for at in [5000, HEADER_BYTES - 1, len(content) - 1]:
        content[at] ^= 1
        with pytest.raises(Tampered):
            opened(content)
        content[at] ^= 1
    assert opened(content) == bytes(3 * CHUNK_BYTES + 5)


def test_a_file_opens_only_as_what_it_was_sealed_as():
    content = sealed(b"rows", "upload 1")
    assert opened(content, "upload 1") == b"rows"
    with pytest.raises(Tampered):
        opened(content, "upload 2")


def test_another_file_and_another_ring_are_named(other_ring):
    with pytest.raises(NotSealed):
        opened(b"name,email\n" * 10)
    content = sealed(b"rows")
    other_ring()
    with pytest.raises(UnknownKey):
        opened(content)


def test_an_upload_that_broke_off_is_not_a_short_file():
    target = io.BytesIO()
    writer = SealedWriter(target)
    with pytest.raises(ZeroDivisionError), writer:
        writer.write(b"x" * 200_000 * (1 // writer.write(b"")))
    with pytest.raises(Tampered):
        opened(target.getvalue())
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")


def test_closing_twice_does_nothing():
    target = io.BytesIO()
    writer = SealedWriter(target)
    writer.write(b"x")
    writer.close()
    writer.close()
    assert opened(target.getvalue()) == b"x"


def test_nothing_of_the_file_stands_in_the_open():
    assert b"alice@example.com" not in sealed(b"alice@example.com," * 10_000)


def test_a_sealed_csv_reads_as_a_csv():
    text = "name,email\n" + "李,a@example.com\n" * 20_000
    reader = io.TextIOWrapper(io.BufferedReader(SealedReader(io.BytesIO(sealed(text.encode())))))
    assert sum(1 for _ in csv.reader(reader)) == 20_001


def test_a_sealed_workbook_opens_as_a_zip():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", b"hello" * 50_000)
    content = sealed(target.getvalue())
    assert zipfile.ZipFile(SealedReader(io.BytesIO(content))).read("a.txt") == b"hello" * 50_000


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 70_000)), max_size=5))
def test_any_part_can_be_read_in_any_order(parts):
    data = bytes(at * 7 % 251 for at in range(150_000))
    plain = io.BytesIO(data)
    reader = io.BufferedReader(SealedReader(io.BytesIO(sealed(data))))
    for at, size in parts:
        reader.seek(at)
        plain.seek(at)
        assert reader.read(size) == plain.read(size)
        assert reader.tell() == plain.tell()


def test_seeking_knows_the_end_and_refuses_what_is_before_the_start():
    reader = SealedReader(io.BytesIO(sealed(b"hello")))
    assert reader.readable()
    assert reader.seek(-2, io.SEEK_END) == 3
    assert reader.read() == b"lo"
    assert reader.seek(-5, io.SEEK_CUR) == 0
    with pytest.raises(ValueError, match="before the start"):
        reader.seek(-1)


def test_a_new_file_is_its_owners_alone_and_whole_once_it_is_finished(tmp_path):
    made = NewSealedFile(tmp_path / "in" / "a.sealed")
    made.write(b"a name")
    made.finish()
    made.finish()
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.size == 6
    with made.path.open("rb") as file:
        assert SealedReader(file, "a.sealed").read() == b"a name"


def test_a_new_file_takes_nobodys_place_and_leaves_nothing_when_it_is_given_up(tmp_path):
    made = NewSealedFile(tmp_path / "a.sealed")
    with pytest.raises(FileExistsError):
        NewSealedFile(tmp_path / "a.sealed")
    made.write(b"a name")
    made.discard()
    assert list(tmp_path.iterdir()) == []
