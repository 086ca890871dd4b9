"""The bin: nobody is lost, and everybody knows who threw them away and why."""

import pytest
from django.urls import reverse

from customers.models import Customer
from customers.services import bin_customers, restore_customers
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")


def signed_in(client, role: Role):
    member = staff(role.value, role)
    client.force_login(member)
    return member


def url(name: str, customer: Customer) -> str:
    return reverse(f"admin:customers_customer_{name}", args=[customer.pk])


def test_who_goes_to_the_bin_comes_back_whole():
    steward = staff("steward", Role.DATA_STEWARD)
    customer = person(**ZHANG_WEI, tags="vip", notes="Calls on Fridays", national_id="X1234567")
    before = whole(customer)
    assert bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice") == 1
    assert not Customer.objects.exists()
    assert restore_customers(actor=steward, customers=Customer.with_bin.all()) == 1
    assert whole(Customer.objects.get()) == before


def whole(customer: Customer) -> dict:
    values = {
        field.name: getattr(customer, field.attname)
        for field in customer._meta.concrete_fields
        if field.name not in {"updated_at", "binned_at"} and not field.name.endswith("_index")
    }
    return values | {
        "names": sorted(bytes(part.part) for part in customer.name_parts.all()),
        "tags": sorted(tag.word for tag in customer.tag_words.all()),
    }


def test_the_bin_remembers_who_and_why():
    sales = staff("li", Role.SALES)
    customer = person(**ZHANG_WEI)
    bin_customers(actor=sales, customers=Customer.objects.all(), reason="There twice")
    step = customer.history.order_by("-history_id").first()
    assert step.history_actor_id == sales.pk
    assert step.history_change_reason == "There twice"


def test_throwing_away_twice_is_once():
    steward = staff("steward", Role.DATA_STEWARD)
    customer = person()
    everybody = Customer.with_bin.all()
    assert bin_customers(actor=steward, customers=everybody, reason="twice") == 1
    assert bin_customers(actor=steward, customers=everybody, reason="again") == 0
    assert customer.history.count() == 2


def test_somebody_moves_a_customer_to_the_bin_and_says_why(client):
    signed_in(client, Role.SALES)
    customer = person(**ZHANG_WEI)
    assert url("delete", customer) in client.get(url("change", customer)).text
    assert "张伟" in client.get(url("delete", customer)).text
    refused = client.post(url("delete", customer), {"confirmed": "yes", "reason": " "})
    assert "Write why" in refused.text
    response = client.post(url("delete", customer), {"confirmed": "yes", "reason": "there twice"})
    assert response["Location"] == LIST
    assert Customer.with_bin.get().in_bin
    assert "张伟" not in client.get(LIST).text
    text = client.get(LIST, {"bin": "yes"}).text
    assert "there twice" in text
    assert "sales" in text


def test_several_go_at_once_with_one_reason(client):
    signed_in(client, Role.DATA_STEWARD)
    customers = [person(), person(), person()]
    ticked = {"action": "move_to_bin", "_selected_action": [str(c.pk) for c in customers[:2]]}
    asked = client.post(LIST, {**ticked, "index": "0"})
    assert "These 2 customers" in asked.text
    client.post(LIST, {**ticked, "confirmed": "yes", "reason": "twice"})
    assert [c.pk for c in Customer.objects.all()] == [customers[2].pk]


def test_all_is_never_meant_in_a_list_without_end(client):
    signed_in(client, Role.DATA_STEWARD)
    first, second = person(), person()
    everything = {"action": "move_to_bin", "_selected_action": str(first.pk), "select_across": "1"}
    client.post(LIST, {**everything, "confirmed": "yes", "reason": "all"})
    assert [c.pk for c in Customer.objects.all()] == [second.pk]


def test_a_steward_brings_somebody_back(client):
    steward = signed_in(client, Role.DATA_STEWARD)
    customer = person(**ZHANG_WEI)
    bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice")
    text = client.get(url("change", customer)).text
    assert "In the bin since" in text
    assert "Bring back" in text
    client.post(url("restore", customer))
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_a_steward_brings_back_several(client):
    steward = signed_in(client, Role.DATA_STEWARD)
    customers = [person(), person()]
    bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice")
    ticked = [str(customer.pk) for customer in customers]
    client.post(f"{LIST}?bin=yes", {"action": "bring_back", "_selected_action": ticked})
    assert Customer.objects.count() == 2


def test_bringing_back_needs_its_own_permission(client):
    sales = signed_in(client, Role.SALES)
    customer = person(**ZHANG_WEI)
    bin_customers(actor=sales, customers=Customer.objects.all(), reason="twice")
    assert "Bring back" not in client.get(url("change", customer)).text
    assert client.post(url("restore", customer)).status_code == 403
    ticked = {"action": "bring_back", "_selected_action": str(customer.pk)}
    client.post(f"{LIST}?bin=yes", ticked)
    assert Customer.with_bin.get().in_bin


def test_a_link_brings_nobody_back(client):
    steward = signed_in(client, Role.DATA_STEWARD)
    customer = person()
    bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice")
    assert client.get(url("restore", customer)).status_code == 405
    assert Customer.with_bin.get().in_bin


@pytest.mark.parametrize("role", [Role.SERVICE, Role.MARKETING, Role.AUDITOR, Role.READ_ONLY])
def test_who_may_not_throw_away_does_not_see_the_bin(client, role):
    customer = person(**ZHANG_WEI)
    bin_customers(
        actor=staff("steward", Role.DATA_STEWARD), customers=Customer.objects.all(), reason="twice"
    )
    signed_in(client, role)
    assert client.post(url("delete", customer), {"confirmed": "yes"}).status_code == 403
    person(family_name="Wang")
    there = client.get(LIST, {"bin": "yes"}, follow=True)
    assert there.status_code == 200
    assert "张伟" not in there.text


def test_nobody_changes_a_customer_who_is_in_the_bin(client):
    steward = signed_in(client, Role.DATA_STEWARD)
    customer = person(**ZHANG_WEI)
    bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice")
    assert "_save" not in client.get(url("change", customer)).text
    refused = client.post(url("change", customer), {"kind": "person", "city": "Bern"})
    assert refused.status_code == 200
    assert "twice" in refused.text
    assert "Bern" in refused.text
    assert Customer.with_bin.get().city == customer.city
    assert Customer.with_bin.get().history.count() == 2


def test_who_works_for_an_organisation_in_the_bin_still_has_a_page(client):
    steward = signed_in(client, Role.DATA_STEWARD)
    company = organisation("Quantum Optics AG")
    employee = person(employer=company)
    bin_customers(
        actor=steward, customers=Customer.objects.filter(pk=company.pk), reason="insolvent"
    )
    assert "Quantum Optics AG" in client.get(url("change", employee)).text


@pytest.mark.parametrize("junk", ["x", "", "00000000-0000-0000-0000-000000000000"])
def test_junk_among_the_ticked_breaks_nothing(client, junk):
    signed_in(client, Role.DATA_STEWARD)
    person()
    ticked = {"action": "move_to_bin", "_selected_action": junk, "index": "0"}
    assert client.post(LIST, ticked, follow=True).status_code in (200, 302)
    assert Customer.objects.count() == 1
