"""The import in the admin, from the upload to the undo, as staff meet it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from customers.imports.upload import sealed_path
from customers.models import Customer, ImportBatch, ImportRow
from customers.models.imports import BatchState
from jobs import doors
from jobs.models import Job
from jobs.services import run_job
from staff.models import User
from staff.roles import Role, apply_roles

from .importing import ANNA, KLAUS, everything, import_file, write_csv

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/customers/importbatch/add/"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """The wake-up call has tests of its own; here the job is run by hand."""
    monkeypatch.setattr(doors, "wake", lambda job: True)


def sign_in(client, role, username="li.na"):
    from django.contrib.auth.models import Group

    apply_roles()
    user = User.objects.create_user(username, first_name="Li", last_name="Na")
    user.groups.add(Group.objects.get(name=role.value))
    client.force_login(user)
    return user


@pytest.fixture
def steward(client):
    return sign_in(client, Role.DATA_STEWARD)


def upload(client, content, name="customers.csv", source="web shop"):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post(reverse("admin:customers_importbatch_add"), {"source": source, "file": file})


def csv_of(tmp_path, *rows):
    return write_csv(tmp_path / "upload.csv", *rows).read_bytes()


def start(client, response, **changes):
    """From the columns page on: press start, do the work, open the result."""
    page = client.get(response.url)
    assert page.status_code == 200, page
    data = {f"column-{column.place}": column.field for column in page.context["columns"]}
    data |= {"source": "web shop", "on_duplicate": "review", "date_order": "", "country": ""}
    answer = client.post(response.url, data | changes | {"start": "1"})
    assert answer.status_code == 302, answer.context and answer.context.get("problem")
    job = Job.objects.order_by("-created_at").first()
    return run_job(job_id=job.pk)


def test_a_steward_imports_a_file_and_undoes_it(client, steward, tmp_path):
    before = everything()
    response = upload(client, csv_of(tmp_path, KLAUS, ANNA, KLAUS, {"city": "x"}))
    columns = client.get(response.url)
    assert "Klaus" in columns.content.decode()
    assert "no-store" in columns["Cache-Control"]
    job = start(client, response)
    assert job.state == "done"
    batch = ImportBatch.objects.get()
    result = client.get(reverse("admin:customers_importbatch_change", args=[batch.pk]))
    assert result.status_code == 200
    assert (batch.state, batch.counts["created"], batch.sealed_name) == (BatchState.DONE, 2, "")
    assert Customer.objects.get(email="anna@example.org").history.get().history_actor == "Li Na"
    for outcome in ("created", "repeated", "set_aside", "emptied"):
        rows = reverse("admin:customers_importbatch_rows", args=[batch.pk])
        assert client.get(rows, {"outcome": outcome}).status_code == 200
    undo = reverse("admin:customers_importbatch_undo", args=[batch.pk])
    assert client.get(undo).status_code == 200
    assert client.post(undo).status_code == 302
    assert run_job(job_id=Job.objects.order_by("-created_at").first().pk).state == "done"
    assert everything() == before
    again = client.post(undo, follow=True)
    assert "was undone already" in again.content.decode()


def test_the_upload_is_sealed_from_its_first_byte(client, steward, tmp_path, settings):
    response = upload(client, csv_of(tmp_path, KLAUS))
    batch = ImportBatch.objects.get()
    sealed = sealed_path(batch.sealed_name)
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert b"klaus@example.org" not in sealed.read_bytes()
    assert not list((settings.DATA_DIR / "tmp").iterdir())
    assert response.status_code == 302


def test_the_columns_page_shows_before_and_after_with_reasons(client, steward, tmp_path):
    broken = KLAUS | {"email": "not an address", "phone": "0160 7969515"}
    response = upload(client, csv_of(tmp_path, broken, ANNA | {"mystery": "?"}))
    page = client.get(response.url)
    text = page.content.decode()
    columns = {column.name: column for column in page.context["columns"]}
    assert columns["email"].emptied == 1
    assert columns["country"].changed == 2
    assert "not an e-mail address" in text
    assert "mystery" in text
    assert columns["mystery"].field == ""


def test_a_country_that_is_none_starts_nothing_and_is_said_at_the_field(client, steward, tmp_path):
    """With UK for GB every local number of the file would count as impossible."""
    response = upload(client, csv_of(tmp_path, KLAUS))
    page = client.get(response.url)
    data = {f"column-{column.place}": column.field for column in page.context["columns"]}
    data |= {"source": "web shop", "on_duplicate": "review", "country": "uk", "start": "1"}
    answer = client.post(response.url, data)

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"country"}
    assert not Job.objects.exists()


def test_markup_in_a_file_is_text_on_every_page(client, steward, tmp_path):
    evil = "<script>alert(1)</script>"
    rows = [KLAUS | {"last_name": evil, "city": evil, evil: evil}, KLAUS | {"last_name": evil}]
    content = csv_of(tmp_path, *rows)
    response = upload(client, content, name=f"{evil}.csv", source=evil)
    assert evil not in client.get(response.url).content.decode()
    start(client, response, source=evil)
    batch = ImportBatch.objects.get()
    pages = [
        reverse("admin:customers_importbatch_changelist"),
        reverse("admin:customers_importbatch_change", args=[batch.pk]),
        reverse("admin:customers_importbatch_rows", args=[batch.pk]),
        reverse("admin:customers_importbatch_review"),
        reverse("admin:customers_importbatch_undo", args=[batch.pk]),
    ]
    waits = ImportRow.objects.filter(outcome="review").first()
    pages.append(reverse("admin:customers_importbatch_decide", args=[waits.pk]))
    for page in pages:
        assert evil not in client.get(page).content.decode(), page


@pytest.mark.parametrize("decision", ["create", "update", "skip"])
def test_a_row_that_waits_is_decided_and_undone_with_its_import(
    client, steward, tmp_path, decision
):
    import_file(write_csv(tmp_path / "first.csv", KLAUS), source="first")
    before = everything()
    result = import_file(
        write_csv(tmp_path / "second.csv", KLAUS | {"city": "Bonn", "company": "Ridge"}),
        source="second",
    )
    row = ImportRow.objects.get(outcome="review")
    page = reverse("admin:customers_importbatch_decide", args=[row.pk])
    text = client.get(page).content.decode()
    assert "same e-mail address" in text.lower()
    assert "Bonn" in text
    client.post(page, {"decision": decision})
    row.refresh_from_db()
    assert (row.decision[:4], row.payload) == (
        {"create": "crea", "update": "upda"}.get(decision, "skip"),
        None,
    )
    assert Customer.objects.filter(kind="person").count() == (2 if decision == "create" else 1)
    if decision == "update":
        customer = Customer.objects.get(kind="person")
        assert (customer.city, customer.employer.organisation_name) == ("Bonn", "Ridge")
    second = client.post(page, {"decision": "create"}, follow=True)
    assert "decided" in second.content.decode()
    call_command("undo_import", result["batch"], stderr=io.StringIO())
    assert everything() == before


def test_whoever_may_not_import_is_refused_before_the_file_is_read(client, tmp_path):
    sign_in(client, Role.SALES)
    before = set(sealed_path("x").parent.glob("*.sealed"))
    assert upload(client, csv_of(tmp_path, KLAUS)).status_code == 403
    assert set(sealed_path("x").parent.glob("*.sealed")) == before


def test_an_upload_without_a_token_is_refused_and_leaves_nothing(steward, tmp_path):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(steward)
    before = set(sealed_path("x").parent.glob("*.sealed"))
    assert upload(client, csv_of(tmp_path, KLAUS)).status_code == 403
    assert set(sealed_path("x").parent.glob("*.sealed")) == before


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty"),
        (b"first_name,email\n", "no rows"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "JPEG"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(client, steward, content, words):
    response = upload(client, content)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert ImportBatch.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_with_the_limit(client, steward, monkeypatch):
    from customers.imports import upload as uploads

    monkeypatch.setattr(uploads, "LARGEST_UPLOAD", 100)
    before = set(sealed_path("x").parent.glob("*.sealed"))
    response = upload(client, b"first_name,email\n" + b"x" * 200_000)
    assert "larger than" in response.content.decode()
    assert set(sealed_path("x").parent.glob("*.sealed")) == before


def test_a_full_disk_is_said_in_words_and_leaves_no_half_file(client, steward, monkeypatch):
    import errno

    from encryption.files import SealedWriter

    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SealedWriter, "write", full)
    before = set(sealed_path("x").parent.glob("*.sealed"))
    response = upload(client, b"first_name,email\nKlaus,k@example.org\n")
    assert "disk of the server is full" in response.content.decode()
    assert set(sealed_path("x").parent.glob("*.sealed")) == before


def test_starting_twice_imports_once(client, steward, tmp_path):
    response = upload(client, csv_of(tmp_path, KLAUS))
    start(client, response)
    again = client.post(response.url, {"start": "1", "source": "web shop"}, follow=True)
    assert "started already" in again.content.decode()
    assert Customer.objects.count() == 1


def test_set_aside_rows_and_emptied_cells_download_with_reasons(client, steward, tmp_path):
    rows = [KLAUS | {"email": "=cmd()"}, {"city": "=1+1"}, ANNA]
    start(client, upload(client, csv_of(tmp_path, *rows)))
    batch = ImportBatch.objects.get()
    url = reverse("admin:customers_importbatch_set_aside", args=[batch.pk])
    assert client.get(url).status_code == 405
    answer = client.post(url)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("_row,_reason,first_name")
    assert text.splitlines()[1].startswith('2,"neither name nor')
    assert "'=1+1" in text
    assert "no-store" in answer["Cache-Control"]
    emptied = client.post(reverse("admin:customers_importbatch_emptied", args=[batch.pk]))
    assert "'=cmd()" in b"".join(emptied.streaming_content).decode()


def test_the_template_is_recognised_column_by_column(client, steward):
    answer = client.get(reverse("admin:customers_importbatch_template"))
    header = b"".join(answer.streaming_content).decode("utf-8-sig").strip()
    response = upload(client, header + "\n" + ",".join("x" for _name in header.split(",")))
    columns = client.get(response.url).context["columns"]
    assert [column.field for column in columns] == header.split(",")


def test_a_masked_value_stays_masked_beside_the_incoming_one(client, tmp_path):
    first = KLAUS | {"national_id": "13733810567"}
    import_file(write_csv(tmp_path / "first.csv", first), source="first")
    import_file(write_csv(tmp_path / "second.csv", first | {"city": "Bonn"}), source="second")
    sign_in(client, Role.DATA_STEWARD)
    row = ImportRow.objects.get(outcome="review")
    text = client.get(reverse("admin:customers_importbatch_decide", args=[row.pk])).content.decode()
    assert "13733810567" not in text
    assert "0567" in text
