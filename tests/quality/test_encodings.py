"""Encodings: proved by the file or asked for, and never letters that nobody wrote."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.reading import ENCODINGS, UnreadableFile, open_table

from .files import Endless, cells, table

LISTS = {
    "German": "Name,Stadt\nJürgen Müller,Köln\nGünther Weiß,Düsseldorf\nJörg Schäfer,Zürich\n",
    "French": "Nom,Ville\nLefèvre,Nîmes\nBénédicte,Besançon\nFrançois,Orléans\nHélène,Évry\n",
    "Polish": "Imię,Miasto\nŁukasz Wójcik,Łódź\nMałgorzata,Gdańsk\nStanisław Dąbrowski,Kraków\n",
    "Czech": "Jméno,Město\nJiří Dvořák,Plzeň\nTomáš Němec,Brno\nKateřina Černá,Třebíč\n",
    "Hungarian": "Név,Város\nGyőző Szűcs,Győr\nErzsébet Tóth,Székesfehérvár\nLőrinc,Kőszeg\n",
    "Russian": "Имя,Город\nИван Петров,Москва\nЕлена Смирнова,Казань\n",
    "Greek": "Όνομα,Πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΕλένη,Θεσσαλονίκη\n",
    "Turkish": "Ad,Şehir\nİbrahim Yıldız,İzmir\nAyşe Öztürk,Eskişehir\nÇağla Güneş,Muğla\n",
    "Hebrew": "שם,עיר\nמשה כהן,ירושלים\nרחל לוי,תל אביב\n",
    "Arabic": "الاسم,المدينة\nمحمد عبد الله,القاهرة\nفاطمة الحسن,الإسكندرية\n",
    "Chinese": "姓名,城市\n王芳,北京\n李娜,上海\n",
    "Taiwanese": "姓名,城市\n王芳,臺北\n陳淑芬,高雄\n",
    "Japanese": "氏名,都市\n山田太郎,東京\nサトウ ハナコ,おおさか\n",
    "Korean": "이름,도시\n김영희,서울\n박철수,부산\n",
}


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *(("German", codec) for codec in ("cp1252", "cp1250", "iso8859-15", "cp850", "mac-roman")),
        *(("French", codec) for codec in ("cp1252", "iso8859-1", "cp850", "mac-roman")),
        *(("Polish", codec) for codec in ("cp1250", "iso8859-2", "cp852")),
        *(("Czech", codec) for codec in ("cp1250", "cp852")),
        ("Hungarian", "cp1250"),
        *(("Russian", codec) for codec in ("cp1251", "koi8-r", "cp866", "iso8859-5")),
        ("Greek", "cp1253"),
        *(("Turkish", codec) for codec in ("cp1254", "iso8859-9")),
        ("Hebrew", "cp1255"),
        ("Arabic", "cp1256"),
        ("Chinese", "gb18030"),
        ("Taiwanese", "big5"),
        *(("Japanese", codec) for codec in ("cp932", "euc_jp")),
        ("Korean", "cp949"),
    ],
)
def test_a_small_list_proves_its_encoding(language, codec):
    text = LISTS[language]

    found = table(text.encode(codec))

    rows = [tuple(line.split(",")) for line in text.splitlines()]
    assert found.columns == rows[0]
    assert [record.cells for record in found.records()] == rows[1:]
    (notice,) = found.notices
    assert found.encoding in str(notice)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 LE"),
        ("utf-16-be", "UTF-16 BE"),
        ("utf-32", "UTF-32"),
        ("utf-8-sig", "UTF-8"),
        ("utf-8", "UTF-8"),
    ],
)
@pytest.mark.parametrize("language", ["German", "Chinese", "Russian", "Arabic"])
def test_unicode_in_all_its_widths(codec, encoding, language):
    found = table(LISTS[language].encode(codec))

    assert found.encoding == encoding
    rows = [tuple(line.split(",")) for line in LISTS[language].splitlines()]
    assert [record.cells for record in found.records()] == rows[1:]
    assert bool(found.notices) is (encoding != "UTF-8")


def test_one_wrong_letter_far_down_is_enough_evidence_where_all_pages_agree():
    content = b"name,city\n" + b"Ann,Rome\n" * 100_000 + b"J\xfcrgen,Bonn\n"

    assert cells(content)[-1] == ("Jürgen", "Bonn")


@pytest.mark.parametrize(
    "content",
    [
        b"name,x\n\xe5\xe4,1\n",
        b"name,city\nAnn,K\xc3",
        b"name,x\nZo\xeb,1\n\xa4\xa6,2\n",
    ],
)
def test_what_few_letters_do_not_prove_is_asked(content):
    with pytest.raises(UnreadableFile) as caught:
        table(content)

    assert (caught.value.code, caught.value.question) == ("which_encoding", "encoding")
    assert set(caught.value.choices) == set(ENCODINGS)
    assert "--encoding" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "name,city\nAnn,Köln\nBen,Zürich\n".encode() + "Zoë,x\n".encode("cp1252"),
        "Zoë,x\n".encode("cp1252") * 3 + "Ann,Köln\n".encode(),
        "姓名,城市\n王芳,北京\n李娜,上海\n".encode() + "王,x\n".encode("gb18030"),
    ],
)
def test_a_file_in_two_encodings_is_refused_and_not_half_garbled(content):
    with pytest.raises(UnreadableFile) as caught:
        table(content)

    assert caught.value.code == "encoding"
    assert "line" in str(caught.value)


def test_quotes_and_dashes_of_windows_do_not_look_like_anything_else():
    text = "name,notes\nAnn,“nice” – O’Brien’s €5\n"

    assert cells(text.encode("cp1252")) == [("Ann", "“nice” – O’Brien’s €5")]


@pytest.mark.parametrize(
    ("said", "codec"),
    [("windows-1252", "cp1252"), ("latin1", "iso8859-1"), ("CP1250", "cp1250"), ("gbk", "gb18030")],
)
def test_who_knows_the_encoding_says_it(said, codec):
    text = "name,x\nZoë,1\n" if codec != "gb18030" else "name,x\n王,1\n"

    found = table(text.encode(codec), encoding=said)

    assert next(found.records()).cells == tuple(text.splitlines()[1].split(","))
    assert "as you said" in str(found.notices[0])


def test_what_is_said_is_not_believed_against_the_bytes():
    with pytest.raises(UnreadableFile) as caught:
        table("name,x\nZoë,1\n".encode("cp1252"), encoding="utf-8")
    assert caught.value.code == "encoding"

    with pytest.raises(UnreadableFile) as caught:
        table(b"name,x\nAnn,1\n", encoding="klingon")
    assert caught.value.code == "unknown_encoding"
    assert caught.value.choices == ENCODINGS


def test_a_long_file_is_weighed_in_bounded_memory():
    source = lambda: Endless(b"name,city\n", "Jürgen,Köln\n".encode("cp1252"), 8_000_000)  # noqa: E731

    found = open_table(source, "x.csv")

    assert found.encoding.startswith("Windows-1252")
    assert next(found.records()).cells == ("Jürgen", "Köln")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_they_are_or_refused(garbage):
    content = b"name,city\n" + garbage
    try:
        found = open_table(lambda: io.BytesIO(content), "x.csv")
        records = list(found.records())
    except UnreadableFile:
        return
    assert all(record.number for record in records)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("list.xlsx", b"name,city\nAnn,Rome\n", "CSV"),
        ("list.csv", b'[{"name": "Ann"}]', "JSON"),
        ("list.vcf", b'{"name": "Ann"}\n{"name": "Ben"}\n', "JSON lines"),
        ("list.json", b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\n", "vCard"),
    ],
)
def test_the_content_decides_and_a_wrong_ending_is_mentioned(name, content, says):
    found = open_table(lambda: io.BytesIO(content), name)

    assert any(says in str(notice) for notice in found.notices)
    assert "." + name.partition(".")[2] in str(found.notices[0])


def test_a_sheet_of_what_has_no_sheets_is_refused():
    with pytest.raises(UnreadableFile) as caught:
        table(b"name,city\nAnn,Rome\n", sheet="Customers")

    assert caught.value.code == "no_such_sheet"
