"""Columns as address books, sales systems and shops export them, and what a person would map."""

import pytest

from quality.contact_columns import kind_columns
from quality.headers import recognise_columns
from quality.pipeline import ColumnEvidence, Options, Plan, clean_batch
from quality.reading import Record

GOOGLE = (
    "First Name,Middle Name,Last Name,Name Prefix,File As,Organization Name,Organization Title,"
    "Organization Department,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value,"
    "Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,"
    "Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 2 - Street,"
    "Address 2 - City,Website 1 - Value"
)
OUTLOOK_GERMAN = (
    "Anrede,Vorname,Weitere Vornamen,Nachname,Firma,Abteilung,Position,Straße geschäftlich,"
    "Straße geschäftlich 2,Ort geschäftlich,Postleitzahl geschäftlich,Land/Region geschäftlich,"
    "Straße privat,Ort privat,Fax geschäftlich,Telefon geschäftlich,Telefon geschäftlich 2,"
    "Telefon privat,Mobiltelefon,E-Mail-Adresse,E-Mail-Typ,E-Mail: Angezeigter Name,"
    "E-Mail 2: Adresse,Geburtstag,Kategorien"
)
OUTLOOK_FRENCH = (
    "Titre,Prénom,Deuxième prénom,Nom,Société,Rue (bureau),Ville (bureau),Code postal (bureau),"
    "Pays/Région (bureau),Rue (domicile),Ville (domicile),Télécopie (bureau),Téléphone (bureau),"
    "Tél. mobile,Adresse de messagerie,Adresse de messagerie 2,Anniversaire"
)
OUTLOOK = (
    "Title,First Name,Last Name,Company,Business Street,Business City,Business State,"
    "Business Country/Region,Home Street,Home City,Business Fax,Business Phone,Mobile Phone,"
    "Primary Phone,E-mail Address,E-mail 2 Address,E-mail 2 Display Name"
)
SALESFORCE = (
    "Id,Salutation,FirstName,LastName,AccountName,Title,Email,Phone,MobilePhone,MailingStreet,"
    "MailingCity,MailingState,MailingPostalCode,MailingCountry,OtherStreet,OtherCity,Birthdate"
)
SHOP = (
    "Customer ID,First Name,Last Name,Email,Default Address Address1,Default Address Address2,"
    "Default Address City,Default Address Country Code,Default Address Zip,"
    "Default Address Phone,Phone,Tags"
)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            GOOGLE,
            "given_name given_name family_name - - employer job_title - birth_date notes tags "
            "- email - further_email - phone further_phone - - street city region postal_code "
            "country - - -",
        ),
        (
            OUTLOOK_GERMAN,
            "- given_name given_name family_name employer - job_title street street city "
            "postal_code country - - - phone further_phone further_phone further_phone email - - "
            "further_email birth_date tags",
        ),
        (
            OUTLOOK_FRENCH,
            "- given_name given_name family_name employer street city postal_code country - - - "
            "phone further_phone email further_email birth_date",
        ),
        (
            OUTLOOK,
            "- given_name family_name employer street city region country - - - further_phone "
            "further_phone phone email further_email -",
        ),
        (
            SALESFORCE,
            "external_id - given_name family_name employer job_title email phone further_phone "
            "street city region postal_code country - - birth_date",
        ),
        (
            SHOP,
            "external_id given_name family_name email street street city country postal_code "
            "further_phone phone tags",
        ),
    ],
)
def test_an_export_is_mapped_as_a_person_would(columns, expected):
    names = columns.split(",")
    mapping = recognise_columns(names)

    assert [mapping.get(name, "-") for name in names] == expected.split()


def test_parts_of_different_addresses_are_never_put_together():
    mapping = recognise_columns(["name", "Home Street", "Work Street", "Work City", "Other City"])

    assert mapping == {"name": "full_name", "Work Street": "street", "Work City": "city"}


def test_the_address_without_a_qualifier_is_the_customers_and_a_lone_column_completes_it():
    assert recognise_columns(["name", "Billing City", "Billing Street", "Street", "City"]) == {
        "name": "full_name", "Street": "street", "City": "city",
    }  # fmt: skip
    assert recognise_columns(["name", "Home address", "City", "ZIP"])["Home address"] == "street"


def test_an_order_is_of_the_customer_in_it_and_not_a_customer():
    mapping = recognise_columns(
        ["id", "email", "customer.id", "customer.first_name", "customer.default_address.address1",
         "customer.default_address.city", "billing_address.address1", "billing_address.city"]
    )  # fmt: skip

    assert mapping == {
        "email": "email",
        "customer.id": "external_id",
        "customer.first_name": "given_name",
        "customer.default_address.address1": "street",
        "customer.default_address.city": "city",
    }


def test_a_title_alone_may_be_mr_or_doctor():
    assert "Title" not in recognise_columns(["Title", "First Name"])


def test_what_a_number_is_for_stands_in_the_column_beside_it():
    assert "Phone 2 - Label" in kind_columns("Phone 2 - Value")
    assert "phones_2.type" in kind_columns("phones_2.number")


def test_whatsapp_is_one_word_whatever_its_capitals():
    mapping = recognise_columns(["Name", "Phone", "WhatsApp Phone Number", "WhatsApp number"])

    assert list(mapping.values()) == ["full_name", "phone", "messenger", "messenger"]


def cleaned(mapping, *cells):
    columns = tuple(mapping)
    records = [Record(1, cells)]
    evidence = ColumnEvidence()
    evidence.add(records, columns, mapping)
    return clean_batch(records, Plan(columns, mapping, Options(country="DE"), evidence))[0]


def test_several_numbers_in_one_cell_of_an_address_book_are_all_kept():
    row = cleaned(
        {"Phone 1 - Value": "phone", "E-mail 1 - Value": "email"},
        "0160 7969515 ::: +49 221 1780", "a@x.org ::: B@x.org",
    )  # fmt: skip

    assert (row.values["phone"], row.values["email"]) == ("+491607969515", "a@x.org")
    assert [(one.field, one.value) for one in row.further] == [
        ("further_phone", "+492211780"), ("further_email", "b@x.org"),
    ]  # fmt: skip
    assert row.cells["Phone 1 - Value"] == "+491607969515 ::: +492211780"


def test_where_one_of_them_is_none_the_cell_is_left_as_it_is_with_the_reason():
    row = cleaned({"E-mail": "email", "Phone": "phone"}, "a@x.org ::: no", "+49 221 1780")

    assert row.values["email"] is None
    assert [(flag.rule, flag.original) for flag in row.flags] == [
        ("email_invalid", "a@x.org ::: no")
    ]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("* myContacts ::: Kunden ::: VIP", "Kunden, VIP"),
        ("* Friends ::: * myContacts", "Friends"),
        ("* myContacts", None),
        ("a, b", "a, b"),
    ],
)
def test_tags_of_an_address_book_lose_its_signs(text, tags):
    assert cleaned({"Name": "full_name", "Labels": "tags"}, "Ann Lee", text).values["tags"] == tags
