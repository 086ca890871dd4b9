"""Columns are recognised by their whole names, in the languages files come in."""

import pytest

from quality.contact_columns import messenger_of, use_of
from quality.header_names import NAMES
from quality.headers import FIELDS, fold, recognise, recognise_columns
from quality.mapping import MappingError, check_mapping, parse_mapping, recognised_mapping


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("First Name", "given_name"),
        ("firstName", "given_name"),
        ("FIRST_NAME", "given_name"),
        ("Customer First Name", "given_name"),
        ("名", "given_name"),
        ("Vorname", "given_name"),
        ("Prénom", "given_name"),
        ("PRENOM", "given_name"),
        ("Nombre", "given_name"),
        ("surname", "family_name"),
        ("姓", "family_name"),
        ("Nachname", "family_name"),
        ("Nom de famille", "family_name"),
        ("Apellidos", "family_name"),
        ("姓名", "full_name"),
        ("客户姓名", "full_name"),
        ("Full name", "full_name"),
        ("E-Mail*", "email"),
        ("e-mail address (work)", "email"),
        ("EmailAddress", "email"),
        ("电子邮箱（必填）", "email"),
        ("邮箱", "email"),
        ("Correo electrónico", "email"),
        ("Courriel", "email"),
        ("Tel.", "phone"),
        ("Mobile Phone", "phone"),
        ("手机号码", "phone"),
        ("联系电话", "phone"),
        ("Téléphone", "phone"),
        ("Handynummer", "phone"),
        ("ＰＨＯＮＥ", "phone"),
        ("D.O.B.", "birth_date"),
        ("date_of_birth", "birth_date"),
        ("出生日期", "birth_date"),
        ("Geburtsdatum", "birth_date"),
        ("Fecha de nacimiento", "birth_date"),
        ("身份证号", "national_id"),
        ("ID Card No.", "national_id"),
        ("DNI", "national_id"),
        ("id_type", "national_id_type"),
        ("证件类型", "national_id_type"),
        ("Straße", "street"),
        ("STRASSE", "street"),
        ("详细地址", "street"),
        ("Address Line 2", "street"),
        ("城市", "city"),
        ("Ville", "city"),
        ("Bundesland", "region"),
        ("省份", "region"),
        ("PLZ", "postal_code"),
        ("邮政编码", "postal_code"),
        ("ZIP", "postal_code"),
        ("国家", "country"),
        ("Land", "country"),
        ("País", "country"),
        ("性别", "gender"),
        ("Sexe", "gender"),
        ("职位", "job_title"),
        ("公司名称", "organisation_name"),
        ("Firma", "organisation_name"),
        ("工作单位", "employer"),
        ("备注", "notes"),
        ("Bemerkungen", "notes"),
        ("note", "notes"),
        ("标签", "tags"),
        ("Kundennummer", "external_id"),
        ("客户编号", "external_id"),
        ("id", "external_id"),
        ("favourite colour", None),
        ("email sent", None),
        ("phone bill", None),
        ("", None),
    ],
)
def test_a_column_is_recognised_by_its_whole_name(name, field):
    assert recognise(name) == field


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_recognised_by_its_own_name(field):
    assert recognise(field) == field


def test_a_company_beside_a_person_is_the_employer_and_alone_the_customer():
    assert recognise_columns(["first_name", "company"])["company"] == "employer"
    assert recognise_columns(["company", "city"])["company"] == "organisation_name"


def test_a_second_phone_column_is_a_further_phone_and_a_second_address_line_joins():
    mapping = recognise_columns(["name", "phone", "mobile", "address_1", "address_2"])

    assert (mapping["phone"], mapping["mobile"]) == ("phone", "further_phone")
    assert [mapping["address_1"], mapping["address_2"]] == ["street", "street"]


COLUMNS = ("Nom", "Mail", "Rue 1", "Rue 2", "Extra")


def test_a_mapping_file_is_taken_in_the_order_of_the_file():
    text = (
        '{"Rue 2": "street", "Rue 1": "street", "Nom": "full_name", "Mail": "email", "Extra": null}'
    )

    assert list(parse_mapping(text, COLUMNS).items()) == [
        ("Nom", "full_name"),
        ("Mail", "email"),
        ("Rue 1", "street"),
        ("Rue 2", "street"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ('{"Nom": ', "not JSON"),
        ('["Nom"]', "one JSON object"),
        (b"\xff\xfe{}", "UTF-8"),
        ("[" * 100_000, "mapping file"),
        ('{"Nom": "full_name", "Nom": "email"}', "twice"),
        ('{"nom": "full_name"}', "Did you mean “Nom”?"),
        ('{"Zebra": "full_name"}', "It has: “Nom”"),
        ('{"Nom": "fullname"}', "Did you mean “full_name”?"),
        ('{"Nom": 7}', "no field “7”"),
        ('{"Nom": "email", "Mail": "email"}', "Only one column can fill “email”"),
        ('{"Extra": "country"}', "No column holds a name"),
        ("{}", "No column holds a name"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(text, said):
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, COLUMNS)

    assert said in str(caught.value)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(MappingError) as caught:
        check_mapping({"Zebra": "email", "Nom": "fullname", "Mail": "e_mail"}, COLUMNS)

    assert len(caught.value.problems) == 3


def test_a_file_in_which_nobody_can_be_recognised_is_refused():
    with pytest.raises(MappingError):
        recognised_mapping(("colour", "size", "city"))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("氏名", "full_name"),
        ("電話番号", "phone"),
        ("生年月日", "birth_date"),
        ("郵便番号", "postal_code"),
        ("Фамилия", "family_name"),
        ("Дата рождения", "birth_date"),
        ("Электронная почта", "email"),
        ("Codice Fiscale", "national_id"),
        ("Città", "city"),
        ("Cellulare", "phone"),
        ("Data de nascimento", "birth_date"),
        ("Geboortedatum", "birth_date"),
        ("Nazwisko", "family_name"),
        ("Soyadı", "family_name"),
        ("전화번호", "phone"),
        ("البريد الإلكتروني", "email"),
        ("שם משפחה", "family_name"),
        ("Τηλέφωνο", "phone"),
        ("Vor- und Nachname", "full_name"),
        ("Mobile 1", "phone"),
        ("Mobile 2", "further_phone"),
        ("E-mail 2", "further_email"),
        ("phone_12", "further_phone"),
        ("Birth date 2", None),
        ("备用电话", "further_phone"),
        ("微信号", "messenger"),
        ("Account manager", "owner"),
        ("客户经理", "owner"),
        ("Zuletzt bestätigt", "last_confirmed_at"),
        ("Address 3", "street"),
        ("Nombre(s)", "given_name"),
        ("Middle Name", "given_name"),
        # Names that mean several things stay unmapped, and row numbers are nobody's ID.
        ("Ad", None),
        ("By", None),
        ("Via", None),
        ("No.", None),
        ("序号", None),
    ],
)
def test_columns_are_recognised_in_the_languages_files_come_in(name, field):
    assert recognise(name) == field


def test_no_name_of_a_column_means_two_fields():
    meanings: dict[str, set[str]] = {}
    for field, names in NAMES.items():
        for name in names.replace("\n", " ").split("|"):
            assert fold(name), f"{name!r} of {field} has no word in it"
            meanings.setdefault(fold(name), set()).add(field)

    assert [name for name, fields in meanings.items() if len(fields) > 1] == []


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (["Name", "Vorname"], {"Name": "family_name", "Vorname": "given_name"}),
        (["Naam", "Email"], {"Naam": "full_name", "Email": "email"}),
        (["Nome", "Telefone"], {"Nome": "full_name", "Telefone": "phone"}),
        (["Nome", "Cognome"], {"Nome": "given_name", "Cognome": "family_name"}),
        (["Nom", "Email"], {"Nom": "full_name", "Email": "email"}),
        (["名前", "電話番号"], {"名前": "full_name", "電話番号": "phone"}),
        (["Prénom", "Email"], {"Prénom": "given_name", "Email": "email"}),
        (
            ["Name", "First Name", "Last Name"],
            {"Name": "full_name", "First Name": "given_name", "Last Name": "family_name"},
        ),
    ],
)
def test_what_a_bare_name_means_depends_on_the_columns_beside_it(columns, mapping):
    assert recognise_columns(columns) == mapping


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (["Phone", "Mobile", "Work phone"], ["phone", "further_phone", "further_phone"]),
        (["Mobile", "Primary phone"], ["further_phone", "phone"]),
        (["手机", "电话"], ["phone", "further_phone"]),
        (["Phone 2", "Phone 1"], ["further_phone", "phone"]),
        (["Phone 2", "Phone 3"], ["phone", "further_phone"]),
        (["email", "email_2", "email_3"], ["email", "further_email", "further_email"]),
        (
            ["Business Phone", "Mobile Phone", "E-mail Address", "E-mail 2 Address"],
            ["phone", "further_phone", "email", "further_email"],
        ),
        (
            ["Phone 1 - Type", "Phone 1 - Value", "Phone 2 - Value", "name"],
            [None, "phone", "further_phone", "full_name"],
        ),
        (["WhatsApp", "name"], ["phone", "full_name"]),
        (["WhatsApp", "phone"], ["messenger", "phone"]),
        (["WeChat", "name"], ["messenger", "full_name"]),
    ],
)
def test_of_several_phones_one_is_the_customers_and_the_others_are_further_ones(columns, fields):
    found = recognise_columns(columns)

    assert [found.get(column) for column in columns] == fields


@pytest.mark.parametrize(
    ("column", "use"),
    [
        ("Mobile", "mobile"),
        ("手机", "mobile"),
        ("Handynummer", "mobile"),
        ("Work phone", "work"),
        ("Phone (work)", "work"),
        ("工作电话", "work"),
        ("Telefon privat", "home"),
        ("家庭电话", "home"),
        ("E-mail (Büro)", "work"),
        ("Phone", ""),
        ("电话", ""),
    ],
)
def test_a_column_says_what_its_number_is_used_for(column, use):
    assert use_of(column) == use


@pytest.mark.parametrize(
    ("column", "messenger"),
    [("WeChat ID", "wechat"), ("微信", "wechat"), ("Whats App", "whatsapp"), ("Messenger", "")],
)
def test_a_column_says_which_messenger_it_is(column, messenger):
    assert messenger_of(column) == messenger


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("name.first", "given_name"),
        ("name.family_name", "family_name"),
        ("customer.name.last", "family_name"),
        ("address.city", "city"),
        ("address.postalCode", "postal_code"),
        ("addresses.country", "country"),
        ("address.line1", "street"),
        ("emails", "email"),
        ("emails_2", "further_email"),
        ("emails.value", "email"),
        ("emailAddresses_2.value", "further_email"),
        ("phoneNumbers.number", "phone"),
        ("phones_3.number", "further_phone"),
        ("company.name", "organisation_name"),
        ("客户.姓名", "full_name"),
    ],
)
def test_names_inside_objects_of_json_are_recognised(name, field):
    assert recognise(name) == field


@pytest.mark.parametrize(
    "name", ["addresses_2.city", "company.city", "company.phone", "emails.type", "order.id", "a.b"]
)
def test_what_belongs_to_something_else_is_not_taken_for_the_customers(name):
    assert recognise(name) is None
