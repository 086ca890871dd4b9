"""Which customers a deed means: the same in a link, a saved view and a job that runs later."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.list_filters import FILTERS
from customers.models import ContactPoint, Customer, FollowUp, Interaction, Source
from customers.selection import Selection
from staff.roles import Role
from tests.customers.people import organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")
LONG_AGO = timedelta(days=100)


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Li", last_name="Na")
    client.force_login(member)
    return member


@pytest.fixture
def wang():
    return staff("wang", Role.SALES)


@pytest.fixture
def four(li, wang):
    """Four customers that differ in whatever the list is narrowed by."""
    now = timezone.now()
    with somebody_acts():
        fair = Source.objects.create(name="Fair")
    anna = person(
        given_name="Anna", owner=li, stage="customer", tags="VIP", source=fair,
        email="anna@example.com", phone="+4930901820", country="DE",
    )  # fmt: skip
    ben = person(
        given_name="Ben", owner=wang, country="CN", created_at=now - LONG_AGO,
        updated_at=now - LONG_AGO,
    )  # fmt: skip
    optics = organisation("Optics", phone="+4930901821")
    gone = person(given_name="Gone", owner=li, binned_at=now)
    with somebody_acts():
        Interaction.objects.audited_create(
            [
                Interaction(customer=anna, staff=li, happened_at=now),
                Interaction(customer=ben, staff=li, happened_at=now - LONG_AGO),
            ]
        )
        FollowUp.objects.audited_create(
            [
                FollowUp(customer=anna, what="Ring", due_at=now - LONG_AGO, assigned_to=li),
                FollowUp(customer=ben, what="Write", due_at=now + LONG_AGO, assigned_to=li),
                FollowUp(
                    customer=optics, what="Meet", due_at=now, assigned_to=li, done_at=now
                ),
            ]
        )  # fmt: skip
        ContactPoint.objects.audited_create(
            [ContactPoint(customer=optics, kind="email", value="info@example.com")]
        )
    return {"anna": anna, "ben": ben, "optics": optics, "gone": gone, "fair": fair}


@pytest.mark.parametrize(
    "name, value, meant",
    [
        ("stage__exact", "customer", {"anna"}),
        ("kind__exact", "organisation", {"optics"}),
        ("owner", "me", {"anna"}),
        ("owner", "nobody", {"optics"}),
        ("owner", "wang", {"ben"}),
        ("tag", "vip", {"anna"}),
        ("tag", "none", {"ben", "optics"}),
        ("country", "DE", {"anna"}),
        ("country", "none", {"optics"}),
        ("source", "fair", {"anna"}),
        ("source", "none", {"ben", "optics"}),
        ("created", "today", {"anna", "optics"}),
        ("created", "quarter", {"anna", "optics"}),
        ("created", "year", {"anna", "ben", "optics"}),
        ("created", "week of ben", {"ben"}),
        ("last_contact", "within30", {"anna"}),
        ("last_contact", "over30", {"ben", "optics"}),
        ("last_contact", "over180", {"optics"}),
        ("last_contact", "never", {"optics"}),
        ("follow_up", "open", {"anna", "ben"}),
        ("follow_up", "overdue", {"anna"}),
        ("follow_up", "none", {"optics"}),
        ("without", "email", {"ben"}),
        ("without", "phone", {"ben"}),
        ("without", "both", {"ben"}),
    ],
)
@pytest.mark.parametrize("rare", [0, 1000], ids=["common", "rare"])
def test_a_filter_means_the_same_in_the_list_and_in_a_selection(
    client, li, wang, four, monkeypatch, rare, name, value, meant
):
    monkeypatch.setattr("customers.list_filters.RARE", rare)
    ben_came = timezone.localtime(four["ben"].created_at).date() - timedelta(days=1)
    value = {
        "fair": str(four["fair"].pk),
        "wang": str(wang.pk),
        "week of ben": f"week-{ben_came}",
    }.get(value, value)
    selection = Selection.from_json(Selection.of_filters({name: value, "p": "3"}, li).as_json())
    expected = {four[one].pk for one in meant}
    assert set(selection.customers(wang).values_list("pk", flat=True)) == expected
    assert selection.count() == len(expected)
    shown = client.get(LIST, {name: value})
    assert {one.pk for one in shown.context_data["cl"].result_list} == expected


@pytest.mark.parametrize("name", list(FILTERS))
@pytest.mark.parametrize(
    "value",
    [
        "nobody knows",
        "01936e00-0000-7000-8000-00000000dead",
        "week-9999-12-31",
        "week-0001-01-01",
        "week-",
        "over",
        "x" * 5000,
        "\u202e",
        "%",
    ],
)
def test_a_value_that_means_nothing_selects_nobody_rather_than_everybody(
    client, li, four, name, value
):
    selection = Selection.of_filters({name: value}, li)
    assert selection.count() == 0
    assert "gone" in selection.words()
    assert client.get(LIST, {name: value}).context_data["cl"].result_list == []


def test_a_nul_selects_nobody_and_is_no_address(client, li, four):
    assert Selection.of_filters({"city": "\x00", "owner": "\x00"}, li).count() == 0
    assert client.get(LIST, {"owner": "\x00"}).status_code == 400


def test_a_moment_without_its_zone_is_one_all_the_same(four):
    kept = {"filters": {"created": "today", "last_contact": "over30"}, "at": "2026-01-01T10:00:00"}
    assert Selection.from_json(kept).count() >= 0


def test_a_filter_that_no_longer_exists_selects_nobody(four):
    kept = {"filters": {"colour": "red"}, "at": timezone.now().isoformat()}
    assert Selection.from_json(kept).count() == 0


def test_ticked_customers_are_exactly_those_and_never_the_bin(li, four):
    ticked = [four["anna"].pk, str(four["ben"].pk), four["gone"].pk, "junk", four["anna"].pk]
    selection = Selection.of_keys(ticked)
    assert len(selection.keys) == 3
    again = Selection.from_json(selection.as_json())
    assert again == selection
    assert {one.pk for one in again.customers()} == {four["anna"].pk, four["ben"].pk}


def test_no_tick_at_all_means_nobody(four):
    assert Selection.of_keys([]).count() == 0
    assert not Selection.of_keys([]).is_everybody


def test_all_that_fit_is_said_in_words(li, four):
    selection = Selection.of_filters({"owner": "me", "stage__exact": "customer"}, li)
    assert selection.words() == "owner: Li Na · stage: Customer"
    assert Selection.of_filters({}, li).words() == "all customers"
    assert Selection.of_filters({}, li).is_everybody


def test_me_is_whoever_asked_not_whoever_does_the_work(li, wang, four):
    kept = Selection.of_filters({"owner": "me"}, li).as_json()
    assert {one.pk for one in Selection.from_json(kept).customers(wang)} == {four["anna"].pk}


def test_this_week_stays_the_week_in_which_it_was_asked(li, four, monkeypatch):
    kept = Selection.of_filters({"created": "today"}, li)
    before = {one.pk for one in kept.customers()}
    later = timezone.now() + timedelta(days=9)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert {one.pk for one in Selection.from_json(kept.as_json()).customers()} == before


def test_a_search_term_is_never_part_of_a_selection(li):
    selection = Selection.of_filters({"q": "zhang@example.com", "term": "zhang"}, li)
    assert "zhang" not in str(selection.as_json())


def test_who_left_and_still_has_customers_can_be_looked_for(client, li, wang, four):
    idle = staff("idle", Role.SALES)
    for member in (wang, idle):
        member.is_active = False
        with somebody_acts():
            member.save()
    text = client.get(LIST).text
    assert f"owner={wang.pk}" in text
    assert f"owner={idle.pk}" not in text
    assert Customer.objects.filter(owner=wang).exists()


@pytest.mark.parametrize(
    "sent",
    [
        "[" * 100_000,
        '{"keys":' * 50_000,
        '{"filters": {"\\ud800": "x"}, "at": "2026-01-01"}',
        '{"filters": {"tag": "\\ud800"}, "at": "2026-01-01"}',
        '{"filters": {"tag": "a\\u0000b"}, "at": "2026-01-01"}',
        '{"filters": {"tag": "%s"}, "at": "2026-01-01"}' % ("x" * 201),
        '{"filters": {"created": "year"}, "at": "0001-01-05T00:00:00"}',
        '{"filters": {"created": "week"}, "at": "9999-12-31T23:59:59-14:00"}',
        '{"filters": {}, "at": 5}',
        '{"keys": null}',
        "5",
        "",
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_no_selection(sent):
    with pytest.raises(ValueError, match=r"."):
        Selection.from_page(sent)


@pytest.mark.parametrize("door", ["bulk", "export"])
@pytest.mark.parametrize(
    "sent", ["[" * 100_000, '{"filters": {"\\ud800": "x"}, "at": "2026-01-01"}']
)
def test_a_selection_forged_to_break_the_page_is_refused(client, door, sent):
    client.force_login(staff("steward", Role.DATA_STEWARD))
    where = {
        "bulk": reverse("admin:customers_customer_bulk", args=["set_stage"]),
        "export": reverse("admin:customers_export_add"),
    }
    sent_along = {"selection": sent, "stage": "lead", "reason": "for the fair"}
    assert client.post(where[door], sent_along).status_code == 403
