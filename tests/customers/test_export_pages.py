"""The pages of exports: asked for from the list, fetched by who asked, seen by who watches."""

import html
import json
import re

import pytest
from django.urls import reverse

from customers.models import Customer
from customers.models.exports import Export, ExportDownload
from jobs.models import Job
from staff.roles import Role
from tests.customers.exporting import do, exported
from tests.customers.people import person, staff

pytestmark = pytest.mark.django_db
ADD = "admin:customers_export_add"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def steward(client):
    user = staff("steward", Role.DATA_STEWARD)
    client.force_login(user)
    return user


def text_of(response):
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(plain).split())


def page_of(export):
    return reverse("admin:customers_export_change", args=[export.pk])


def file_of(export):
    return reverse("admin:customers_export_file", args=[export.pk])


def form_of(response):
    """What the form of the page would send."""
    return {
        "selection": response.context["selection_json"],
        "token": response.context["token"],
        "columns": ["number", "email"],
        "format": "csv",
        "bom": "on",
        "reason": "list for the trade fair",
    }


def test_from_a_filtered_list_to_the_file(client, steward):
    lead = person(email="lead@example.com", stage="lead")
    person(email="former@example.com", stage="former")
    asked = client.get(reverse(ADD), {"stage__exact": "lead"})
    assert "1 customer stage: Lead" in text_of(asked)
    sent = client.post(reverse(ADD), form_of(asked))
    export = Export.objects.get()
    assert sent.url == reverse("admin:jobs_job_change", args=[export.job_id])
    export = do(export)
    shown = client.get(page_of(export))
    assert "Download the file" in text_of(shown)
    fetched = client.post(file_of(export))
    assert fetched["Content-Disposition"] == (
        f'attachment; filename="customers-export-{export.number}.csv"'
    )
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in fetched["Cache-Control"]
    body = b"".join(fetched.streaming_content)
    assert fetched["Content-Length"] == str(len(body))
    assert body.decode("utf-8-sig").splitlines() == [
        "number,email", f"{lead.number},lead@example.com",
    ]  # fmt: skip
    assert ExportDownload.objects.get().who == steward
    assert "steward" in text_of(client.get(page_of(export)))


def test_ticked_rows_of_the_list_open_the_page(client, steward):
    one, _other = person(email="one@example.com"), person()
    response = client.post(
        reverse("admin:customers_customer_changelist"),
        {"action": "bulk_export", "_selected_action": [str(one.pk)]},
    )
    assert json.loads(response.context["selection_json"]) == {"keys": [str(one.pk)]}
    sent = client.post(reverse(ADD), form_of(response))
    assert sent.status_code == 302
    assert do(Export.objects.get()).rows == 1


def test_what_each_column_will_hold_is_said_before(client, steward):
    response = client.get(reverse(ADD))
    text = text_of(response)
    assert "E-mail clear" in text
    assert "ID number masked" in text
    assert "0 customers all customers" in text
    assert "Nobody fits" in text


def test_the_second_click_asks_for_nothing_more(client, steward):
    person()
    form = form_of(client.get(reverse(ADD)))
    first, second = client.post(reverse(ADD), form), client.post(reverse(ADD), form)
    assert first.url == second.url
    assert Job.objects.count() == 1


def test_a_form_without_columns_or_reason_says_so_and_keeps_the_rest(client, steward):
    person()
    form = form_of(client.get(reverse(ADD)))
    response = client.post(reverse(ADD), form | {"columns": [], "reason": "x", "format": "xlsx"})
    assert "Choose at least one column." in text_of(response)
    assert response.context["form"].errors["reason"]
    assert response.context["token"] == form["token"]
    assert not Export.objects.exists()


def test_a_selection_changed_on_its_way_is_refused(client, steward):
    for broken in ("", "null", "[]", '{"filters": 3}', '{"keys": 1}', '{"filters": {}, "at": 1}'):
        form = form_of(client.get(reverse(ADD))) | {"selection": broken}
        assert client.post(reverse(ADD), form).status_code == 403
    assert not Export.objects.exists()


@pytest.mark.parametrize("role", [Role.SALES, Role.SERVICE, Role.MARKETING, Role.AUDITOR,
                                  Role.READ_ONLY])  # fmt: skip
def test_who_may_not_export_finds_no_way_to(client, role):
    one = person()
    client.force_login(staff("x", role))
    assert client.get(reverse(ADD)).status_code == 403
    assert client.post(reverse(ADD), {}).status_code == 403
    listed = client.get(reverse("admin:customers_customer_changelist"))
    assert b"bulk_export" not in listed.content
    client.post(
        reverse("admin:customers_customer_changelist"),
        {"action": "bulk_export", "_selected_action": [str(one.pk)]},
    )
    assert not Export.objects.exists()


def test_another_steward_sees_neither_the_record_nor_the_file(client, steward):
    export = exported(steward)
    client.force_login(staff("other", Role.DATA_STEWARD))
    assert client.get(page_of(export)).status_code == 403
    assert client.post(file_of(export)).status_code == 403
    assert "trade fair" not in text_of(client.get(reverse("admin:customers_export_changelist")))
    assert not ExportDownload.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR])
def test_who_watches_sees_every_record_and_no_file(client, steward, role):
    export = exported(steward)
    client.force_login(staff("watcher", role))
    assert "trade fair" in text_of(client.get(reverse("admin:customers_export_changelist")))
    text = text_of(client.get(page_of(export)))
    assert "Only who asked for it can fetch the file." in text
    assert client.post(file_of(export)).status_code == 403


def test_a_file_is_fetched_by_post_alone(client, steward):
    export = exported(steward)
    assert client.get(file_of(export)).status_code == 405


def test_fetching_needs_a_token(steward):
    from django.test import Client

    export = exported(steward)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(steward)
    assert browser.post(file_of(export)).status_code == 403
    assert not ExportDownload.objects.exists()


def test_not_signed_in_there_is_nothing(client, steward):
    export = exported(steward)
    client.logout()
    for response in (client.post(file_of(export)), client.get(page_of(export))):
        assert response.status_code == 302
        assert "login" in response.url


def test_an_export_that_is_over_is_said_so(client, steward):
    export = exported(steward)
    Export.objects.update(state="expired", sealed_name="")
    assert "The file was deleted" in text_of(client.get(page_of(export)))
    again = client.post(file_of(export), follow=True)
    assert "This file is not there any more" in text_of(again)


def test_markup_in_a_reason_is_text(client, steward):
    export = exported(steward, reason="<script>alert(1)</script> list")
    assert b"<script>alert(1)" not in client.get(page_of(export)).content
    listed = client.get(reverse("admin:customers_export_changelist"))
    assert b"<script>alert(1)" not in listed.content


def test_a_card_number_is_no_reason(client, steward):
    person()
    form = form_of(client.get(reverse(ADD))) | {"reason": "card 4111 1111 1111 1111"}
    assert client.post(reverse(ADD), form).status_code == 200
    assert not Export.objects.exists()


def test_the_record_can_be_neither_changed_nor_deleted(client, steward):
    export = exported(steward)
    client.force_login(staff("boss", Role.ADMINISTRATOR))
    client.post(page_of(export), {"reason": "other"})
    assert client.post(
        reverse("admin:customers_export_delete", args=[export.pk]), {"post": "yes"}
    ).status_code == 403  # fmt: skip
    assert Export.objects.get().reason == "list for the trade fair"


def test_nonsense_as_a_key_is_not_found(client, steward):
    for key in ("x", "00000000-0000-0000-0000-000000000000"):
        url = reverse("admin:customers_export_change", args=[key])
        assert client.get(url).status_code == 404


def test_pages_ask_the_same_number_of_questions_for_few_and_many(
    client, steward, django_assert_max_num_queries
):
    for number in range(30):
        person(given_name=f"P{number}")
    export = exported(steward)
    for _number in range(12):
        ExportDownload.objects.create(export=export, who=steward)
    client.get(page_of(export))
    with django_assert_max_num_queries(14):
        client.get(page_of(export))
    with django_assert_max_num_queries(18):
        client.get(reverse(ADD))
    for _more in range(5):
        exported(steward)
    with django_assert_max_num_queries(16):
        client.get(reverse("admin:customers_export_changelist"))
    assert Customer.objects.count() == 30
