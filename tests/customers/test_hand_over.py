"""Whoever leaves hands over: customers and promises go on, to one or to a team."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone

from customers.bulk.services import start_undo
from customers.models import BulkChange, Customer, FollowUp
from jobs.services import run_job
from staff.models import Team
from staff.roles import Role
from tests.customers.people import person, somebody_acts, staff

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:customers_bulkchange_hand_over")


@pytest.fixture
def north():
    with somebody_acts():
        return Team.objects.create(name="North")


@pytest.fixture
def li():
    return staff("li", Role.SALES, first_name="Li", last_name="Na")


@pytest.fixture
def wang(north):
    return staff("wang", Role.SALES, team=north)


@pytest.fixture
def chen(north):
    return staff("chen", Role.SALES, team=north)


@pytest.fixture
def steward(client):
    member = staff("steward", Role.DATA_STEWARD)
    client.force_login(member)
    return member


def customers_of(member, count=1, **values):
    with somebody_acts():
        return Customer.objects.audited_create(
            Customer(family_name=f"N{n}", owner=member, **values) for n in range(count)
        )


def promise(customer, member, **values):
    follow_up = FollowUp(
        customer=customer, what="Ring", assigned_to=member,
        due_at=timezone.now() + timedelta(days=1), **values,
    )  # fmt: skip
    with somebody_acts():
        follow_up.save()
    return follow_up


def leave(member):
    member.is_active = False
    with somebody_acts():
        member.save()


def hand_over(*arguments, capsys):
    call_command("hand_over_customers", *arguments, "--json")
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err.strip().splitlines()[-1]


def owners():
    return Counter(Customer.objects.values_list("owner__username", flat=True))


def test_all_customers_and_open_promises_go_to_another(li, wang, capsys):
    leave(li)
    one, two = customers_of(li, 2)
    other = person(owner=wang)
    open_one = promise(one, li)
    of_others = promise(other, li)
    done = promise(two, li, done_at=timezone.now())
    result, last = hand_over("li", "wang", capsys=capsys)
    assert result == {"change": 1, "customers": 2, "follow_ups": 2, "takers": 1}
    assert last == "2 customers and 2 follow-ups handed over to 1 members of staff."
    assert owners() == {"wang": 3}
    assert FollowUp.objects.get(pk=open_one.pk).assigned_to == wang
    assert FollowUp.objects.get(pk=of_others.pk).assigned_to == wang
    assert FollowUp.objects.get(pk=done.pk).assigned_to == li
    reason = Customer.history.filter(id=one.pk).latest("history_date").history_change_reason
    assert reason == "bulk change #1: handed over from Li Na to wang"


def test_a_team_shares_evenly_and_a_promise_goes_where_its_customer_goes(li, wang, chen, capsys):
    mine = customers_of(li, 7)
    for customer in mine:
        promise(customer, li)
    staff("gone", Role.SALES, team=wang.team)
    leave(staff("left", Role.SALES, team=wang.team))
    result, _last = hand_over("li", "--team", "north", capsys=capsys)
    assert (result["customers"], result["takers"]) == (7, 3)
    assert sorted(owners().values()) == [2, 2, 3]
    assert "left" not in owners()
    for follow_up in FollowUp.objects.select_related("customer"):
        assert follow_up.assigned_to_id == follow_up.customer.owner_id


def test_only_what_fits_is_handed_over(li, wang, capsys):
    customers_of(li, 2, stage="lead", country="DE")
    customers_of(li, 3, stage="customer", country="DE")
    result, _last = hand_over("li", "wang", "--stage", "customer", capsys=capsys)
    assert result["customers"] == 3
    assert owners() == {"li": 2, "wang": 3}
    result, _last = hand_over("li", "wang", "--country", "de", capsys=capsys)
    assert result["customers"] == 2


def test_a_dry_run_counts_and_writes_nothing(li, wang, capsys):
    promise(customers_of(li, 2)[0], li)
    result, last = hand_over("li", "wang", "--dry-run", capsys=capsys)
    assert result == {"change": None, "customers": 2, "follow_ups": 1, "takers": 1}
    assert "would be handed over" in last
    assert owners() == {"li": 2}
    assert not BulkChange.objects.exists()


def test_it_is_taken_back_whole(li, wang, steward, capsys):
    leave(li)
    customer = customers_of(li)[0]
    follow_up = promise(customer, li)
    hand_over("li", "wang", capsys=capsys)
    job = run_job(job_id=start_undo(actor=steward, change=BulkChange.objects.get()).pk)
    assert job.state == "done"
    assert owners() == {"li": 1}
    assert FollowUp.objects.get(pk=follow_up.pk).assigned_to == li


def test_what_the_new_one_gave_on_stays_there(li, wang, chen, steward, capsys):
    kept, back = customers_of(li, 2)
    hand_over("li", "wang", capsys=capsys)
    with somebody_acts():
        Customer.objects.filter(pk=kept.pk).audited_set(owner=chen)
    job = run_job(job_id=start_undo(actor=steward, change=BulkChange.objects.get()).pk)
    assert (job.result["back"], job.result["kept"]) == (1, 1)
    assert owners() == {"li": 1, "chen": 1}
    assert back.pk


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("nobody", "wang"), "no member of staff"),
        (("li", "nobody"), "no member of staff"),
        (("li",), "either TO or --team"),
        (("li", "wang", "--team", "North"), "either TO or --team"),
        (("li", "--team", "South"), "no team"),
        (("li", "li"), "theirs already"),
        (("li", "left"), "works here"),
        (("li", "wang", "--stage", "king"), "Nobody can be meant"),
    ],
)
def test_what_cannot_be_handed_over_is_said(li, wang, arguments, told):
    leave(staff("left", Role.SALES))
    customers_of(li)
    with pytest.raises(CommandError, match=told) as refused:
        call_command("hand_over_customers", *arguments)
    assert refused.value.returncode == 2
    assert owners() == {"li": 1}


# The page ----------------------------------------------------------------------------------------


def test_the_page_says_what_will_happen_before_it_does(client, li, wang, steward):
    leave(li)
    promise(customers_of(li, 3)[0], li)
    assert "Li Na (left)" in client.get(PAGE).text
    told = {"giver": str(li.pk), "taker": str(wang.pk), "reason": "leaves"}
    first = client.post(PAGE, told)
    assert "What will happen" in first.text
    assert owners() == {"li": 3}
    assert not BulkChange.objects.exists()
    confirmed = told | {
        "confirmed": first.context_data["confirmed"],
        "token": first.context_data["token"],
    }
    answer = client.post(PAGE, confirmed)
    change = BulkChange.objects.get()
    assert answer["Location"] == reverse("admin:jobs_job_change", args=[change.job_id])
    client.post(PAGE, confirmed)  # a second click
    assert BulkChange.objects.count() == 1
    assert run_job(job_id=change.job_id).state == "done"
    assert owners() == {"wang": 3}
    page = client.get(reverse("admin:customers_bulkchange_change", args=[change.pk])).text
    assert "handed over from Li Na to wang" in page
    assert "follow-ups handed over" in page


def test_another_choice_is_shown_again_before_it_is_done(client, li, wang, chen, steward):
    customers_of(li)
    first = client.post(PAGE, {"giver": str(li.pk), "taker": str(wang.pk)})
    seen = first.context_data["confirmed"]
    again = client.post(PAGE, {"giver": str(li.pk), "taker": str(chen.pk), "confirmed": seen})
    assert "What will happen" in again.text
    assert not BulkChange.objects.exists()


def test_nobody_hands_over_to_themselves_or_to_an_empty_team(client, li, north, steward):
    customers_of(li)
    with somebody_acts():
        li.team = north
        li.save()
    same = client.post(PAGE, {"giver": str(li.pk), "taker": str(li.pk)})
    assert "theirs already" in same.text
    alone = client.post(PAGE, {"giver": str(li.pk), "taker": f"team:{north.pk}"})
    assert "Nobody else of the team" in alone.text


@pytest.mark.parametrize(
    "role", [Role.SALES, Role.SERVICE, Role.MARKETING, Role.AUDITOR, Role.READ_ONLY]
)
def test_only_some_hand_over_the_customers_of_others(client, li, wang, role):
    customers_of(li)
    client.force_login(staff("intruder", role))
    assert client.get(PAGE).status_code == 403
    told = {"giver": str(li.pk), "taker": str(wang.pk)}
    assert client.post(PAGE, told).status_code == 403
    assert owners() == {"li": 1}


def test_the_page_of_whoever_leaves_says_what_is_still_theirs(client, li, steward):
    admin = staff("admin", Role.ADMINISTRATOR)
    client.force_login(admin)
    url = reverse("admin:staff_user_change", args=[li.pk])
    assert "looked after by them" not in client.get(url).text
    promise(customers_of(li, 2)[0], li)
    text = client.get(url).text
    assert "2 customers are looked after by them. 1 follow-up of theirs is open." in text
    assert f"{PAGE}?from={li.pk}" in text
    assert f'value="{li.pk}" selected' in client.get(f"{PAGE}?from={li.pk}").text


def test_markup_in_a_name_stays_text(client, steward, wang):
    mallory = staff("mallory", Role.SALES, first_name="<script>alert(1)</script>")
    customers_of(mallory)
    text = client.post(PAGE, {"giver": str(mallory.pk), "taker": str(wang.pk)}).text
    assert "<script>alert(1)" not in text
