import pytest

from quality.cleaning.cards import masked_card_numbers, without_card_numbers
from quality.cleaning.folding import fold_name
from quality.cleaning.placeholders import is_placeholder
from quality.cleaning.text import plain, tidy


@pytest.mark.parametrize(
    "noisy, clean, rule",
    [
        ("  two   words\t", "two words", "white_space"),
        ("\u3000建敏\u3000", "建敏", "white_space"),
        ("\u200bhugo", "hugo", "invisible_characters"),
        ("\u202eevil\u202c", "evil", "invisible_characters"),
        ("a\x00b", "ab", "control_characters"),
        ("a\ud800b", "a\ufffdb", "control_characters"),
        ("O\x92Brien", "O’Brien", "control_characters"),
        ("Ｏｒｉｏｎ　１２", "Orion 12", "full_width"),
        ("ﾃﾞｰﾀ", "データ", "full_width"),
        ("CÃ©line", "Céline", "mojibake"),
        ("å¼\xa0ä¼Ÿ", "张伟", "mojibake"),
    ],
)
def test_noise_is_taken_off_and_named(noisy, clean, rule):
    assert tidy(noisy) == (clean, rule)


@pytest.mark.parametrize(
    "text",
    [
        "10² m½",
        "№ 5 ™",
        "São Paulo",
        "NOËL",
        "Ãngela",
        "می‌خواهم",
        "👨‍👩‍👧",
        "marqué…",
        "Đặng",
        "𠮷野家",
    ],
)
def test_what_has_a_meaning_stays(text):
    assert tidy(text) == (text, "")


def test_sentences_keep_their_own_punctuation_and_notes_their_lines():
    assert tidy("你好，世界１", prose=True)[0] == "你好，世界1"
    assert tidy("a  b\r\n\r\n\r\n\r\nc ", lines=True)[0] == "a b\n\nc"
    assert tidy("a\nb")[0] == "a b"


def test_structured_fields_get_ascii_digits():
    assert plain("＋８６ １３９") == "+86 139"
    assert plain("٠٥٠١") == "0501"


@pytest.mark.parametrize(
    "text", ["N/A", "-", "—", "NULL", "无", "test", "none", "暂无", "?", "нет"]
)
def test_words_for_nothing_are_placeholders(text):
    assert is_placeholder(text, "family_name")
    assert is_placeholder(text, "email")


@pytest.mark.parametrize("name", ["Null", "Test", "None", "Na", "NA", "Nan", "nan", "Wu"])
def test_people_may_be_called_null_or_test(name):
    assert not is_placeholder(name, "family_name")


def test_an_x_means_nothing_in_an_address_but_is_a_name():
    assert is_placeholder("x", "street")
    assert not is_placeholder("X", "family_name")


def test_a_city_may_look_like_a_word_for_nothing():
    assert not is_placeholder("Yok", "city")
    assert is_placeholder("yok", "city")


def test_an_answer_in_an_unknown_column_is_no_placeholder():
    assert not is_placeholder("none", None)
    assert not is_placeholder("无", None)
    assert not is_placeholder("test", "tags")
    assert is_placeholder("N/A", None)
    assert not is_placeholder("NA", "country")  # Namibia


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "6222021234567890128",
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_card_numbers_are_removed_from_text(number):
    assert without_card_numbers(f"card {number}, thanks") == "card [card number removed], thanks"
    covered = masked_card_numbers(f"card {number}")
    assert not any(map(str.isdecimal, covered))


def test_two_card_numbers_in_a_row_are_both_removed():
    text = without_card_numbers("4111 1111 1111 1111 5500 0000 0000 0004")
    assert not any(map(str.isdecimal, text))


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # Luhn fails
        "9111111111111111",  # no issuer
        "0000000000000000",
        "call +86 138 0013 8000",
        "DE89 3704 0044 0532 0130 00",
        "ref A4111111111111111",
        "id 620102198001010019",
    ],
)
def test_other_numbers_stay(text):
    assert without_card_numbers(text) == text


def test_a_valid_resident_id_that_passes_for_a_card_stays():
    number = _resident_id_that_looks_like_a_card()
    assert without_card_numbers(f"ID {number}") == f"ID {number}"


def _resident_id_that_looks_like_a_card():
    from stdnum import luhn

    from quality.cleaning.id_numbers import resident_id_facts

    for serial in range(1000):
        for check in "0123456789":
            number = f"62010219800101{serial:03}{check}"
            if resident_id_facts(number) and luhn.is_valid(number):
                return number
    raise AssertionError("no such number")


@pytest.mark.parametrize(
    "name, folded",
    [
        ("Weiß", "weiss"),
        ("ŁÓDŹ", "lodz"),
        ("İSMAİL", "ismail"),
        ("Nguyễn", "nguyen"),
        ("Ｏ’Brien", "o'brien"),
        ("データ", "データ"),
        ("陳偉", "陳偉"),
        ("الصّين", "الصين"),
    ],
)
def test_names_fold_to_what_people_type(name, folded):
    assert fold_name(name) == folded
