"""The page of an import: exactly its own rows, a score that adds up, the same few questions."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.imports.score import score_of
from customers.models import ImportBatch, ImportRow
from staff.roles import Role

from .importing import ANNA, KLAUS, import_file, write_csv
from .test_import_pages import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


def page_of(result):
    return reverse("admin:customers_importbatch_change", args=[result["batch"]])


def test_the_score_of_a_file_is_the_one_counted_by_hand(file):
    """Five rows of four columns are twenty cells, and nine of them usable.

    Row 2 lacks its city (an empty cell); row 3 has a placeholder for it and an e-mail that is
    none; row 4 names nobody, so its city is lost, and three cells are empty; row 5 has a cell too
    many, so nothing of it is known. 20 − 1 − (1 + 1) − (1 + 3) − 4 = 9.
    """
    file.write_text(
        "first_name,last_name,email,city\n"
        "Klaus,Hofmann,klaus@example.org,Bonn\n"
        "Anna,Schmidt,anna@example.org,\n"
        "Otto,Berg,otto(at)example,N/A\n"
        ",,,Ulm\n"
        "Ida,Vogel,ida@example.org,Kiel,surplus\n",
        encoding="utf-8",
    )
    result = import_file(file)
    batch = ImportBatch.objects.get(pk=result["batch"])
    score = score_of(batch.cells)
    assert score.value == 100 * 9 // 20 == 45
    by_name = {column.name: column for column in score.columns}
    email = by_name["email"]
    assert (email.filled, email.usable, email.completeness, email.validity) == (3, 2, 60, 66)
    assert (by_name["city"].filled, by_name["city"].usable) == (2, 1)
    assert by_name["first_name"].validity == 100
    lost = dict(score.reasons)
    assert lost == {
        "in a record that could not be read": 20.0,  # 4 cells
        "empty, or a placeholder that stands for nothing": 25.0,  # 3 names and mail, 2 cities
        "not an e-mail address": 5.0,
        "in a row that was set aside": 5.0,
    }
    assert score.value + sum(lost.values()) == 100


def test_a_file_in_which_nothing_is_lost_has_a_hundred(file):
    batch = ImportBatch.objects.get(pk=import_file(write_csv(file, KLAUS, ANNA))["batch"])
    score = score_of(batch.cells)
    assert (score.value, score.reasons) == (100, [])


def test_a_dry_run_and_an_older_import_have_no_score():
    assert score_of({}) is None
    assert score_of({"duplicates": 3}) is None


def test_an_import_of_an_older_version_counts_what_looked_like_somebody(client, file):
    sign_in(client, Role.DATA_STEWARD)
    import_file(write_csv(file, ANNA))
    batch = import_file(write_csv(file, ANNA | {"city": "Ulm"}), source="expo")
    ImportBatch.objects.filter(pk=batch["batch"]).update(cells={})
    assert "1 possible duplicate<" in client.get(page_of(batch)).text


def test_the_page_shows_this_batch_alone(client, file):
    sign_in(client, Role.DATA_STEWARD)
    import_file(write_csv(file, KLAUS, ANNA))
    first = import_file(write_csv(file, KLAUS | {"city": "Ulm"}), source="fair")
    broken = {"first_name": "Otto", "email": "otto(at)example"}
    second = import_file(
        write_csv(file, ANNA | {"city": "Ulm"}, broken, {"city": "Nowhere"}, header=list(KLAUS)),
        source="expo",
    )
    page = client.get(page_of(second))
    text = page.content.decode()
    assert (
        page.context["first_waiting"]
        == ImportRow.objects.get(outcome="review", batch=second["batch"]).pk
    )
    assert page.context["waiting_lines"] == []
    assert [line.customer.given_name for line in page.context["duplicate_lines"]] == ["Anna"]
    assert [line.raw for line in page.context["set_aside_lines"]] == ["Nowhere"]
    assert [cells[0][2] for cells in (line.cells for line in page.context["emptied_lines"])] == [
        "otto(at)example"
    ]
    assert "same e-mail address" in text.lower()
    assert "Klaus" not in text
    assert f"import={ImportBatch.objects.get(pk=first['batch']).number}" not in text
    rows = reverse("admin:customers_importbatch_rows", args=[second["batch"]])
    listed = client.get(rows, {"outcome": "duplicates"}).context["lines"]
    assert [line.row.number for line in listed] == [1]


def test_an_unreadable_record_keeps_how_it_begins_sealed(client, file, settings):
    sign_in(client, Role.DATA_STEWARD)
    file.write_text(
        'first_name,last_name,email\nKlaus,Hofmann,k@example.org\nOtto,"Be"rg",o@x.org,"oh\n'
        "Anna,Schmidt,a@example.org\nIda,Vogel,ida@example.org,surplus\n"
    )
    result = import_file(file)
    assert result["set_aside"] >= 1
    row = ImportRow.objects.filter(outcome="set_aside").last()
    assert json.loads(row.payload)["raw"].startswith("Ida | Vogel")
    text = client.get(page_of(result)).content.decode()
    assert "Ida | Vogel | ida@example.org | surplus" in text
    download = client.post(reverse("admin:customers_importbatch_set_aside", args=[result["batch"]]))
    assert "ida@example.org" in b"".join(download.streaming_content).decode()


def test_whoever_may_not_import_sees_counts_but_no_cells(client, file):
    broken = KLAUS | {"email": "klaus(at)example"}
    result = import_file(write_csv(file, broken, {"city": "Nowhere"}, header=list(KLAUS)))
    sign_in(client, Role.AUDITOR)
    text = client.get(page_of(result)).content.decode()
    assert "Nowhere" not in text
    assert "klaus(at)example" not in text
    rows = reverse("admin:customers_importbatch_rows", args=[result["batch"]])
    listed = client.get(rows).content.decode()
    assert "Nowhere" not in listed
    assert "klaus(at)example" not in listed


def test_sales_see_no_page_of_an_import(client, file):
    result = import_file(write_csv(file, KLAUS))
    sign_in(client, Role.SALES)
    assert client.get(page_of(result)).status_code == 403


def test_the_page_asks_the_same_few_questions_for_few_rows_and_many(client, file):
    sign_in(client, Role.DATA_STEWARD)

    def pages(many):
        def rows():
            for number in range(many):
                one = KLAUS | {"first_name": f"K{number}", "email": f"k{number}@example.org"}
                yield one | {"phone": ""}
                yield one | {"city": "Ulm", "phone": "12"}
            yield {"city": "Nowhere"}

        return page_of(import_file(write_csv(file, *rows()), source=f"source {many}"))

    counted = []
    for page in (pages(2), pages(40)):
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 17, counted


def test_markup_in_an_unreadable_record_is_text(client, file):
    sign_in(client, Role.DATA_STEWARD)
    evil = "<script>alert(1)</script>"
    file.write_text(f"first_name,email\n{evil},k@example.org,surplus\nAnna,a@example.org\n")
    text = client.get(page_of(import_file(file))).content.decode()
    assert evil not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_card_number_in_an_unreadable_record_is_not_kept(file):
    file.write_text("first_name,email\nKlaus,4111 1111 1111 1111,surplus\nAnna,a@example.org\n")
    import_file(file)
    row = ImportRow.objects.get(outcome="set_aside")
    assert "4111 1111 1111" not in row.payload
