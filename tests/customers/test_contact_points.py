"""Further e-mails, phones, messengers and addresses of a customer: everything else one reaches
them by, and which of it is the main one."""

import re
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from customers import contacts
from customers.contact_values import contact_value
from customers.errors import NotPossible
from customers.models import Address, ContactPoint, Customer
from customers.services import bin_customers, restore_customers
from staff.models import Team
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.test_customer_form import typed as details

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(client):
    """A sales rep, signed in."""
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


def add(customer, kind="email", value="wei@quantum.example.com", **values):
    point = ContactPoint(customer=customer, kind=kind, value=value, **values)
    with somebody_acts():
        point.save()
    return point


def live(customer, **values):
    address = Address(customer=customer, **values)
    with somebody_acts():
        address.save()
    return address


def page(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def adding(customer, model="contactpoint"):
    return reverse(f"admin:customers_customer_{model}_add", args=[customer.pk])


def form_of(row, model="contactpoint"):
    return reverse(f"admin:customers_customer_{model}_change", args=[row.customer_id, row.pk])


def verb(row, what, model="contactpoint"):
    return reverse(f"admin:customers_customer_{model}_verb", args=[row.customer_id, row.pk, what])


def seen(row):
    return {"seen": type(row).objects.get(pk=row.pk).updated_at.isoformat()}


def typed(response):
    """What a browser would send back of a small form that nobody touched."""
    data = {}
    for bound in response.context["form"]:
        value = bound.value()
        if value not in (None, False):
            data[bound.html_name] = "on" if value is True else str(value)
    for name in ("_seen_version", "_told_version"):
        if found := re.search(rf'name="{name}" value="([^"]*)"', response.text):
            data[name] = found[1]
    return data


def told(response):
    return " ".join(str(message) for message in response.context["messages"])


# Adding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entered, stored",
    [
        ({"kind": "email", "value": " Wei@Quantum.EXAMPLE.com "}, "wei@quantum.example.com"),
        ({"kind": "phone", "value": "0571 8888 1234"}, "+8657188881234"),
        ({"kind": "phone", "value": "+49 30 901820"}, "+4930901820"),
        ({"kind": "messenger", "messenger": "wechat", "value": "微信: weizhang88"}, "weizhang88"),
        ({"kind": "messenger", "messenger": "telegram", "value": "@wei_z"}, "wei_z"),
        ({"kind": "messenger", "messenger": "telegram", "value": "https://t.me/wei_z"}, "wei_z"),
        (
            {"kind": "messenger", "messenger": "whatsapp", "value": "138 1234 5670"},
            "+8613812345670",
        ),
        (
            {"kind": "messenger", "messenger": "whatsapp", "value": "https://wa.me/4930901820"},
            "+4930901820",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_typed_is_stored_in_its_one_form(client, zhang, li, entered, stored):
    response = client.post(adding(zhang), {"use": "work"} | entered)
    assert response.status_code == 302
    assert response["Location"] == f"{page(zhang)}#contact-points"
    point = ContactPoint.objects.get()
    assert (point.kind, point.value, point.use) == (entered["kind"], stored, "work")
    assert point.history.get().history_actor_id == li.pk


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"kind": "email", "value": "li@"}, "not an e-mail address"),
        ({"kind": "phone", "value": "123"}, "not a valid phone number"),
        ({"kind": "messenger", "value": "weizhang88"}, "Choose which messenger"),
        ({"kind": "messenger", "messenger": "wechat", "value": "@"}, "required"),
        ({"kind": "pigeon", "value": "coo"}, "Select a valid choice"),
        ({"kind": "email", "value": ""}, "required"),
        ({"kind": "phone", "value": ""}, "required"),
        ({"kind": "email", "value": "zhang.wei@example.com"}, "exactly this already"),
        ({"kind": "phone", "value": "138-1234-5678"}, "exactly this already"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_words(client, zhang, wrong, words):
    response = client.post(adding(zhang), wrong)
    assert response.status_code == 200
    assert words in response.text
    assert not ContactPoint.objects.exists()


def test_the_same_twice_is_refused_and_a_second_click_adds_nothing(client, zhang):
    once = {"kind": "email", "value": "wei@quantum.example.com"}
    assert client.post(adding(zhang), once).status_code == 302
    again = client.post(adding(zhang), once | {"value": "WEI@quantum.example.com"})
    assert "exactly this already" in again.text
    assert ContactPoint.objects.count() == 1


@pytest.mark.parametrize("further", [True, False])
def test_whom_else_it_belongs_to_is_told_once(client, zhang, further):
    other = person(family_name="<b>Wang</b>", email=None if further else "both@example.com")
    if further:
        add(other, value="both@example.com")
    shared = {"kind": "email", "value": "both@example.com"}
    warned = client.post(adding(zhang), shared)
    assert other.number in warned.text
    assert "<b>Wang</b>" not in warned.text
    assert not zhang.contact_points.exists()
    assert client.post(adding(zhang), typed(warned)).status_code == 302
    assert zhang.contact_points.get().value == "both@example.com"


def test_of_each_kind_one_alone_is_preferred(client, zhang):
    first = add(zhang, primary=True)
    phone = add(zhang, kind="phone", value="+4930901820", primary=True)
    second = {"kind": "email", "value": "second@example.com", "primary": "on"}
    assert client.post(adding(zhang), second).status_code == 302
    preferred = set(ContactPoint.objects.filter(primary=True).values_list("kind", flat=True))
    assert preferred == {"email", "phone"}
    assert not ContactPoint.objects.get(pk=first.pk).primary
    assert ContactPoint.objects.get(pk=phone.pk).primary
    client.post(verb(first, "prefer"), seen(first))
    assert ContactPoint.objects.get(kind="email", primary=True).pk == first.pk


# Changing ----------------------------------------------------------------------------------------


def test_a_changed_value_has_to_be_verified_anew(client, zhang):
    point = add(zhang)
    client.post(verb(point, "verify"), seen(point))
    assert ContactPoint.objects.get().verified_at
    data = typed(client.get(form_of(point)))
    client.post(form_of(point), data | {"use": "home"})
    assert ContactPoint.objects.get().verified_at
    data = typed(client.get(form_of(point)))
    assert (
        client.post(form_of(point), data | {"value": "new@quantum.example.com"}).status_code == 302
    )
    stored = ContactPoint.objects.get()
    assert (stored.value, stored.use, stored.verified_at) == (
        "new@quantum.example.com",
        "home",
        None,
    )


def test_saving_an_untouched_form_changes_nothing(client, zhang):
    point = add(zhang, kind="phone", value="+4930901820", use="work", primary=True)
    client.post(form_of(point), typed(client.get(form_of(point))))
    assert point.history.count() == 1


def test_two_people_at_one_contact_point_lose_nothing(client, zhang):
    point = add(zhang)
    mine = typed(client.get(form_of(point)))
    theirs = ContactPoint.objects.get()
    theirs.value = "theirs@quantum.example.com"
    with somebody_acts(staff("wang", Role.SALES)):
        theirs.save()
    response = client.post(form_of(point), mine | {"use": "home"}, follow=True)
    stored = ContactPoint.objects.get()
    assert (stored.value, stored.use) == ("theirs@quantum.example.com", "home")
    assert "wang" in told(response)


def test_the_second_of_two_sees_what_the_first_changed(client, zhang):
    point = add(zhang)
    mine = typed(client.get(form_of(point)))
    theirs = ContactPoint.objects.get()
    theirs.value = "theirs@quantum.example.com"
    with somebody_acts(staff("wang", Role.SALES)):
        theirs.save()
    response = client.post(form_of(point), mine | {"value": "mine@quantum.example.com"})
    assert response.status_code == 200
    assert "wang" in response.text
    assert "mine@quantum.example.com" in response.text
    assert ContactPoint.objects.get().value == "theirs@quantum.example.com"
    assert client.post(form_of(point), typed(response)).status_code == 302
    assert ContactPoint.objects.get().value == "mine@quantum.example.com"


def test_what_is_typed_into_a_row_that_was_removed_meanwhile_is_not_lost(client, zhang):
    point = add(zhang)
    mine = typed(client.get(form_of(point)))
    with somebody_acts():
        ContactPoint.objects.get().delete()
    response = client.post(form_of(point), mine | {"value": "mine@quantum.example.com"})
    assert "removed this meanwhile" in response.text
    assert response.context["action"] == adding(zhang)
    assert client.post(adding(zhang), typed(response)).status_code == 302
    assert ContactPoint.objects.get().value == "mine@quantum.example.com"


@pytest.mark.parametrize("what", ["verify", "prefer", "main", "remove"])
def test_one_click_is_refused_for_what_is_not_there_any_more(client, zhang, what):
    point = add(zhang)
    before = seen(point)
    theirs = ContactPoint.objects.get()
    theirs.value = "theirs@quantum.example.com"
    with somebody_acts(staff("wang", Role.SALES)):
        theirs.save()
    response = client.post(verb(point, what), before, follow=True)
    assert "wang changed this" in told(response)
    stored = ContactPoint.objects.get()
    assert (stored.value, stored.verified_at, stored.primary) == (
        "theirs@quantum.example.com", None, False,
    )  # fmt: skip


def test_a_removed_contact_point_leaves_its_history_and_a_second_click_does_no_harm(client, zhang):
    point = add(zhang)
    before = seen(point)
    client.post(verb(point, "remove"), before)
    assert not ContactPoint.objects.exists()
    types = ContactPoint.history.filter(id=point.pk).values_list("history_type", flat=True)
    assert set(types) == {"+", "-"}
    assert "removed this meanwhile" in told(client.post(verb(point, "remove"), before, follow=True))


# The main one ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, field, value",
    [("email", "email", "wei@quantum.example.com"), ("phone", "phone", "+8657188881234")],
)
def test_a_further_one_and_the_main_one_change_places(client, zhang, li, kind, field, value):
    point = add(zhang, kind=kind, value=value, use="work", primary=True)
    client.post(verb(point, "main"), seen(point))
    customer, further = Customer.objects.get(), ContactPoint.objects.get()
    assert getattr(customer, field) == value
    assert (further.pk, further.value) == (point.pk, ZHANG_WEI[field])
    assert (further.use, further.verified_at, further.primary) == ("", None, False)
    assert Customer.objects.get(**{field: value}) == customer
    newest = [row.history.latest() for row in (customer, further)]
    assert {row.history_actor_id for row in newest} == {li.pk}
    assert len({row.history_request_id for row in newest}) == 1


def test_a_form_that_was_open_meanwhile_does_not_undo_the_exchange(client, zhang):
    open_form = details(client.get(page(zhang)))
    point = add(zhang)
    client.post(verb(point, "main"), seen(point))
    assert client.post(page(zhang), open_form | {"city": "Bern"}).status_code == 302
    stored = Customer.objects.get()
    assert (stored.city, stored.email) == ("Bern", "wei@quantum.example.com")


def test_without_a_main_one_the_further_one_moves_there(client, li):
    customer = person(family_name="Li", owner=li)
    point = add(customer)
    client.post(verb(point, "main"), seen(point))
    assert Customer.objects.get().email == "wei@quantum.example.com"
    assert not ContactPoint.objects.exists()


def test_a_messenger_is_no_main_one(client, zhang):
    point = add(zhang, kind="messenger", messenger="wechat", value="weizhang88")
    assert "Only an e-mail" in told(client.post(verb(point, "main"), follow=True))


def test_an_exchange_that_fails_half_way_leaves_both_as_they_were(zhang, li, monkeypatch):
    point = add(zhang)

    def killed(self, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(ContactPoint, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        contacts.make_main(actor=li, point=point)
    assert Customer.objects.get().email == ZHANG_WEI["email"]
    assert ContactPoint.objects.get().value == "wei@quantum.example.com"


@pytest.mark.parametrize("table", ["customers_customer", "customers_contactpoint"])
def test_what_cannot_be_opened_is_moved_nowhere(client, zhang, table):
    point = add(zhang)
    column = "email" if table == "customers_customer" else "value"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = 'cut off'")
    text = client.get(page(zhang)).text
    assert "cannot be opened" in text
    assert "cannot be opened" in told(client.post(verb(point, "main"), seen(point), follow=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        assert cursor.fetchone() == ("cut off",)


def test_the_customer_is_confirmed_with_one_click(client, zhang):
    url = reverse("admin:customers_customer_confirm", args=[zhang.pk])
    client.post(url, seen(zhang))
    assert Customer.objects.get().last_confirmed_at
    assert client.get(url).status_code == 405


def at_once(member, address, data, times=3):
    """The statuses of as many answers to as many clicks in the same moment."""
    if connection.vendor == "sqlite":
        pytest.skip("of the tests' SQLite in memory nobody waits for a lock: see test-postgresql")
    answers = []

    def click():
        browser = Client()
        browser.force_login(member)
        answers.append(browser.post(address, data).status_code)
        connection.close()

    clicks = [Thread(target=click) for _n in range(times)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_clicks_in_the_same_moment_exchange_once(client, li, zhang):
    point = add(zhang)
    assert at_once(li, verb(point, "main"), seen(point)) == [302, 302, 302]
    assert Customer.objects.get().email == "wei@quantum.example.com"
    assert ContactPoint.objects.get().value == ZHANG_WEI["email"]
    assert Customer.objects.get().history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_clicks_in_the_same_moment_add_one_row(client, li, zhang):
    entered = {"kind": "email", "value": "wei@quantum.example.com", "primary": "on"}
    assert sorted(at_once(li, adding(zhang), entered)) == [200, 200, 302]
    assert ContactPoint.objects.get().primary


# Addresses ---------------------------------------------------------------------------------------


def test_an_address_is_added_tidied_and_once(client, zhang):
    place = {"use": "delivery", "street": "  Gate B\u200b", "city": "Yuhang", "country": "CN"}
    response = client.post(adding(zhang, "address"), place)
    assert response["Location"] == f"{page(zhang)}#addresses"
    assert Address.objects.get().street == "Gate B"
    again = client.post(adding(zhang, "address"), place | {"city": "YUHANG"})
    assert "exactly this address already" in again.text
    nothing = client.post(adding(zhang, "address"), {"use": "delivery"})
    assert "at least the city" in nothing.text


def test_an_address_and_the_main_one_change_places(client, li):
    customer = person(street="West Lake Road 7", city="Hangzhou", country="CN", owner=li)
    address = live(customer, use="work", street="Gate B", city="Yuhang", postal_code="311100")
    client.post(verb(address, "main", "address"), seen(address))
    stored, other = Customer.objects.get(), Address.objects.get()
    assert (stored.street, stored.city, stored.postal_code) == ("Gate B", "Yuhang", "311100")
    assert (other.street, other.city, other.country) == ("West Lake Road 7", "Hangzhou", "CN")
    client.post(verb(address, "verify", "address"), seen(address))
    assert Address.objects.get().verified_at
    client.post(verb(address, "remove", "address"), seen(address))
    assert not Address.objects.exists()


# Who may -----------------------------------------------------------------------------------------


@pytest.fixture
def strangers(client):
    """A customer of one team with everything, and a sales rep of another, signed in."""
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    customer = person(**ZHANG_WEI, owner=staff("wang", Role.SALES, team=south), street="Hidden 1")
    add(customer)
    add(customer, kind="phone", value="+4930901820")
    add(customer, kind="messenger", messenger="wechat", value="weizhang88")
    live(customer, street="Secret Street 1", city="Yuhang")
    client.force_login(staff("li", Role.SALES, team=north))
    return customer


SECRETS = ("wei@quantum.example.com", "4930901820", "weizhang88", "Secret Street 1", "13812345678")


def test_of_another_teams_customer_everything_is_masked(client, strangers):
    text = client.get(page(strangers)).text
    for secret in (*SECRETS, "Hidden 1", "zhang.wei@example.com", "tel:", "mailto:", "data-copy="):
        assert secret not in text
    assert "w***@quantum.example.com" in text
    assert "Verified today" not in text, "nobody verifies what they cannot read"
    point = strangers.contact_points.get(kind="email")
    form = client.get(form_of(point))
    assert "wei@quantum.example.com" not in form.text.replace("w***@quantum.example.com", "")
    client.post(form_of(point), typed(form) | {"use": "home"})
    stored = ContactPoint.objects.get(pk=point.pk)
    assert (stored.value, stored.use) == ("wei@quantum.example.com", "home")
    assert client.post(verb(point, "verify"), seen(point)).status_code == 403
    confirm = reverse("admin:customers_customer_confirm", args=[strangers.pk])
    assert client.post(confirm, seen(strangers)).status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.READ_ONLY, Role.MARKETING])
def test_who_only_reads_gets_masks_and_no_forms(client, strangers, role):
    client.force_login(staff("reader", role))
    text = client.get(page(strangers)).text
    for secret in SECRETS:
        assert secret not in text
    assert "Verified today" not in text
    assert "Add a contact point" not in text
    assert 'id="customer_form"' not in text
    point, address = strangers.contact_points.first(), strangers.addresses.get()
    for url in (
        adding(strangers), adding(strangers, "address"), form_of(point),
        form_of(address, "address"), verb(point, "verify"), verb(point, "remove"),
        verb(point, "main"), verb(address, "remove", "address"),
        reverse("admin:customers_customer_confirm", args=[strangers.pk]),
    ):  # fmt: skip
        assert client.post(url, {"kind": "email", "value": "x@example.com"}).status_code == 403
    assert ContactPoint.objects.count() == 3


def test_nobody_reaches_a_row_through_another_customer(client, zhang):
    point = add(person(family_name="Wang"))
    through = [zhang.pk, point.pk]
    assert (
        client.get(reverse("admin:customers_customer_contactpoint_change", args=through))
    ).status_code == 404
    client.post(reverse("admin:customers_customer_contactpoint_verb", args=[*through, "remove"]))
    assert ContactPoint.objects.count() == 1


def test_a_verb_nobody_knows_is_none_and_reading_changes_nothing(client, zhang):
    point = add(zhang)
    assert client.post(verb(point, "burn")).status_code == 404
    assert client.get(verb(point, "remove")).status_code == 405
    address = live(zhang, city="Bern")
    assert client.post(verb(address, "prefer", "address")).status_code == 404


def test_in_the_bin_nothing_is_changed_and_everything_comes_back(client, zhang, li):
    point = add(zhang)
    with somebody_acts():
        bin_customers(actor=li, customers=Customer.objects.all(), reason="asked")
    response = client.post(verb(point, "remove"), follow=True)
    assert "in the bin" in told(response)
    assert "Verified today" not in response.text
    assert client.get(adding(zhang)).status_code == 403
    with pytest.raises(NotPossible), somebody_acts():
        contacts.prefer(actor=li, point=point)
    with somebody_acts():
        restore_customers(actor=li, customers=Customer.with_bin.all())
    assert ContactPoint.objects.get().value == "wei@quantum.example.com"


def test_no_value_stands_in_an_address_a_message_or_a_session(client, zhang):
    entered = {"kind": "email", "value": "canary@example.com"}
    response = client.post(adding(zhang), entered, follow=True)
    chain = " ".join(url for url, _status in response.redirect_chain)
    assert "canary" not in chain + told(response) + str(dict(client.session))


@pytest.mark.parametrize("kind", ["email", "phone", "messenger"])
def test_normal_forms_are_stable(kind):
    for value in ("a@b.example", "+8613812345678", "@x", "https://t.me/x", "", "微信：wei"):
        once = contact_value(kind, value, messenger="telegram", country="CN")
        assert contact_value(kind, once, messenger="telegram", country="CN") == once
