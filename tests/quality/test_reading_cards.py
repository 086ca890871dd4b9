"""vCards of all three versions: one card, one row; pictures cost nothing."""

import io
import tracemalloc

import pytest

from quality.headers import recognise_columns
from quality.reading import Record, UnreadableFile, open_table

from .files import Endless, cells, read, table

CARD = """BEGIN:VCARD
VERSION:3.0
N:Lee;Ann;Maria;Dr.;
FN:Dr. Ann Lee
ORG:ACME\\, Inc.;Sales
TITLE:Head
TEL;TYPE=WORK,VOICE:+49 30 1
TEL;TYPE=CELL,PREF:+49 151 2
EMAIL;TYPE=INTERNET:a@x.org
item1.EMAIL:b@x.org
item1.X-ABLabel:_$!<Other>!$_
ADR;TYPE=HOME:;;Via Roma 1;Rome;RM;00100;Italy
ADR;TYPE=WORK:PO 1;2nd floor;Main St;Bern;;3000;CH
BDAY:19900307
NOTE:line one\\nli
 ne two\\; end
IMPP:xmpp:ann@x.org
X-QQ:123
CATEGORIES:a,b
UID:u-1
END:VCARD
"""


def row(content, **options) -> dict[str, str]:
    """The only card, by column, without what is empty."""
    found = table(content, **options)
    (record,) = found.records()
    return {name: cell for name, cell in zip(found.columns, record.cells, strict=True) if cell}


def test_a_card_becomes_a_row_with_numbered_columns():
    assert row(CARD) == {
        "name_prefix": "Dr.",
        "given_name": "Ann",
        "middle_name": "Maria",
        "family_name": "Lee",
        "employer": "ACME, Inc.",
        "department": "Sales",
        "phone": "+49 151 2",
        "phone_type": "cell",
        "phone_2": "+49 30 1",
        "phone_2_type": "work",
        "email": "a@x.org",
        "email_2": "b@x.org",
        "email_2_type": "other",
        "street": "Via Roma 1",
        "city": "Rome",
        "region": "RM",
        "postal_code": "00100",
        "country": "Italy",
        "address_type": "home",
        "address_2_street": "Main St\n2nd floor\nPO 1",
        "address_2_city": "Bern",
        "address_2_postal_code": "3000",
        "address_2_country": "CH",
        "address_2_type": "work",
        "messenger": "xmpp:ann@x.org",
        "messenger_2": "qq:123",
        "job_title": "Head",
        "birth_date": "1990-03-07",
        "notes": "line one\nline two; end",
        "tags": "a,b",
        "external_id": "u-1",
    }
    assert table(CARD).format == "vcard"


def test_the_columns_of_a_card_are_recognised():
    mapping = recognise_columns(table(CARD).columns)

    assert mapping["given_name"] == "given_name"
    assert mapping["employer"] == "employer"
    assert mapping["phone"] == "phone"
    assert mapping["phone_2"] == "further_phone"
    assert mapping["email_2"] == "further_email"
    assert mapping["messenger"] == "messenger"
    assert mapping["birth_date"] == "birth_date"
    assert not [name for name in mapping if name.startswith("address_2") or "type" in name]


def test_version_4_and_what_has_no_year():
    card = (
        'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:王芳\r\nTEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+86-138\r\n'
        "KIND:individual\r\nBDAY:--0307\r\nGENDER:F;woman\r\nEND:VCARD\r\n"
    )

    assert row(card) == {
        "full_name": "王芳",
        "phone": "+86-138",
        "phone_type": "home",
        "kind": "person",
        "birth_date": "--0307",
        "gender": "F",
    }


def test_version_2_1_with_quoted_printable_and_charsets():
    card = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E8=8A=B3\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=GB2312:=C4=E3=\r\n=BA=C3 a=3Db\r\n"
        b"ADR;HOME;CHARSET=windows-1251:;;\xd3\xeb. 1;\xcc\xee\xf1\xea\xe2\xe0;;;\r\n"
        b"TEL;CELL;PREF:123\r\nTEL;HOME;VOICE:456\r\n"
        b"PHOTO;JPEG;BASE64:\r\n AAAA\r\n BBBB\r\n\r\nEND:VCARD\r\n"
    )

    found = row(card)

    assert (found["given_name"], found["family_name"]) == ("芳", "王")
    assert found["notes"] == "你好 a=b"
    assert (found["street"], found["city"]) == ("Ул. 1", "Москва")
    assert (found["phone"], found["phone_type"], found["phone_2_type"]) == ("123", "cell", "home")
    assert read(card)[0].flags == ("photo_skipped",)


def test_cards_in_utf_16_and_in_a_page_that_proves_itself():
    assert row("BEGIN:VCARD\nFN:Ann Lée\nEND:VCARD\n".encode("utf-16")) == {"full_name": "Ann Lée"}
    content = "BEGIN:VCARD\nN:Müller;Jürgen\nEND:VCARD\n".encode("cp1252")
    assert row(content) == {"family_name": "Müller", "given_name": "Jürgen"}
    assert table(content).encoding.startswith("Windows-1252")


def test_an_organisation_is_no_person():
    assert row("BEGIN:VCARD\nFN:ACME\nN:;;;;\nORG:ACME\nEND:VCARD") == {"organisation_name": "ACME"}


def test_a_value_that_is_not_what_it_says_sets_its_card_aside():
    bad = b"BEGIN:VCARD\nFN;CHARSET=UTF-8:\xff\nEND:VCARD\n"
    good = b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n"
    unknown = b"BEGIN:VCARD\nFN;CHARSET=klingon:\xe4\nEND:VCARD\n"

    assert cells(good + bad + unknown) == [("Ann",), "undecodable", "undecodable"]


def test_cards_without_end_and_lines_outside_are_told_and_cost_no_other_card():
    content = (
        "BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nFN:Ben\nEND:VCARD\nstray\nmore\n\n"
        "BEGIN:VCARD\nFN:Cy\nEND:VCARD\nBEGIN:VCARD\nFN:Di\n"
    )

    assert cells(content) == [
        "unterminated_card",
        ("Ben",),
        "outside_card",
        ("Cy",),
        "unterminated_card",
    ]


def test_the_card_of_an_assistant_inside_is_not_mixed_in():
    content = "BEGIN:VCARD\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Assistant\nTEL:9\nEND:VCARD\nTEL:1\nEND:VCARD\n"

    assert row(content) == {"full_name": "Boss", "phone": "1"}


@pytest.mark.parametrize("filler", [b"A" * 70 + b"\r\n ", b"A" * 1_000])
def test_a_photo_of_20_megabytes_is_never_held(filler):
    def source():
        head = b"BEGIN:VCARD\r\nFN:Ann\r\nPHOTO;ENCODING=b:"
        return Endless(head, filler, 20_000_000, b"\r\nTEL:123\r\nEND:VCARD\r\n")

    tracemalloc.start()
    try:
        records = list(open_table(source, "ann.vcf").records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert records == [Record(1, ("Ann", "123"), ("photo_skipped",))]
    assert peak < 16_000_000


@pytest.mark.parametrize("filler", [b"x" * 1_000, b"x" * 70 + b"\r\n "])
def test_an_endless_note_sets_its_card_aside(filler):
    def source():
        head = b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\nBEGIN:VCARD\nFN:Ben\nNOTE:"
        return Endless(head, filler, 30_000_000, b"\nEND:VCARD\nBEGIN:VCARD\nFN:Cy\nEND:VCARD\n")

    found = [getattr(record, "code", record.number) for record in open_table(source, "x").records()]

    assert found == [1, "cell_too_long", 3]


def test_a_card_with_endless_properties_is_set_aside():
    card = "BEGIN:VCARD\nFN:Ann\n" + "TEL:1\n" * 2_000 + "END:VCARD\n"

    assert cells("BEGIN:VCARD\nFN:Ben\nEND:VCARD\n" + card) == [("Ben",), "record_too_long"]


@pytest.mark.parametrize("content", ["BEGIN:VCARD\nEND:VCARD\n", "BEGIN:VCARD\n", "BEGIN:VCARD"])
def test_a_file_without_a_card_that_says_anything_is_refused(content):
    with pytest.raises(UnreadableFile) as caught:
        read(content)

    assert caught.value.code == "no_rows"


def test_cards_in_one_stream_that_is_lent_are_all_there():
    card = "BEGIN:VCARD\nN:Müller;Jürgen\nEND:VCARD\n"

    found = open_table(io.BytesIO((card * 20_000).encode("cp1252")), "x.vcf")

    assert sum(1 for _ in found.records()) == 20_000
    assert found.columns == ("given_name", "family_name")


def test_a_card_that_names_all_its_encodings_asks_nothing():
    card = b"BEGIN:VCARD\nFN;CHARSET=windows-1252:\xe5\xe4\nEND:VCARD\n"

    assert row(card) == {"full_name": "åä"}
    with pytest.raises(UnreadableFile) as caught:
        row(card.replace(b";CHARSET=windows-1252", b""))
    assert caught.value.code == "which_encoding"
    assert row(card.replace(b";CHARSET=windows-1252", b""), encoding="windows-1252") == {
        "full_name": "åä"
    }


def test_a_picture_whose_lines_do_not_begin_with_a_blank_is_passed_over():
    picture = "\r\n".join(["PHOTO;JPEG;ENCODING=BASE64:", *["QUJD" * 18] * 5_000, "QQ=="])
    card = f"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Lee;Ann\r\n{picture}\r\n\r\nTEL:1\r\nEND:VCARD\r\n"

    assert row(card) == {"family_name": "Lee", "given_name": "Ann", "phone": "1"}
