"""The page of a source: its drop place, what arrived, and looking now."""

from datetime import timedelta

import pytest
from django.urls import reverse

from customers.drops import looking
from customers.drops.addresses import storages_from
from customers.models import Customer, DroppedFile, Source
from jobs.models import Job
from jobs.services import run_job
from staff.roles import Role
from tests.customers.importing import KLAUS, write_csv
from tests.customers.people import staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path, settings):
    stock = {name: value for name, value in settings.STORAGES.items() if name[:5] != "drop-"}
    settings.STORAGES = stock | storages_from(f"shop={tmp_path.as_uri()}", default={})
    return tmp_path


@pytest.fixture
def source(folder):
    return Source.objects.create(name="web shop", drop="shop")


def signed_in(client, role):
    client.force_login(staff(role.value, role))
    return client


@pytest.fixture
def steward(client):
    return signed_in(client, Role.DATA_STEWARD)


def page(source):
    return reverse("admin:customers_source_change", args=[source.pk])


def look_url(source):
    return reverse("admin:customers_source_look", args=[source.pk])


def values(**changes):
    empty = {"name": "web shop", "description": "", "drop": "", "drop_folder": ""}
    return empty | {"drop_pattern": ""} | changes


def test_a_steward_chooses_among_the_places_an_operator_set_up(steward, folder):
    source = Source.objects.create(name="web shop")
    assert 'value="shop"' in steward.get(page(source)).text
    steward.post(page(source), values(drop="shop", drop_folder="/in//orders/"))
    source.refresh_from_db()
    assert (source.drop, source.drop_folder) == ("shop", "in/orders")


@pytest.mark.parametrize(
    "changes",
    [
        {"drop": "file:///etc"},
        {"drop": "shop", "drop_folder": "../../etc"},
        {"drop": "shop", "drop_folder": "in/../../etc"},
        {"drop": "default"},
    ],
)
def test_nobody_with_a_browser_leads_the_server_elsewhere(steward, folder, changes):
    source = Source.objects.create(name="web shop")
    answer = steward.post(page(source), values(**changes))
    assert answer.status_code == 200
    source.refresh_from_db()
    assert source.drop == ""


def test_the_page_tells_what_arrived_and_why_not(steward, source, folder):
    write_csv(folder / "<b>a.csv", KLAUS)
    (folder / "b.csv").symlink_to(folder / "<b>a.csv")
    looking.look_into(source)
    text = steward.get(page(source)).text
    assert "&lt;b&gt;a.csv" in text
    assert "still arriving" in text
    assert "link to somewhere else" in text


def test_looking_now_brings_in_what_is_there(steward, source, folder, monkeypatch):
    monkeypatch.setattr(looking, "QUIET", timedelta(0))
    monkeypatch.setattr(looking.look_into, "__kwdefaults__", {"quiet": timedelta(0)})
    write_csv(folder / "a.csv", KLAUS)
    answer = steward.post(look_url(source))
    job = Job.objects.get()
    assert answer.url == reverse("admin:jobs_job_change", args=[job.pk])
    assert steward.post(look_url(source)).url == page(source)  # the second click
    assert run_job(job_id=job.pk).result["imported"] == 1
    assert Customer.objects.count() == 1
    assert "imported" in steward.get(page(source)).text


@pytest.mark.parametrize("role", [Role.SALES, Role.AUDITOR, Role.READ_ONLY, Role.MARKETING])
def test_who_may_not_import_cannot_have_it_looked_into(client, source, role):
    staff = signed_in(client, role)
    assert staff.post(look_url(source)).status_code == 403
    assert "Look now" not in staff.get(page(source)).text
    assert not Job.objects.exists()


def test_looking_needs_a_post(steward, source):
    assert steward.get(look_url(source)).status_code == 405


def test_sales_see_no_names_of_files(client, source, folder):
    write_csv(folder / "secret-deal.csv", KLAUS)
    looking.look_into(source)
    assert "secret-deal" not in signed_in(client, Role.SALES).get(page(source)).text


def test_the_page_costs_the_same_with_many_files(
    steward, source, folder, django_assert_max_num_queries
):
    DroppedFile.objects.bulk_create(
        DroppedFile(source=source, name=f"{n}.csv", size=n, modified_at=source.created_at)
        for n in range(200)
    )
    with django_assert_max_num_queries(14):
        text = steward.get(page(source)).text
    assert text.count("still arriving") == 50
