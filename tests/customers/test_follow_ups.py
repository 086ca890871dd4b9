"""What is to be done: planned, done, postponed, handed on; my day; the list."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from customers import due
from customers.desk import badge, my_day, open_follow_ups
from customers.errors import NotPossible
from customers.interactions import (
    complete_follow_up,
    postpone_follow_up,
    reassign_follow_ups,
    reopen_follow_up,
)
from customers.models import Customer, FollowUp
from customers.services import bin_customers, restore_customers
from staff.models import Team
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.talking import in_hours, promise

pytestmark = pytest.mark.django_db
LIST = "admin:customers_followup_changelist"
WEDNESDAY = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def door(name: str, one) -> str:
    return reverse(f"admin:customers_followup_{name}", args=[one.pk])


def deactivate(member) -> None:
    member.is_active = False
    with somebody_acts():
        member.save()


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Na", last_name="Li")
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


@pytest.fixture
def elsewhere():
    """A sales rep of another team."""
    return staff("wang", Role.SALES, team=Team.objects.create(name="North"))


# When ----------------------------------------------------------------------------------------------


def test_the_usual_answers_to_when():
    wednesday = date(2026, 3, 4)
    assert due.day_of("today", today=wednesday) == wednesday
    assert due.day_of("tomorrow", today=wednesday) == date(2026, 3, 5)
    assert due.day_of("next_week", today=wednesday) == date(2026, 3, 9)
    assert due.day_of("next_week", today=date(2026, 3, 9)) == date(2026, 3, 16)
    assert due.day_of("pick", date(2026, 5, 1), wednesday) == date(2026, 5, 1)
    assert due.day_of("", None, wednesday) is None


@pytest.mark.parametrize(
    "day,hour,moment",
    [
        (date(2026, 3, 28), time(9, 0), datetime(2026, 3, 28, 8, 0, tzinfo=UTC)),
        (date(2026, 3, 29), time(9, 0), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),  # clocks went on
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first
    ],
)
def test_nine_in_the_morning_is_nine_on_the_wall_on_both_sides_of_a_change_of_clocks(
    day, hour, moment
):
    with override_settings(TIME_ZONE="Europe/Berlin"):
        timezone.get_default_timezone.cache_clear()
        assert due.at(day, hour) == moment
    timezone.get_default_timezone.cache_clear()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Shanghai"])
def test_a_whole_day_is_a_day_where_we_are(zone):
    with override_settings(TIME_ZONE=zone):
        timezone.get_default_timezone.cache_clear()
        moment = due.whole_day(date(2026, 3, 4))
        assert due.is_whole_day(moment)
        assert timezone.localdate(moment) == date(2026, 3, 4)
        noon = due.at(date(2026, 3, 4), time(12))
        assert due.in_words(moment, noon) == "today"
        assert due.in_words(due.at(date(2026, 3, 5), time(15)), noon) == "tomorrow 15:00"
    timezone.get_default_timezone.cache_clear()


# My day --------------------------------------------------------------------------------------------


def test_my_day_parts_what_is_overdue_due_today_and_due_this_week(li, zhang):
    for what, at in (
        ("last week", WEDNESDAY - timedelta(days=7)),
        ("an hour ago", WEDNESDAY - timedelta(hours=1)),
        ("this afternoon", WEDNESDAY + timedelta(hours=6)),
        ("any time today", due.whole_day(date(2026, 3, 4))),
        ("on Sunday", due.whole_day(date(2026, 3, 8))),
        ("on Monday", due.at(date(2026, 3, 9), time(0, 0))),
    ):
        promise(li, zhang, what, at)
    day = my_day(li, now=WEDNESDAY)
    assert [one.what for one in day.overdue.items] == ["last week", "an hour ago"]
    assert [one.what for one in day.today.items] == ["this afternoon", "any time today"]
    assert [one.what for one in day.this_week.items] == ["on Sunday"]
    assert (day.overdue.count, day.today.count, day.this_week.count, day.later) == (2, 2, 1, 1)
    assert open_follow_ups(li, now=WEDNESDAY) == 4
    assert badge(li) != ""


def test_on_a_sunday_the_week_is_over(li, zhang):
    sunday = datetime(2026, 3, 8, 9, 0, tzinfo=UTC)
    promise(li, zhang, "today", due.whole_day(date(2026, 3, 8)))
    promise(li, zhang, "tomorrow", due.whole_day(date(2026, 3, 9)))
    day = my_day(li, now=sunday)
    assert (day.today.count, day.this_week.count, day.later) == (1, 0, 1)


def test_an_empty_day_is_empty_and_has_no_badge(li):
    assert my_day(li).empty
    assert badge(li) == ""


def test_my_day_tells_whom_to_call_as_far_as_the_matrix_allows(li, zhang, elsewhere):
    promise(li, zhang, to=li)
    mine = my_day(li).today.items[0]
    assert mine.customer_name == "张伟"
    assert mine.phone_link == "tel:+8613812345678"
    promise(elsewhere, zhang, "help out", to=elsewhere)
    theirs = my_day(elsewhere).today.items[0]
    assert theirs.what == "help out"
    assert theirs.phone_link == ""
    assert "13812345678" not in theirs.phone


def test_my_day_costs_four_queries_however_much_there_is(li, django_assert_num_queries):
    for n in range(3):
        promise(
            li, person(family_name=f"N{n}", phone="+4930123456", owner=staff(f"o{n}", Role.SALES))
        )
    my_day(li)
    with django_assert_num_queries(2):
        my_day(li)
    for n in range(10):
        promise(li, person(family_name=f"M{n}"), due_at=timezone.now() - timedelta(days=n + 1))
    with django_assert_num_queries(3):
        assert my_day(li).overdue.more == 2


def test_ten_thousand_of_one_person_are_counted_and_a_few_shown(li, zhang):
    past = timezone.now() - timedelta(days=1)
    with somebody_acts(li):
        FollowUp.objects.audited_create(
            [
                FollowUp(customer=zhang, what="x", due_at=past, assigned_to=li)
                for _n in range(10_000)
            ],
            batch_size=500,
        )
    day = my_day(li)
    assert (day.overdue.count, len(day.overdue.items)) == (10_000, 8)
    assert badge(li) == "99+"


def test_a_customer_in_the_bin_takes_its_follow_ups_along_and_brings_them_back(client, li, zhang):
    one = promise(li, zhang)
    bin_customers(actor=li, customers=Customer.objects.all(), reason="twice")
    assert my_day(li).empty
    assert open_follow_ups(li) == 0
    assert "send the plan" not in client.get(reverse(LIST)).text
    assert client.post(door("done", one)).status_code in (403, 404)
    restore_customers(actor=li, customers=Customer.with_bin.all())
    assert my_day(li).today.count == 1
    one.refresh_from_db()
    assert one.done_at is None


# Done, open again, later ---------------------------------------------------------------------------


def test_a_click_ticks_it_off_and_leads_back(client, li, zhang):
    one = promise(li, zhang)
    home = reverse("admin:index")
    answer = client.post(door("done", one), {"next": home})
    assert (answer.status_code, answer.url) == (302, home)
    one.refresh_from_db()
    assert one.done_at is not None
    assert one.done_by == li
    first = one.done_at
    again = client.post(door("done", one), {"next": home}, follow=True)
    assert "This was done already." in again.text
    one.refresh_from_db()
    assert one.done_at == first


@pytest.mark.parametrize(
    "elsewhere_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_led_to_another_site(client, li, zhang, elsewhere_url):
    answer = client.post(door("done", promise(li, zhang)), {"next": elsewhere_url})
    assert answer.url == reverse("admin:customers_customer_change", args=[zhang.pk])


def test_back_is_the_list_with_its_filters(client, li, zhang):
    where = reverse(LIST) + "?due=overdue"
    answer = client.post(
        door("done", promise(li, zhang)), {"next": "back"}, HTTP_REFERER=f"http://testserver{where}"
    )
    assert answer.url == where
    other = client.post(
        door("reopen", FollowUp.objects.get()),
        {"next": "back"},
        HTTP_REFERER="http://evil.example/x",
    )
    assert "evil" not in other.url


def test_a_link_ticks_nothing_off(client, li, zhang):
    one = promise(li, zhang)
    for name in ("done", "reopen", "postpone"):
        assert client.get(door(name, one)).status_code == 405
    one.refresh_from_db()
    assert one.done_at is None


def test_what_was_not_done_after_all_is_opened_again(client, li, zhang):
    one = promise(li, zhang)
    client.post(door("done", one))
    client.post(door("reopen", one))
    one.refresh_from_db()
    assert (one.done_at, one.done_by) == (None, None)
    assert [row.done_at is None for row in one.history.all()] == [True, False, True]


def test_postponing_by_a_button(client, li, zhang):
    one = promise(li, zhang)
    client.post(door("postpone", one), {"when": "tomorrow"})
    one.refresh_from_db()
    assert timezone.localdate(one.due_at) == timezone.localdate() + timedelta(days=1)
    assert (
        "Say until when" in client.post(door("postpone", one), {"when": "pick"}, follow=True).text
    )


def test_what_is_done_is_not_postponed(li, zhang):
    one = promise(li, zhang)
    with somebody_acts(li):
        complete_follow_up(actor=li, follow_up=one)
        with pytest.raises(NotPossible):
            postpone_follow_up(actor=li, follow_up=one, due_at=in_hours(1))
        assert reopen_follow_up(actor=li, follow_up=one)
        assert not reopen_follow_up(actor=li, follow_up=one)


def test_a_time_that_is_past_is_taken_with_a_warning(client, li, zhang):
    plan = reverse("admin:customers_followup_plan", args=[zhang.pk])
    form = {
        "submission": "01890000-0000-7000-8000-000000000001",
        "what": "too late",
        "when": "pick",
        "day": "2020-01-01",
    }
    answer = client.post(plan, form, follow=True)
    assert "past already" in answer.text
    assert FollowUp.objects.get().overdue
    assert "planned already" in client.post(plan, form, follow=True).text
    assert FollowUp.objects.count() == 1


def test_a_plan_without_its_answers_says_which(client, li, zhang):
    plan = reverse("admin:customers_followup_plan", args=[zhang.pk])
    answer = client.post(
        plan, {"submission": "01890000-0000-7000-8000-000000000001", "what": "kept"}
    )
    assert "Say when" in answer.text
    assert "kept" in answer.text


# Handing on ----------------------------------------------------------------------------------------


def test_handing_on_takes_what_is_open_and_leaves_what_is_done(li, zhang, elsewhere):
    first, second = promise(li, zhang), promise(li, zhang)
    with somebody_acts(li):
        complete_follow_up(actor=li, follow_up=second)
        assert reassign_follow_ups(actor=li, follow_ups=[first, second], to=elsewhere) == 1
    assert my_day(elsewhere).today.count == 1
    assert my_day(li).empty


def test_nobody_who_left_is_given_work_and_theirs_is_found(client, li, zhang, elsewhere):
    promise(li, zhang, to=elsewhere)
    deactivate(elsewhere)
    with somebody_acts(li), pytest.raises(NotPossible):
        reassign_follow_ups(actor=li, follow_ups=[promise(li, zhang)], to=elsewhere)
    assert "张伟" in client.get(reverse(LIST), {"who": "left"}).text
    page = client.get(reverse("admin:customers_interaction_log", args=[zhang.pk])).text
    assert str(elsewhere.pk) not in page


# Who may -------------------------------------------------------------------------------------------


def test_a_colleague_of_another_team_ticks_off_nothing_of_mine(client, li, zhang, elsewhere):
    one = promise(li, zhang)
    client.force_login(elsewhere)
    mates = Team.objects.create(name="South")
    li.team = mates
    with somebody_acts():
        li.save()
    assert client.post(door("done", one)).status_code == 403
    assert client.post(door("postpone", one), {"when": "tomorrow"}).status_code == 403
    one.refresh_from_db()
    assert one.done_at is None


def test_who_only_reads_ticks_off_nothing(client, li, zhang):
    one = promise(li, zhang)
    client.force_login(staff("reader", Role.READ_ONLY))
    assert client.post(door("done", one)).status_code == 403
    page = client.get(door("change", one)).text
    assert "send the plan" not in page
    assert "_save" not in page


def test_the_form_of_one_changes_it(client, li, zhang):
    one = promise(li, zhang)
    page = client.get(door("change", one)).text
    assert "send the plan" in page
    values = {
        "what": "send two plans",
        "due_at_day": "2031-02-03",
        "due_at_hour": "",
        "assigned_to": str(li.pk),
    }
    answer = client.post(door("change", one), values)
    assert answer.status_code == 302, answer.text
    one.refresh_from_db()
    assert one.what == "send two plans"
    assert one.due_at == due.whole_day(date(2031, 2, 3))


def test_two_who_change_one_lose_nothing(client, li, zhang):
    one = promise(li, zhang)
    seen = client.get(door("change", one)).context["seen_version"]
    with somebody_acts(li):
        postpone_follow_up(actor=li, follow_up=one, due_at=due.whole_day(date(2032, 1, 1)))
    old = timezone.localdate(one.due_at).isoformat()
    values = {
        "what": "reworded", "due_at_day": old, "due_at_hour": "", "assigned_to": str(li.pk),
        "_seen_version": str(seen),
    }  # fmt: skip
    client.post(door("change", one), values)
    one.refresh_from_db()
    assert one.what == "reworded"
    assert one.due_at == due.whole_day(date(2032, 1, 1))


def test_the_list_shows_mine_that_are_open_and_costs_few_queries(
    client, li, zhang, elsewhere, django_assert_max_num_queries
):
    promise(li, zhang, "mine")
    promise(li, zhang, "of wang", to=elsewhere)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(9) as few:
        text = client.get(reverse(LIST)).text
    cost = len(few)
    assert "mine" in text
    assert "of wang" not in text
    everybody = client.get(reverse(LIST), {"who": "all"}).text
    assert "of wang" not in everybody, "what colleagues have to do is masked in a list"
    for n in range(15):
        promise(li, person(family_name=f"N{n}", owner=staff(f"o{n}", Role.SALES)))
    with django_assert_max_num_queries(cost):
        client.get(reverse(LIST))


def test_many_are_ticked_off_at_once(client, li, zhang):
    ones = [promise(li, zhang) for _n in range(3)]
    ticked = {"action": "complete", "_selected_action": [str(one.pk) for one in ones]}
    answer = client.post(reverse(LIST), ticked, follow=True)
    assert "3 follow-ups done." in answer.text
    assert my_day(li).empty


def test_the_links_of_my_day_lead_to_lists_that_exist(client, li, zhang):
    promise(li, zhang, due_at=timezone.now() - timedelta(days=1))
    for part in ("overdue", "today", "this_week"):
        url = getattr(my_day(li), part).url
        assert parse_qs(urlsplit(url).query) == {"due": [part]}
        assert client.get(url).status_code == 200
