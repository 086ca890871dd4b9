"""Every format, through the page and the command: the sheet, the encoding, the way back."""

import json

import pytest
from django.core.management import CommandError
from django.urls import reverse

from customers.imports.upload import sealed_path
from customers.models import ContactPoint, Customer, ImportBatch
from staff.roles import Role
from tests.quality.files import rows_of, workbook

from .importing import counts, everything, import_file, undo
from .test_import_pages import no_broker, sign_in, start, upload  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ("first_name", "last_name", "email")
ONE = ("Klaus", "Hofmann", "klaus@example.org")
TWO = ("Anna", "Schmidt", "anna@example.org")
PEOPLE = [dict(zip(HEADER, row, strict=True)) for row in (ONE, TWO)]
BOOK = workbook(rows_of(HEADER, ONE), rows_of(HEADER, TWO))


@pytest.fixture
def steward(client):
    return sign_in(client, Role.DATA_STEWARD)


def in_format(kind):
    if kind == "jsonl":
        return "\n".join(json.dumps(person) for person in PEOPLE).encode()
    if kind == "json":
        return json.dumps(PEOPLE).encode()
    if kind == "utf-16":
        return "\n".join(",".join(row) for row in (HEADER, ONE, TWO)).encode("utf-16")
    return workbook(rows_of(HEADER, ONE, TWO))


@pytest.mark.parametrize("kind", ["json", "jsonl", "utf-16", "xlsx"])
def test_each_format_comes_in_through_the_page_and_goes_again(client, steward, kind):
    before = everything()
    job = start(client, upload(client, in_format(kind), name=f"people.{kind}"))
    assert (job.state, job.result["created"]) == ("done", 2)
    assert Customer.objects.get(email="anna@example.org").family_name == "Schmidt"
    undo(ImportBatch.objects.get().pk)
    assert everything() == before


@pytest.mark.parametrize("kind", ["json", "jsonl", "utf-16", "xlsx"])
def test_each_format_comes_in_through_the_command(tmp_path, kind):
    file = tmp_path / f"people.{kind}"
    file.write_bytes(in_format(kind))
    assert counts(import_file(file, "--dry-run")) == counts(import_file(file)) == {"created": 2}
    assert counts(import_file(file)) == {"unchanged": 2}


# Sheets --------------------------------------------------------------------------------------


def test_a_workbook_with_several_sheets_asks_for_one_and_imports_that(client, steward):
    response = upload(client, BOOK, name="people.xlsx")
    assert response.status_code == 302
    question = client.get(response.url)
    assert question.context["question"] == "sheet"
    assert "Sheet2" in question.content.decode()
    page = client.post(response.url, {"sheet": "Sheet2", "encoding": ""})
    assert [sample.before for sample in page.context["columns"][0].samples] == ["Anna"]
    data = {f"column-{column.place}": column.field for column in page.context["columns"]}
    data |= {"source": "shop", "on_duplicate": "review", "date_order": "", "country": ""}
    data |= {"sheet": "Sheet2", "shown_sheet": "Sheet2", "start": "1"}
    assert client.post(response.url, data).status_code == 302
    batch = ImportBatch.objects.get()
    assert batch.options["sheet"] == "Sheet2"
    from jobs.services import run_job

    assert run_job(job_id=batch.job_id).result["created"] == 1
    assert Customer.objects.get().given_name == "Anna"


def test_a_sheet_chosen_anew_is_looked_at_before_anything_starts(client, steward):
    """Without JavaScript somebody may change the sheet and press start at once."""
    response = upload(client, BOOK, name="people.xlsx")
    data = {"source": "shop", "on_duplicate": "review", "date_order": "", "country": ""}
    data |= {"sheet": "Sheet1", "shown_sheet": "Sheet2", "start": "1", "column-0": "family_name"}
    page = client.post(response.url, data)
    assert page.status_code == 200
    assert page.context["columns"][0].field == "given_name"
    assert ImportBatch.objects.get().state == "uploaded"


def test_a_sheet_that_is_none_asks_again_and_loses_nothing(client, steward):
    response = upload(client, BOOK, name="people.xlsx")
    page = client.post(response.url, {"sheet": "<b>Nothing</b>"})
    assert page.context["question"] == "sheet"
    assert "<b>Nothing" not in page.content.decode()
    assert ImportBatch.objects.count() == 1


def test_the_command_says_which_sheets_there_are_and_takes_one(tmp_path):
    file = tmp_path / "people.xlsx"
    file.write_bytes(BOOK)
    with pytest.raises(CommandError, match="--sheet: Sheet1, Sheet2") as refused:
        import_file(file)
    assert refused.value.returncode == 2
    assert counts(import_file(file, "--sheet", "2")) == {"created": 1}
    assert Customer.objects.get().given_name == "Anna"


# Encodings -----------------------------------------------------------------------------------

# No language is written so, in whatever encoding.
UNPROVEN = b"name,city\nM\xe8\x81\xfe,\xd3x\n"


def test_an_encoding_the_file_does_not_prove_is_asked_for(client, steward):
    response = upload(client, UNPROVEN)
    question = client.get(response.url)
    assert question.context["question"] == "encoding"
    page = client.post(response.url, {"encoding": "windows-1251"})
    assert page.context["columns"][0].samples[0].before == b"M\xe8\x81\xfe".decode("cp1251")
    wrong = client.post(response.url, {"encoding": "utf-8"})
    assert wrong.context["question"] == "encoding"
    assert ImportBatch.objects.count() == 1


def test_an_encoding_nobody_knows_is_answered_with_those_there_are_once(tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes(UNPROVEN)
    with pytest.raises(CommandError) as refused:
        import_file(file, "--encoding", "klingon")
    assert str(refused.value).count("gb18030") == 1


def test_the_command_takes_an_encoding(tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes(UNPROVEN)
    with pytest.raises(CommandError, match="--encoding"):
        import_file(file)
    assert counts(import_file(file, "--encoding", "windows-1251")) == {"created": 1}
    assert Customer.objects.get().given_name or Customer.objects.get().family_name


def test_the_upload_page_names_formats_limit_and_template(client, steward):
    text = client.get(reverse("admin:customers_importbatch_add")).content.decode()
    for word in ("CSV", "XLSX", "ODS", "JSON lines", "Parquet", "vCard", "200 MB", ".vcf"):
        assert word in text
    assert reverse("admin:customers_importbatch_template") in text


def test_the_template_filled_in_comes_back_with_its_contact_points(client, steward, tmp_path):
    answer = client.get(reverse("admin:customers_importbatch_template"))
    header = b"".join(answer.streaming_content).decode("utf-8-sig").strip().split(",")
    row = dict.fromkeys(header, "") | {
        "given_name": "Klaus",
        "phone": "+49 160 7969515",
        "further_phone": "+49 30 901820",
        "messenger": "WeChat: klaus_h",
        "owner": steward.username,
        "last_confirmed_at": "2025-03-01",
    }
    content = ",".join(header) + "\n" + ",".join(row.values()) + "\n"
    assert start(client, upload(client, content)).result["created"] == 1
    customer = Customer.objects.get()
    assert (customer.owner, customer.phone) == (steward, "+491607969515")
    assert {point.value for point in ContactPoint.objects.all()} == {"+4930901820", "klaus_h"}


# Bad input -----------------------------------------------------------------------------------

CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Klaus Hofmann\r\nN:Hofmann;Klaus;;;\r\n"
    "EMAIL;TYPE=work:klaus@example.org\r\nTEL;TYPE=cell:+49 160 7969515\r\n"
    "TEL;TYPE=work:+49 30 901820\r\nX-WECHAT:klaus_h\r\n{photo}END:VCARD\r\n"
)


@pytest.mark.parametrize(
    "name, content",
    [
        ("deep.json", "[" * 200_000 + "]" * 200_000),
        ("deep.json", '[{"a":' * 5_000 + "1" + "}]" * 5_000),
        ("half.json", '[{"first_name": "Klaus", "email": "k@example'),
        ("scalar.json", '"Klaus"'),
        ("empty.json", "[]"),
        ("numbers.json", '[{"first_name": ' + "9" * 100_000 + "}]"),
        ("broken.parquet", b"PAR1" + b"\x00" * 2_000 + b"PAR1"),
        ("tiny.parquet", b"PAR1PAR1"),
        ("half.xlsx", BOOK[: len(BOOK) // 2]),
        ("half.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Klaus"),
        ("empty.vcf", "BEGIN:VCARD\r\nEND:VCARD\r\n"),
        ("lies.ods", b"PK\x03\x04" + b"\x00" * 500),
        ("../../etc/passwd.csv", "first_name\nKlaus\n"),
    ],
)
def test_whatever_is_uploaded_is_taken_or_refused_in_words(client, steward, name, content):
    sealed = sealed_path("x").parent
    before = set(sealed.glob("*.sealed"))
    response = upload(client, content, name=name)
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        page = client.get(response.url, follow=True)
        assert page.status_code == 200
    else:
        assert response.context["form"].errors["file"]
        assert set(sealed.glob("*.sealed")) == before
    assert not Customer.objects.exists()


def test_a_card_with_a_large_photo_comes_in_without_it(client, steward):
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 74] * 60_000) + "\r\n"
    job = start(client, upload(client, CARD.format(photo=photo), name="people.vcf"))
    assert job.result["created"] == 1
    customer = Customer.objects.get()
    assert (customer.family_name, customer.phone) == ("Hofmann", "+491607969515")
    points = {(point.value, point.use) for point in customer.contact_points.all()}
    assert points == {("+4930901820", "work"), ("klaus_h", "")}


@pytest.mark.parametrize(
    "answer", [{"sheet": "9" * 5_000}, {"encoding": "rot13"}, {"sheet": "\x00"}]
)
def test_a_nonsensical_answer_is_asked_again(client, steward, answer):
    response = upload(client, BOOK, name="people.xlsx")
    page = client.post(response.url, answer)
    assert page.status_code == 200
    assert ImportBatch.objects.get().state == "uploaded"
