"""Many customers at once: done to exactly those meant and allowed, told, and taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.context import acting
from customers.bulk import run
from customers.bulk.services import (
    CannotChange,
    CannotUndo,
    forget_old_changes,
    start_bulk,
    start_undo,
)
from customers.models import BulkChange, BulkRow, Customer, CustomerTag
from customers.selection import Selection
from jobs.services import cancel_job, run_job
from staff.roles import Role
from tests.customers.people import person, somebody_acts, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def li():
    return staff("li", Role.SALES, first_name="Li", last_name="Na")


@pytest.fixture
def wang():
    return staff("wang", Role.SALES)


@pytest.fixture
def steward():
    return staff("steward", Role.DATA_STEWARD)


def bulk(actor, action, options, selection=None, **more) -> BulkChange:
    if not isinstance(selection, Selection):
        keys = [one.pk for one in selection or Customer.objects.all()]
        selection = Selection.of_keys(keys)
    change = start_bulk(actor=actor, action=action, options=options, selection=selection, **more)
    job = run_job(job_id=change.job_id)
    assert job.state == "done", job.error
    change.refresh_from_db()
    return change


def undo(actor, change) -> dict:
    job = run_job(job_id=start_undo(actor=actor, change=change).pk)
    assert job.state == "done", job.error
    change.refresh_from_db()
    return change.undo_result


def tags(customer) -> str:
    return Customer.with_bin.get(pk=customer.pk).tags


def history(customer):
    return Customer.history.filter(id=customer.pk).order_by("-history_date", "-history_id")


def test_a_tag_is_added_once_and_found_at_once(li):
    anna, ben = person(tags="newsletter"), person(tags="VIP, x")
    change = bulk(li, "add_tag", {"tag": "  vip "})
    assert (tags(anna), tags(ben)) == ("newsletter, vip", "VIP, x")
    assert CustomerTag.objects.filter(word="vip").count() == 2
    assert change.counts["changed"] == 1
    assert change.counts["already"] == 1
    assert change.state == "done"


def test_a_tag_is_taken_away_whatever_its_case(li):
    anna, ben = person(tags="a, VIP, b"), person(tags="a")
    change = bulk(li, "remove_tag", {"tag": "vip"})
    assert (tags(anna), tags(ben)) == ("a, b", "a")
    assert not CustomerTag.objects.filter(word="vip").exists()
    assert (change.counts["changed"], change.counts["already"]) == (1, 1)


def test_the_history_of_each_says_which_change_it_was_and_why(li):
    anna = person()
    change = bulk(li, "set_stage", {"stage": "customer"}, reason="after the fair")
    newest = history(anna)[0]
    assert newest.history_change_reason == "bulk change #1: stage → Customer: after the fair"
    assert newest.history_request_id == change.pk
    assert newest.history_actor == "Li Na"
    assert history(anna).count() == 2


def test_everybody_who_fits_the_filter_is_meant_and_nobody_else(li, wang):
    mine, not_mine, binned = (
        person(owner=li),
        person(owner=wang),
        person(owner=li, binned_at=timezone.now()),
    )
    change = bulk(li, "add_tag", {"tag": "x"}, Selection.of_filters({"owner": "me"}, li))
    assert (tags(mine), tags(not_mine), tags(binned)) == ("x", "", "")
    assert change.job.done == change.job.total == 1


def test_a_change_that_moves_rows_out_of_its_own_filter_reaches_all_of_them(li, monkeypatch):
    monkeypatch.setattr(run, "KEYS_AT_ONCE", 7)
    with somebody_acts():
        Customer.objects.audited_create(Customer(family_name=f"L{n}") for n in range(40))
    leads = Selection.of_filters({"stage__exact": "lead"}, li)
    change = bulk(li, "set_stage", {"stage": "prospect"}, leads)
    assert change.counts["changed"] == 40
    assert not Customer.objects.filter(stage="lead").exists()


def test_what_is_gone_meanwhile_is_counted(li):
    anna, ben = person(), person()
    selection = Selection.of_keys([anna.pk, ben.pk])
    with somebody_acts():
        Customer.objects.filter(pk=ben.pk).audited_set(binned_at=timezone.now())
    change = bulk(li, "add_tag", {"tag": "x"}, selection)
    assert (change.counts["changed"], change.counts["gone"]) == (1, 1)


def test_nobody_takes_over_a_customer_they_may_not_read(li, wang):
    """As on the page: a rep cannot make another team's customer theirs, one by one or in bulk."""
    mine, theirs, free = person(owner=li), person(owner=wang), person()
    change = bulk(li, "assign_owner", {"owner": str(li.pk)})
    assert Customer.objects.get(pk=theirs.pk).owner == wang
    assert Customer.objects.get(pk=free.pk).owner == li
    assert (change.counts["changed"], change.counts["already"], change.counts["not_yours"]) == (
        1,
        1,
        1,
    )
    assert [left["number"] for left in change.counts["left"]] == [theirs.number]
    assert mine.pk


def test_a_steward_gives_any_customer_to_anybody_and_to_nobody(steward, wang):
    theirs = person(owner=wang)
    bulk(steward, "assign_owner", {"owner": ""})
    assert Customer.objects.get(pk=theirs.pk).owner is None
    bulk(steward, "assign_owner", {"owner": wang.pk})
    assert Customer.objects.get(pk=theirs.pk).owner == wang


@pytest.mark.parametrize("role", [Role.MARKETING, Role.AUDITOR, Role.READ_ONLY])
def test_whoever_may_not_change_customers_changes_none_in_bulk(role):
    anna = person()
    change = bulk(staff("intruder", role), "set_stage", {"stage": "former"})
    assert Customer.objects.get(pk=anna.pk).stage == "lead"
    assert change.counts["not_yours"] == 1


@pytest.mark.parametrize(
    "action, options, told",
    [
        ("add_tag", {"tag": " , "}, "Write the tag"),
        ("add_tag", {"tag": "a, b"}, "one tag"),
        ("add_tag", {"tag": "x" * 41}, "shorter"),
        ("add_tag", {"tag": "4111 1111 1111 1111"}, "card"),
        ("set_stage", {"stage": "king"}, "stages"),
        ("assign_owner", {"owner": "01936e00-0000-7000-8000-00000000dead"}, "works here"),
        ("assign_owner", {"owner": "junk"}, "works here"),
        ("burn", {}, "how to do this"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_begins(li, action, options, told):
    with pytest.raises(CannotChange, match=told):
        start_bulk(actor=li, action=action, options=options, selection=Selection.of_keys([]))
    assert not BulkChange.objects.exists()


def test_tags_without_room_are_left_and_named(li):
    full = person(
        tags="x" * 30 + ", " + ", ".join(f"tag{n:04d}aaaaaaaaaaaaaaaaa" for n in range(17))
    )
    change = bulk(li, "add_tag", {"tag": "y" * 40})
    assert "y" not in tags(full)
    assert change.counts["left"][0]["why"] == "no_room"


# Undo --------------------------------------------------------------------------------------------


def test_an_undo_puts_back_what_was_there(li):
    anna, ben = person(tags="a"), person(stage="customer")
    first = bulk(li, "add_tag", {"tag": "x"})
    second = bulk(li, "set_stage", {"stage": "former"})
    assert undo(li, second)["back"] == 2
    assert {one.stage for one in Customer.objects.all()} == {"lead", "customer"}
    undo(li, first)
    assert (tags(anna), tags(ben)) == ("a", "")
    assert first.state == "undone"
    newest = history(anna)[0]
    assert newest.history_change_reason == "undo of bulk change #1"


def test_an_undo_leaves_what_somebody_changed_since_and_names_it(li, wang):
    anna, ben = person(), person()
    change = bulk(li, "set_stage", {"stage": "prospect"})
    with acting(actor=wang, door="admin"):
        ben.refresh_from_db()
        ben.stage = "customer"
        ben.save()
    result = undo(li, change)
    assert (result["back"], result["kept"]) == (1, 1)
    assert [(one["number"], one["who"]) for one in result["named"]] == [(ben.number, "wang")]
    assert Customer.objects.get(pk=ben.pk).stage == "customer"
    assert Customer.objects.get(pk=anna.pk).stage == "lead"


def test_undoing_a_tag_leaves_the_tags_that_came_later(li):
    anna, ben, carl = person(tags="a"), person(), person(tags="old")
    change = bulk(li, "add_tag", {"tag": "x"})
    with somebody_acts():
        for customer, now in ((anna, "b, x, a"), (ben, "b"), (carl, "X")):
            customer.refresh_from_db()
            customer.tags = now
            customer.save()
    result = undo(li, change)
    assert (tags(anna), tags(ben), tags(carl)) == ("b, a", "b", "")
    assert (result["back"], result["kept"]) == (2, 1)


def test_undoing_a_removal_brings_the_tag_back_beside_the_new_ones(li):
    anna = person(tags="x, a")
    change = bulk(li, "remove_tag", {"tag": "x"})
    with somebody_acts():
        anna.refresh_from_db()
        anna.tags = "a, b"
        anna.save()
    undo(li, change)
    assert tags(anna) == "a, b, x"


def test_two_bulk_changes_are_undone_each_for_itself(li):
    anna = person()
    first = bulk(li, "add_tag", {"tag": "one"})
    second = bulk(li, "add_tag", {"tag": "two"})
    undo(li, first)
    assert tags(anna) == "two"
    undo(li, second)
    assert tags(anna) == ""


def test_a_second_undo_is_refused_and_harmless(li):
    person()
    change = bulk(li, "add_tag", {"tag": "x"})
    undo(li, change)
    with pytest.raises(CannotUndo, match="already"):
        start_undo(actor=li, change=change)


def test_two_who_press_undo_at_once_get_one_undo(li):
    person()
    change = bulk(li, "add_tag", {"tag": "x"})
    stale = BulkChange.objects.get(pk=change.pk)
    start_undo(actor=li, change=change)
    with pytest.raises(CannotUndo, match="at work"):
        start_undo(actor=li, change=stale)


def test_an_undo_that_was_stopped_is_asked_for_again_and_ends_it(li):
    anna = person()
    change = bulk(li, "add_tag", {"tag": "x"})
    cancel_job(job_id=start_undo(actor=li, change=change).pk)
    assert undo(li, change)["back"] == 1
    assert tags(anna) == ""


def test_a_change_that_was_stopped_can_be_undone(li):
    anna = person()
    change = start_bulk(
        actor=li, action="add_tag", options={"tag": "x"}, selection=Selection.of_keys([anna.pk])
    )
    cancel_job(job_id=change.job_id)
    change.refresh_from_db()
    assert change.state == "failed"
    assert undo(li, change) == {"named": []}


def test_after_thirty_days_there_is_nothing_to_undo_and_nothing_is_kept(li):
    person()
    old, young = bulk(li, "add_tag", {"tag": "x"}), bulk(li, "add_tag", {"tag": "y"})
    BulkChange.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    old.refresh_from_db()
    with pytest.raises(CannotUndo, match="30 days"):
        start_undo(actor=li, change=old)
    assert forget_old_changes() == 1
    assert BulkRow.objects.get().change == young


def test_who_was_moved_to_the_bin_since_stays_as_they_are(li):
    anna = person()
    change = bulk(li, "add_tag", {"tag": "x"})
    with somebody_acts():
        Customer.objects.filter(pk=anna.pk).audited_set(binned_at=timezone.now())
    assert undo(li, change)["kept"] == 1
    assert tags(anna) == "x"


def test_giving_customers_away_is_undone_by_whoever_gave_them(li, wang):
    anna = person(owner=li)
    change = bulk(li, "assign_owner", {"owner": str(wang.pk)})
    assert Customer.objects.get(pk=anna.pk).owner == wang
    undo(li, change)
    assert Customer.objects.get(pk=anna.pk).owner == li
