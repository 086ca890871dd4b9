"""The tabs of a customer's page: what apps above attach to it shows by itself, and nothing the
page holds, however much, makes it slow."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import (
    Address,
    ContactPoint,
    Customer,
    Interaction,
    RecentlySeen,
    Source,
    SourceRecord,
)
from customers.seen import KEPT, PATIENCE_MS, impatient, note_seen
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff
from tests.customers.test_contact_points import page
from tests.customers.upperapp.models import Deal, Unlisted

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(client):
    """A sales rep, signed in, who may see deals."""
    member = staff("li", Role.SALES)
    member.user_permissions.add(Permission.objects.get(codename="view_deal"))
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li, employer=organisation())


def deal(customer, title="Yearly plan", **values):
    with somebody_acts():
        made = Deal(customer=customer, title=title, **values)
        made.save()
    return made


def tabs(response):
    return {tab.slug: tab.count for tab in response.context["customer_page"]["tabs"]}


# What other apps attach --------------------------------------------------------------------------


def test_a_model_of_an_app_above_gets_a_tab_with_its_newest_rows(client, zhang, li):
    deals = [deal(zhang, f"<i>Plan</i> {n:02}", price="1234567890", seller=li) for n in range(25)]
    other = deal(person(), "Of somebody else")
    response = client.get(page(zhang))
    assert tabs(response)["upper-deal"] == 25
    text = response.text
    assert "&lt;i&gt;Plan&lt;/i&gt; 24" in text
    assert "<i>Plan</i>" not in text
    assert "&lt;I&gt;PLAN&lt;/I&gt; 05" in text, "a column that the admin computes"
    assert "Plan&lt;/i&gt; 04" not in text, "the newest twenty alone"
    assert other.title not in text
    assert "1234567890" not in text, "secret in lists, here as there"
    assert "••••7890" in text
    assert reverse("admin:upper_deal_change", args=[deals[-1].pk]) in text
    whole = f"{reverse('admin:upper_deal_changelist')}?customer__id__exact={zhang.pk}"
    assert f'href="{whole}"' in text
    assert client.get(whole).context["cl"].result_count == 25


def test_a_tab_without_rows_says_so(client, zhang):
    response = client.get(page(zhang))
    assert tabs(response)["upper-deal"] == 0
    assert "Nothing here yet" in response.text


def test_who_may_not_see_them_gets_no_tab(client, zhang):
    deal(zhang)
    client.force_login(staff("reader", Role.READ_ONLY))
    response = client.get(page(zhang))
    assert "upper-deal" not in tabs(response)
    assert "Yearly plan" not in response.text


def test_a_model_without_a_page_gets_no_tab(client, zhang):
    with somebody_acts():
        Unlisted(customer=zhang).save()
    assert not [slug for slug in tabs(client.get(page(zhang))) if "unlisted" in slug]


# The tabs ----------------------------------------------------------------------------------------


def test_the_tabs_stand_in_their_order_with_counts(client, zhang):
    with somebody_acts():
        ContactPoint(customer=zhang, kind="email", value="wei@example.org").save()
        Address(customer=zhang, city="Bern").save()
    assert list(tabs(client.get(page(zhang))).items()) == [
        ("timeline", None),
        ("details", None),
        ("contact-points", 3),
        ("addresses", 2),
        ("upper-deal", 0),
        ("sources", None),
        ("quality", 0),
        ("history", None),
    ]


def test_each_tab_has_its_part_of_the_page_and_works_as_a_plain_link(client, zhang):
    text = client.get(page(zhang)).text
    for slug in tabs(client.get(page(zhang))):
        assert f'href="#{slug}"' in text
        assert text.count(f'id="{slug}"') == 1


def test_a_refused_form_opens_the_details_again(client, zhang):
    response = client.post(page(zhang), {"kind": "person", "family_name": "L" * 101})
    assert response.context["customer_page"]["start"] == "details"
    assert "at most 100" in response.text


def test_saving_stays_on_the_page(client, zhang):
    data = {"kind": "person", "family_name": "Zhang", "stage": "lead"}
    response = client.post(page(zhang), data, follow=True)
    assert response.redirect_chain == [(page(zhang), 302)]
    assert Customer.objects.get(pk=zhang.pk).family_name == "Zhang"


def test_the_whole_history_and_where_values_come_from_are_a_link_away(client, zhang):
    text = client.get(page(zhang)).text
    for name in ("history", "origins"):
        url = reverse(f"admin:customers_customer_{name}", args=[zhang.pk])
        assert f'href="{url}"' in text
        assert client.get(url).status_code == 200


# As much as there may ever be ---------------------------------------------------------------------


def fill(customer, li, points, interactions, steps):
    with somebody_acts(li):
        ContactPoint.objects.audited_create(
            [
                ContactPoint(customer=customer, kind="email", value=f"w{n}@example.org")
                for n in range(points)
            ]
        )
        Interaction.objects.audited_create(
            [
                Interaction(customer=customer, staff=li, text=f"Call {n}", kind="call")
                for n in range(interactions)
            ]
        )
        for n in range(steps):
            Customer.objects.filter(pk=customer.pk).audited_set(city=f"City {n}")
        for n in range(min(points, 20)):
            Address(customer=customer, city=f"Place {n}").save()
            deal(customer, f"Deal {n}", seller=li)
        source = Source(name=f"Shop {points}")
        source.save()
    for n in range(min(points, 5)):
        moment = timezone.now()
        SourceRecord.objects.create(
            customer=customer, source=source, external_id=str(n), identity=bytes([n]),
            first_seen=moment, last_seen=moment,
        )  # fmt: skip


def asked(client, customer):
    client.get(page(customer))
    with CaptureQueriesContext(connection) as context:
        assert client.get(page(customer)).status_code == 200
    return len(context)


def test_the_page_asks_as_often_for_much_as_for_little(client, zhang, li):
    fill(zhang, li, points=2, interactions=2, steps=2)
    few = asked(client, zhang)
    fill(zhang, li, points=60, interactions=60, steps=40)
    assert asked(client, zhang) <= few
    assert few <= 36


def test_a_page_with_all_there_may_ever_be_is_quick(client, zhang, li):
    fill(zhang, li, points=200, interactions=1000, steps=300)
    client.get(page(zhang))
    start = time.process_time()
    response = client.get(page(zhang))
    assert time.process_time() - start < 3, "half a second, and no other process counts"
    assert tabs(response)["contact-points"] == 202
    assert response.text.count('class="reach"') == 50 + 21, "and the addresses"
    every = client.get(f"{page(zhang)}?all=yes").text
    assert every.count('class="reach"') == 202 + 21


# Recently seen -----------------------------------------------------------------------------------


def test_whom_one_looked_at_is_remembered_once(client, zhang, li):
    client.get(page(zhang))
    client.get(page(zhang))
    seen = RecentlySeen.objects.get()
    assert (seen.user, seen.customer) == (li, zhang)
    earlier = timezone.now() - timedelta(minutes=6)
    RecentlySeen.objects.update(seen_at=earlier)
    client.get(page(zhang))
    assert RecentlySeen.objects.get().seen_at > earlier


def test_the_last_thirty_are_kept_of_each_person(li):
    wang = staff("wang", Role.SALES)
    people = [person(family_name=f"Li {n}") for n in range(KEPT + 3)]
    note_seen(user=wang, customer=people[0])
    for one in people:
        assert note_seen(user=li, customer=one)
    kept = RecentlySeen.objects.filter(user=li)
    assert kept.count() == KEPT
    assert not kept.filter(customer__in=people[:3]).exists()
    assert RecentlySeen.objects.filter(user=wang).count() == 1


def test_a_refused_form_is_no_visit(client, zhang):
    client.post(page(zhang), {"kind": "person", "family_name": "L" * 101})
    assert not RecentlySeen.objects.exists()


def test_nobody_waits_for_a_lock_to_remember_a_visit(zhang, li):
    ask = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}[connection.vendor]

    def patience():
        with connection.cursor() as cursor:
            cursor.execute(ask)
            return cursor.fetchone()[0]

    before = patience()
    with impatient():
        assert patience() in (PATIENCE_MS, f"{PATIENCE_MS}ms")
    if connection.vendor == "sqlite":
        assert patience() == before


def test_a_visit_that_cannot_be_written_costs_nobody_the_page(client, zhang, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(RecentlySeen.objects, "bulk_create", locked)
    assert client.get(page(zhang)).status_code == 200
    assert not RecentlySeen.objects.exists()
