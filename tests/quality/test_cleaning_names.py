import pytest

from quality.cleaning import Verdict
from quality.cleaning.names import clean_name, names_are_swapped, split_full_name


@pytest.mark.parametrize(
    "name, clean",
    [
        ("MCDONALD", "McDonald"),
        ("macdonald", "MacDonald"),
        ("machado", "Machado"),
        ("o'brien", "O'Brien"),
        ("O’BRIEN", "O’Brien"),
        ("DE LA CRUZ", "de la Cruz"),
        ("VAN DER BERG", "van der Berg"),
        ("van 't hof", "van 't Hof"),
        ("gEORGE", "George"),
        ("dÍAZ vÁZQUEZ", "Díaz Vázquez"),
        ("JEAN-PIERRE", "Jean-Pierre"),
        ("KA'AHUMANU", "Ka'ahumanu"),
        ("SMITH III", "Smith III"),
        ("NGUYEN VAN AN", "Nguyen Van An"),
        ("WANG DA WEI", "Wang Da Wei"),
        ("DAS GUPTA", "Das Gupta"),
        ("GARCÍA Y GÓMEZ", "García y Gómez"),
        ("IJSBRAND", "IJsbrand"),
        ("ИВАНОВ", "Иванов"),
        ("İSMAİL", "İsmail"),
        ("IŞIK KAĞAN", "Işık Kağan"),
        ("weiß", "Weiß"),
    ],
)
def test_a_name_in_the_wrong_case_is_written_as_people_write_it(name, clean):
    outcome = clean_name(name)
    assert (outcome.text, outcome.value, outcome.rule) == (clean, clean, "name_case")


@pytest.mark.parametrize(
    "name",
    ["McDonald", "MacDonald", "Macdonald", "deVito", "de la Cruz", "De La Cruz", "Van Den Berg", "李小龙",
     "El-Sayed", "bin Laden", "J.R.", "ΠΑΠΑΣ", "محمد", "山田", "🎉", "O", "D'Arcy", "LeBron"],
)  # fmt: skip
def test_a_name_somebody_decided_on_stays(name):
    assert clean_name(name).text == name


def test_initials_stay_a_pair_of_capitals():
    assert clean_name("JP", given=True).text == "JP"
    assert clean_name("LI", given=True).text == "Li"


def test_a_given_name_keeps_its_particles_inside():
    assert clean_name("MARÍA DEL CARMEN", given=True).text == "María del Carmen"
    assert clean_name("VAN ANH", given=True).text == "Van Anh"


def test_a_turkish_i_that_nobody_can_tell_is_left_and_flagged():
    outcome = clean_name("YILDIZ", country="TR")
    assert (outcome.text, outcome.value, outcome.verdict) == ("YILDIZ", "YILDIZ", Verdict.FLAGGED)
    assert clean_name("KAYA", country="TR").text == "Kaya"


@pytest.mark.parametrize("name", ["IBM", "adidas", "Müller GmbH", "Orion Motors Co., Ltd.", "eBay"])
def test_an_organisation_keeps_its_case(name):
    assert clean_name(name, organisation=True).text == name


@pytest.mark.parametrize(
    "given, family, email",
    [("许", "桂轩", None), ("司马", "博霞", None), ("陈", "杰", "chenjie74@example.org")],
)
def test_chinese_names_in_each_others_place_are_recognised(given, family, email):
    assert names_are_swapped(given, family, email)


@pytest.mark.parametrize(
    "given, family, email",
    [
        ("桂轩", "许", None),
        ("陈", "杰", None),  # could be a rare family name
        ("陈", "杰", "jie.chen@example.org"),
        ("林", "欧阳", None),
        ("华", "明", "huaming@example.org"),  # hua is also a given name
        ("陈", "王", "chenwang@example.org"),
        ("Patrick", "Jimenez", None),
        ("志佳", "杰", None),
    ],
)
def test_names_are_not_swapped_on_suspicion(given, family, email):
    assert not names_are_swapped(given, family, email)


@pytest.mark.parametrize(
    "full, given, family",
    [
        ("李小龙", "小龙", "李"),
        ("欧阳修", "修", "欧阳"),
        ("李 小龙", "小龙", "李"),
        ("John Ronald Tolkien", "John", "Ronald Tolkien"),
        ("Smith, John", "John", "Smith"),
        ("Madonna", "Madonna", ""),
        ("Martin Luther King, Jr", "Martin", "Luther King, Jr"),
    ],
)
def test_a_full_name_splits_without_changing_its_order(full, given, family):
    assert split_full_name(full) == (given, family)


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("山田 太郎", "太郎", "山田"),
        ("佐藤 さくら", "さくら", "佐藤"),
        ("佐々木 希", "希", "佐々木"),
        ("김 민수", "민수", "김"),
        ("남궁 민", "민", "남궁"),
        ("李 小龙", "小龙", "李"),
        ("Bruce Lee 李小龙", "Bruce", "Lee 李小龙"),
        ("Dr. Hans Müller", "Dr. Hans", "Müller"),
        ("Prof. Dr. Eva von Trapp", "Prof. Dr. Eva", "von Trapp"),
        ("Mr Smith", "Mr", "Smith"),
        ("de la Cruz", "", "de la Cruz"),
        ("Иванов Иван Иванович", "Иван Иванович", "Иванов"),
        ("Анна Сергеевна Петрова", "Анна Сергеевна", "Петрова"),
        ("Анна Мария Абрамович", "Анна", "Мария Абрамович"),
        ("José María García Márquez", "José", "María García Márquez"),
    ],
)
def test_a_full_name_is_split_where_its_language_shows_it(text, given, family):
    assert split_full_name(text) == (given, family)
