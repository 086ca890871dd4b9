"""What a hostile or a hurried member of staff puts into the forms of customers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Source, SourceRecord
from staff.models import Team
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.test_customer_form import page, typed

pytestmark = pytest.mark.django_db

HIDDEN = {
    **ZHANG_WEI,
    "street": "Secret Street 1",
    "notes": "prefers to be called at night",
    "national_id_type": "passport",
    "national_id": "AB12345678",
    "birth_date": "1990-01-02",
}
SHOWN = {
    "email": "z***@example.com",
    "phone": "+86****5678",
    "street": "••••",
    "notes": " •••• ",
    "national_id": "••••5678",
    "birth_date": "1990",
}


@pytest.fixture
def wang():
    return staff("wang", Role.SALES, team=Team.objects.create(name="South"))


@pytest.fixture
def li(client):
    """A sales rep of another team, signed in."""
    member = staff("li", Role.SALES, team=Team.objects.create(name="North"))
    client.force_login(member)
    return member


def save(client, customer, **changes):
    return client.post(page(customer), typed(client.get(page(customer))) | changes)


@pytest.mark.parametrize("field", SHOWN)
def test_the_mask_itself_typed_into_its_box_leaves_the_value(client, li, wang, field):
    customer = person(**HIDDEN, owner=wang)
    assert save(client, customer, **{field: SHOWN[field]}).status_code == 302
    stored = Customer.objects.get()
    assert str(getattr(stored, field)) == HIDDEN[field]
    assert stored.history.count() == 1


@pytest.mark.parametrize(
    "field, mask",
    [
        ("email", "b***@example.com"),
        ("phone", "+86****9999"),
        ("street", "•••"),
        ("notes", "••••"),
        ("national_id", "••••9999"),
    ],
)
def test_a_mask_copied_from_another_customer_is_no_value(client, li, field, mask):
    customer = person(family_name="Li", owner=li, national_id_type="passport")
    refused = save(client, customer, **{field: mask})
    assert refused.status_code == 200
    assert field in refused.context["adminform"].form.errors
    assert getattr(Customer.objects.get(), field) is None


def test_nobody_takes_over_a_customer_to_read_them(client, li, wang):
    customer = person(**HIDDEN, owner=wang)
    assert save(client, customer, owner=str(li.pk), city="Bonn").status_code == 302
    stored = Customer.objects.get()
    assert (stored.owner, stored.city) == (wang, "Bonn")
    assert "zhang.wei@example.com" not in client.get(page(customer)).text
    assert save(client, customer, owner="").status_code == 302
    assert Customer.objects.get().owner == wang


def test_whoever_works_with_a_customer_hands_them_over(client, li, wang):
    customer = person(**ZHANG_WEI, owner=li)
    assert save(client, customer, owner=str(wang.pk)).status_code == 302
    assert Customer.objects.get().owner == wang


def test_a_form_that_was_refused_brings_nobody_nearer(client, li, wang):
    customer = person(**HIDDEN, owner=wang)
    now = timezone.now()
    with somebody_acts(wang):
        SourceRecord.objects.create(
            source=Source.objects.create(name="shop"),
            customer=customer,
            external_id="zhang.ext@example.com",
            identity=b"x" * 32,
            first_seen=now,
            last_seen=now,
        )
    refused = save(client, customer, owner=str(li.pk), country="nowhere")
    assert refused.status_code == 200
    for value in ("zhang.ext@", "zhang.wei@", "13812345678", "Secret Street", "at night"):
        assert value not in refused.text
    changed = Customer.objects.get()
    changed.owner = li
    assert changed.owned_by(li) == customer.owned_by(li)


def test_a_card_number_is_no_reason_for_the_bin(client, li):
    customer = person(**ZHANG_WEI)
    where = reverse("admin:customers_customer_delete", args=[customer.pk])
    answer = client.post(where, {"confirmed": "yes", "reason": "paid by 4111 1111 1111 1111"})
    assert "card number" in answer.text
    assert not Customer.objects.get().in_bin


OVERRIDE = "\u202eknab"  # reads "bank"


@pytest.mark.parametrize("name", [OVERRIDE, "a\u0007b"])
def test_a_source_is_read_as_it_was_written(client, name):
    client.force_login(staff("steward", Role.DATA_STEWARD))
    refused = client.post(reverse("admin:customers_source_add"), {"name": name})
    assert "invisible control characters" in refused.text
    file = SimpleUploadedFile("a.csv", b"first_name,email\nKlaus,k@example.org\n")
    upload = {"source": name, "file": file}
    refused = client.post(reverse("admin:customers_importbatch_add"), upload)
    assert "invisible control characters" in refused.text
    assert not Source.objects.exists()


def test_a_card_number_is_no_description_of_a_source(client):
    client.force_login(staff("steward", Role.DATA_STEWARD))
    typed_in = {"name": "shop", "description": "paid with 4111 1111 1111 1111"}
    assert "card number" in client.post(reverse("admin:customers_source_add"), typed_in).text
    assert not Source.objects.exists()


def test_a_document_is_no_note(client, li):
    customer = person(**ZHANG_WEI, owner=li, notes="x" * 50_001)
    refused = save(client, customer, notes="9 " * 200_000)
    assert "at most 50000 characters" in refused.text
    assert save(client, customer, city="Bonn").status_code == 302
    stored = Customer.objects.get()
    assert (stored.city, len(stored.notes)) == ("Bonn", 50_001)
