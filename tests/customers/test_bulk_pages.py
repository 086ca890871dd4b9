"""From ticks in the list to a deed on many: who is meant, what will happen, and what became."""

import json

import pytest
from django.urls import reverse

from customers.bulk.services import start_bulk, start_undo
from customers.models import BulkChange, Customer
from customers.selection import Selection
from jobs.services import cancel_job, run_job
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.test_customer_form import page, typed

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")
SEARCH = reverse("admin:customers_customer_search")
CHANGES = reverse("admin:customers_bulkchange_changelist")
NOBODYS = "01936e00-0000-7000-8000-00000000dead"


def do(action):
    return reverse("admin:customers_customer_bulk", args=[action])


def page_of(change):
    return reverse("admin:customers_bulkchange_change", args=[change.pk])


def undo_of(change):
    return reverse("admin:customers_bulkchange_undo", args=[change.pk])


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Li", last_name="Na")
    client.force_login(member)
    return member


def ticked(action, *customers, **more):
    keys = [str(one.pk) for one in customers]
    return {"action": f"bulk_{action}", "_selected_action": keys, "index": "0"} | more


def answer(asked, **told):
    """What the form of the page that asks would send."""
    context = asked.context_data
    return {"selection": context["selection_json"], "token": context["token"]} | told


def finish(change):
    job = run_job(job_id=change.job_id)
    assert job.state == "done", job.error
    change.refresh_from_db()
    return change


def test_the_page_says_who_is_meant_and_nothing_is_done_yet(client, li):
    anna, ben = person(**ZHANG_WEI, tags="old"), person(given_name="Ben")
    person(given_name="Other")
    asked = client.post(LIST, ticked("add_tag", anna, ben))
    assert "2 customers" in asked.text
    assert "张伟" in asked.text
    assert "Ben" in asked.text
    assert "Other" not in asked.text
    assert "For 30 days it can be undone" in asked.text
    assert '<option value="old">' in asked.text
    assert "zhang.wei" not in asked.text
    assert not BulkChange.objects.exists()


def test_the_deed_becomes_a_job_with_its_result(client, li):
    anna = person()
    asked = client.post(LIST, ticked("set_stage", anna))
    done = client.post(do("set_stage"), answer(asked, stage="customer", reason="the fair"))
    change = BulkChange.objects.get()
    assert done["Location"] == reverse("admin:jobs_job_change", args=[change.job_id])
    assert change.started_by == li
    finish(change)
    assert Customer.objects.get(pk=anna.pk).stage == "customer"
    page = client.get(page_of(change)).text
    for told in ("stage → Customer", "<strong>1</strong> changed", "the fair", anna.number, "Undo"):
        assert told in page
    assert "#1 Set the stage" in client.get(CHANGES).text


def test_a_second_click_is_the_same_deed(client, li):
    asked = client.post(LIST, ticked("add_tag", person()))
    told = answer(asked, tag="x")
    first, second = client.post(do("add_tag"), told), client.post(do("add_tag"), told)
    assert first["Location"] == second["Location"]
    assert BulkChange.objects.count() == 1


def test_what_is_wrong_is_said_and_what_was_ticked_stays(client, li):
    asked = client.post(LIST, ticked("add_tag", person(given_name="Anna")))
    again = client.post(do("add_tag"), answer(asked, tag="a, b"))
    assert "one tag, without a comma" in again.text
    assert "1 customer" in again.text
    assert again.context_data["token"] == asked.context_data["token"]
    again = client.post(do("assign_owner"), answer(asked, owner=""))
    assert "required" in again.text
    again = client.post(do("set_stage"), answer(asked, stage="lead", reason="4111111111111111"))
    assert "card" in again.text
    assert not BulkChange.objects.exists()


def test_all_that_fit_are_those_of_the_filters_and_are_counted(client, li):
    for _number in range(60):
        person(owner=li, stage="lead")
    person(owner=li, stage="customer")
    address = f"{LIST}?owner=me&stage__exact=lead"
    assert "Choose all that fit the filters" in client.get(address).text
    assert "Choose all that fit" not in client.get(f"{LIST}?stage__exact=customer").text
    asked = client.post(address, ticked("add_tag", Customer.objects.first(), select_across="1"))
    assert "60 customers" in asked.text
    assert "owner: Li Na · stage: Lead" in asked.text
    client.post(do("add_tag"), answer(asked, tag="x"))
    assert finish(BulkChange.objects.get()).counts["changed"] == 60
    assert Customer.objects.filter(tags="x").count() == 60


def test_everybody_is_never_meant_unnoticed(client, li):
    person()
    asked = client.post(LIST, ticked("add_tag", person(), select_across="1"))
    assert "it is everybody" in asked.text


def test_of_a_search_only_what_was_ticked_is_meant(client, li):
    anna, ben = person(given_name="Anna"), person(given_name="Ben")
    asked = client.post(SEARCH, ticked("add_tag", anna, select_across="1"))
    assert asked.context_data["count"] == 1
    assert "Ben" not in asked.text
    assert json.loads(asked.context_data["selection_json"]) == {"keys": [str(anna.pk)]}
    assert ben.pk


@pytest.mark.parametrize("keys", [[], ["junk"], [NOBODYS]])
def test_ticks_that_mean_nobody_lead_back_to_the_list(client, li, keys):
    person()
    sent = {"action": "bulk_add_tag", "_selected_action": keys, "index": "0"}
    back = client.post(LIST, sent, follow=True)
    assert back.status_code == 200
    assert not BulkChange.objects.exists()


@pytest.mark.parametrize("forged", ["", "{}", "[]", "junk", '{"filters": 3}', '{"keys": [3]}'])
def test_a_forged_selection_changes_nobody(client, li, forged):
    anna = person()
    sent = {"selection": forged, "tag": "x"}
    client.raise_request_exception = True
    response = client.post(do("add_tag"), sent)
    assert response.status_code in (302, 403)
    for change in BulkChange.objects.all():
        finish(change)
    assert Customer.objects.get(pk=anna.pk).tags == ""


def test_an_unknown_deed_is_refused(client, li):
    selection = json.dumps(Selection.of_filters({}, li).as_json())
    for action in ("hand_over", "burn"):
        assert client.post(do(action), {"selection": selection}).status_code == 403


@pytest.mark.parametrize("role", [Role.MARKETING, Role.AUDITOR, Role.READ_ONLY])
def test_whoever_may_not_change_customers_is_not_even_asked(client, role):
    anna = person()
    client.force_login(staff("intruder", role))
    assert "bulk_add_tag" not in client.get(LIST).text
    client.post(LIST, ticked("add_tag", anna), follow=True)
    selection = json.dumps({"keys": [str(anna.pk)]})
    refused = client.post(do("add_tag"), {"selection": selection, "tag": "x"})
    assert refused.status_code == 403
    assert not BulkChange.objects.exists()


def test_the_preview_says_who_will_be_left_out(client, li):
    other = staff("wang", Role.SALES)
    asked = client.post(LIST, ticked("assign_owner", person(owner=other), person(owner=li)))
    assert asked.text.count("not yours to change") == 1


def test_who_was_left_out_is_named_with_a_link(client, li):
    theirs = person(owner=staff("wang", Role.SALES))
    change = start_bulk(
        actor=li, action="assign_owner", options={"owner": str(li.pk)},
        selection=Selection.of_keys([theirs.pk]),
    )  # fmt: skip
    finish(change)
    page = client.get(page_of(change)).text
    assert "Left out" in page
    assert reverse("admin:customers_customer_change", args=[theirs.pk]) in page


def done_by(actor, *customers):
    selection = Selection.of_keys([one.pk for one in customers])
    return finish(
        start_bulk(actor=actor, action="add_tag", options={"tag": "x"}, selection=selection)
    )


def test_an_undo_asks_first_and_names_what_was_changed_since(client, li):
    anna, ben = person(), person()
    change = done_by(li, anna, ben)
    assert "2 customers are as before" in client.get(undo_of(change)).text
    assert BulkChange.objects.get().state == "done"
    with somebody_acts(li):
        ben.refresh_from_db()
        ben.tags = ""
        ben.save()
        ben.tags = "y"
        ben.save()
    client.post(undo_of(change))
    change.refresh_from_db()
    finish(change)
    page = client.get(page_of(change)).text
    assert "changed since: kept as they are" in page
    assert f"{ben.number}</a> changed by Li Na" in page
    assert "Undo…" not in page
    again = client.post(undo_of(change), follow=True)
    assert "was undone already" in again.text


def test_only_who_did_it_or_a_steward_takes_it_back(client, li):
    change = done_by(li, person())
    for name, role, status in (
        ("wang", Role.SALES, 403),
        ("audit", Role.AUDITOR, 403),
        ("reader", Role.READ_ONLY, 403),
        ("steward", Role.DATA_STEWARD, 200),
    ):
        client.force_login(staff(name, role))
        assert client.get(undo_of(change)).status_code == status, name
        if status == 403:
            assert client.post(undo_of(change)).status_code == 403
    client.logout()
    assert client.post(undo_of(change)).status_code == 302
    assert BulkChange.objects.get().state == "done"


def test_an_auditor_reads_what_was_done(client, li):
    change = done_by(li, person())
    client.force_login(staff("audit", Role.AUDITOR))
    assert client.get(page_of(change)).status_code == 200
    client.force_login(staff("reader", Role.READ_ONLY))
    assert client.get(page_of(change)).status_code == 403


def test_there_is_no_page_of_what_never_was(client, li):
    url = reverse("admin:customers_bulkchange_change", args=[NOBODYS])
    assert client.get(url).status_code == 404
    assert client.get(url.replace(NOBODYS, "junk")).status_code == 404


def test_markup_in_names_tags_and_reasons_stays_text(client, li):
    markup = "<script>alert(1)</script>"
    anna = person(given_name=markup)
    asked = client.post(LIST, ticked("add_tag", anna))
    assert markup not in asked.text
    again = client.post(do("add_tag"), answer(asked, tag=markup, reason=markup))
    change = finish(BulkChange.objects.get())
    for shown in (
        again,
        client.get(page_of(change)),
        client.get(undo_of(change)),
        client.get(CHANGES),
    ):
        assert markup not in shown.text


def test_the_pages_cost_few_queries_however_many_are_meant(
    client, li, django_assert_max_num_queries
):
    change = done_by(li, *[person() for _number in range(3)])
    client.get(page_of(change))
    with django_assert_max_num_queries(14) as few:
        client.get(page_of(change))
    change = done_by(li, *[person() for _number in range(40)])
    with django_assert_max_num_queries(14) as many:
        client.get(page_of(change))
    assert len(few.captured_queries) == len(many.captured_queries)
    with django_assert_max_num_queries(24):
        client.post(LIST, ticked("add_tag", Customer.objects.first(), select_across="1"))


def test_whoever_has_the_page_open_meanwhile_loses_nothing_and_takes_nothing_back(client, li):
    anna = person(owner=li, tags="a")
    url = page(anna)
    form = typed(client.get(url))
    done_by(li, anna)
    assert client.post(url, form | {"city": "Bern"}).status_code == 302
    anna.refresh_from_db()
    assert (anna.city, anna.tags) == ("Bern", "a, x")


def test_an_undo_that_stopped_says_so(client, li):
    change = done_by(li, person())
    cancel_job(job_id=start_undo(actor=li, change=change).pk)
    text = client.get(page_of(change)).text
    assert "Its undo stopped before its end" in text
    assert "Undo…" in text


def test_a_change_that_stopped_says_how_to_go_on(client, li):
    selection = Selection.of_keys([person().pk])
    change = start_bulk(actor=li, action="add_tag", options={"tag": "x"}, selection=selection)
    assert "It is at work" in client.get(page_of(change)).text
    cancel_job(job_id=change.job_id)
    assert "It stopped before its end" in client.get(page_of(change)).text
