"""Logging what was said: one box, one row, nothing lost, nobody else's to change."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from customers.errors import NotPossible
from customers.interactions import (
    Plan,
    change_interaction,
    log_interaction,
)
from customers.models import Customer, FollowUp, Interaction
from customers.services import bin_customers
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.talking import in_hours, talk, typed

pytestmark = pytest.mark.django_db

SECRET = "wants out of the contract"


def box(customer: Customer) -> str:
    return reverse("admin:customers_interaction_log", args=[customer.pk])


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Na", last_name="Li")
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


def test_a_call_is_one_box(client, li, zhang):
    answer = client.post(box(zhang), typed(text=SECRET, minutes="4"))
    assert answer.status_code == 302
    assert answer.url == reverse("admin:customers_customer_change", args=[zhang.pk])
    one = Interaction.objects.get()
    assert (one.kind, one.direction, one.minutes, one.text) == ("call", "out", 4, SECRET)
    assert (one.staff, one.customer) == (li, zhang)
    assert one.history.get().history_actor == str(li)


def test_what_was_said_is_sealed_and_in_no_message(client, zhang):
    answer = client.post(
        box(zhang), typed(text=SECRET, what="call back", when="tomorrow"), follow=True
    )
    told = [str(message) for message in answer.context["messages"]]
    assert told
    assert all(SECRET not in text and "call back" not in text for text in told)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM customers_interaction")
        assert SECRET not in str(cursor.fetchall())


def test_a_call_may_carry_a_follow_up_that_stands_or_falls_with_it(client, li, zhang):
    client.post(box(zhang), typed(text="x", what="send the plan", when="tomorrow", hour="15:00"))
    one = FollowUp.objects.get()
    assert (one.what, one.assigned_to, one.interaction) == (
        "send the plan",
        li,
        Interaction.objects.get(),
    )
    due_at = timezone.localtime(one.due_at)
    assert due_at.date() == timezone.localdate() + timedelta(days=1)
    assert (due_at.hour, due_at.minute) == (15, 0)


def test_a_follow_up_that_cannot_be_leaves_no_conversation_behind(li, zhang):
    gone = staff("wang", Role.SALES)
    gone.is_active = False
    with somebody_acts():
        gone.save()
    with somebody_acts(li), pytest.raises(ValidationError):
        log_interaction(actor=li, customer=zhang, follow_up=Plan("x", in_hours(1), gone))
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_second_click_logs_nothing_twice(client, zhang, seconds):
    form = typed(text="x", what="send", when="today")
    client.post(box(zhang), form)
    again = client.post(box(zhang), form, follow=True)
    assert "this was logged already, once" in again.text
    assert Interaction.objects.count() == FollowUp.objects.count() == 1


def test_a_form_of_one_customer_does_not_answer_for_another(client, li, zhang):
    form = typed(text="x")
    client.post(box(zhang), form)
    refused = client.post(box(person()), form)
    assert refused.status_code == 200
    assert "This form was used before" in refused.text
    assert Interaction.objects.count() == 1


@pytest.mark.parametrize("junk", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_a_key_that_is_none_of_ours_is_refused(client, zhang, junk):
    assert client.post(box(zhang), typed(text="x", submission=junk)).status_code == 200
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    "wrong,said",
    [
        ({"kind": "note"}, "A note needs its text."),
        ({"minutes": "9999"}, "less than or equal to 1440"),
        ({"what": "call"}, "Say when"),
        ({"when": "tomorrow"}, "Say what is to be done."),
        ({"what": "call", "when": "pick"}, "Say when"),
        ({"what": "call", "when": "pick", "day": "2999-01-01"}, "more than ten years ahead"),
        ({"happened_at": "2999-01-01T10:00"}, "still to come"),
        ({"text": "card 4111 1111 1111 1111"}, "card number"),
        ({"kind": "<script>"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, zhang, wrong, said):
    answer = client.post(
        box(zhang),
        typed(
            **(
                {"text": "kept words"}
                | wrong
                | {"text": wrong.get("text", "" if wrong.get("kind") == "note" else "kept words")}
            )
        ),
    )
    assert answer.status_code == 200
    assert said in answer.text
    if wrong.get("kind") != "note" and "text" not in wrong:
        assert "kept words" in answer.text
    assert not Interaction.objects.exists()
    assert not FollowUp.objects.exists()


def test_a_script_gets_the_box_back_or_where_to_go(client, zhang):
    script = {"HTTP_X_REQUESTED_WITH": "fetch"}
    wrong = client.post(box(zhang), typed(text="kept words", what="x"), **script)
    assert "X-Go-To" not in wrong
    assert "data-desk-log" in wrong.text
    assert "kept words" in wrong.text
    assert "<html" not in wrong.text
    right = client.post(box(zhang), typed(text="x"), **script)
    assert right.status_code == 204
    assert right["X-Go-To"] == reverse("admin:customers_customer_change", args=[zhang.pk])


# The session that ended --------------------------------------------------------------------------


def token_in(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text).group(1)


def test_a_session_that_ended_loses_no_text_and_tells_nothing(li, zhang):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(li)
    form = typed(text=SECRET, what="send <b>it</b>", when="tomorrow")
    form["csrfmiddlewaretoken"] = token_in(browser.get(box(zhang)))
    browser.cookies.pop("sessionid")
    answer = browser.post(box(zhang), form)
    assert answer.status_code == 403
    assert SECRET in answer.text
    assert "send &lt;b&gt;it" in answer.text
    assert form["submission"] in answer.text
    assert "Nothing is lost" in answer.text
    assert "张伟" not in answer.text
    assert "Li Na" not in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert not Interaction.objects.exists()

    # In another tab: a new session, and a new token with it. The page here is older than both.
    form["csrfmiddlewaretoken"] = token_in(answer)
    browser.force_login(li)
    browser.cookies["csrftoken"] = "b" * 32
    stale = browser.post(box(zhang), form)
    assert stale.status_code == 200
    assert "press Save once more" in stale.text
    assert SECRET in stale.text
    assert not Interaction.objects.exists()

    form["csrfmiddlewaretoken"] = token_in(stale)
    assert browser.post(box(zhang), form).status_code == 302
    assert Interaction.objects.get().text == SECRET


def test_a_form_of_another_site_writes_nothing(li, zhang):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(li)
    assert browser.post(box(zhang), typed(text="planted")).status_code == 200
    assert not Interaction.objects.exists()


# Who may -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", [Role.MARKETING, Role.AUDITOR, Role.READ_ONLY, Role.PRIVACY_OFFICER]
)
def test_who_only_reads_logs_nothing(client, zhang, role):
    client.force_login(staff("reader", role))
    assert client.get(box(zhang)).status_code == 403
    assert client.post(box(zhang), typed(text="x")).status_code == 403
    assert not Interaction.objects.exists()


def test_a_stranger_is_asked_to_sign_in(zhang):
    answer = Client().get(box(zhang))
    assert answer.status_code == 302
    assert "/login/" in answer.url


def test_nothing_is_logged_for_a_customer_in_the_bin_and_the_text_stays(client, zhang):
    steward = staff("steward", Role.DATA_STEWARD)
    bin_customers(actor=steward, customers=Customer.objects.all(), reason="twice")
    answer = client.post(box(zhang), typed(text="kept words"))
    assert "moved to the bin meanwhile" in answer.text
    assert "kept words" in answer.text
    assert not Interaction.objects.exists()


def test_the_service_refuses_the_bin_too(li, zhang):
    bin_customers(actor=li, customers=Customer.objects.all(), reason="twice")
    with somebody_acts(li), pytest.raises(NotPossible):
        log_interaction(actor=li, customer=zhang, text="x")


# Correcting --------------------------------------------------------------------------------------


def change(one: Interaction) -> str:
    return reverse("admin:customers_interaction_change", args=[one.pk])


def changed(one: Interaction, **values) -> dict[str, str]:
    happened = timezone.localtime(one.happened_at).strftime("%Y-%m-%dT%H:%M")
    mine = {"kind": one.kind, "direction": one.direction, "minutes": "", "text": "corrected"}
    return mine | {"happened_at": happened} | values


def test_its_author_corrects_an_entry_and_the_history_keeps_the_old_one(client, li, zhang):
    one = talk(li, zhang)
    before = Interaction.objects.get()
    assert "asked for a plan" in client.get(change(one)).text
    answer = client.post(change(one), changed(one))
    assert answer.status_code == 302
    assert answer.url == reverse("admin:customers_customer_change", args=[zhang.pk])
    one.refresh_from_db()
    assert one.text == "corrected"
    assert one.happened_at == before.happened_at, "the seconds nobody saw stay"
    assert one.history.count() == 2


def test_a_colleague_reads_it_and_changes_nothing(client, li, zhang):
    one = talk(li, zhang)
    client.force_login(staff("wang", Role.SALES))
    assert client.post(change(one), changed(one)).status_code == 403
    assert "_save" not in client.get(change(one)).text
    one.refresh_from_db()
    assert one.text == "asked for a plan"


def test_a_steward_corrects_what_its_author_left(client, li, zhang):
    one = talk(li, zhang)
    client.force_login(staff("steward", Role.DATA_STEWARD))
    assert client.post(change(one), changed(one)).status_code == 302


def test_the_service_changes_only_what_may_change(li, zhang):
    one = talk(li, zhang)
    with somebody_acts(li):
        assert change_interaction(actor=li, interaction=one, text="y").text == "y"
        with pytest.raises(TypeError):
            change_interaction(actor=li, interaction=one, staff=li)


def test_nobody_adds_an_entry_without_its_customer(client, li, zhang):
    assert client.get(reverse("admin:customers_interaction_add")).status_code == 403


def test_the_list_shows_mine_and_costs_few_queries(
    client, li, zhang, django_assert_max_num_queries
):
    other = staff("wang", Role.SALES)
    talk(other, person(family_name="Elsewhere"))
    for _n in range(3):
        talk(li, zhang)
    where = reverse("admin:customers_interaction_changelist")
    client.get(where)
    with django_assert_max_num_queries(8) as few:
        text = client.get(where).text
    cost = len(few)
    assert "Elsewhere" not in text
    assert "asked for a plan" not in text
    for n in range(20):
        talk(li, person(family_name=f"N{n}"))
    with django_assert_max_num_queries(cost):
        client.get(where)
    assert "Elsewhere" in client.get(where, {"whose": "all"}).text


def test_markup_in_a_text_is_text(client, li, zhang):
    talk(li, zhang, "<script>alert(1)</script>")
    page = client.get(reverse("admin:customers_interaction_timeline", args=[zhang.pk])).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_submission_made_by_us_is_a_uuid7(client, zhang):
    key = re.search(r'name="submission" value="([^"]+)"', client.get(box(zhang)).text).group(1)
    assert uuid7().version == 7
    assert key[14] == "7"
