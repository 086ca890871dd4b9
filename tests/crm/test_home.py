"""The home page: whoever opens it sees what they can act on, and what it says is so."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from customers import tallies
from customers.models import Customer, FollowUp, Interaction, RecentlySeen, Source, Tally
from customers.selection import Selection
from staff.roles import Role
from tests.customers.people import organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")
LIST = reverse("admin:customers_customer_changelist")


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


def sign_in(client, role):
    member = staff(role.value, role)
    client.force_login(member)
    return member


def headings(response) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r"<h2[^>]*>(.*?)</h2>", response.text)]


def talk(customer, who, days_ago):
    with somebody_acts():
        Interaction(
            customer=customer, staff=who, happened_at=timezone.now() - timedelta(days=days_ago)
        ).save()


def to_do(customer, who, when, what="Call back"):
    with somebody_acts():
        made = FollowUp(customer=customer, assigned_to=who, what=what, due_at=when)
        made.save()
    return made


def test_a_sales_rep_sees_their_day_their_customers_and_what_they_can_do_about_them(client, li):
    customer = person(owner=li)
    to_do(customer, li, timezone.now() - timedelta(days=1))
    page = client.get(HOME)
    assert "My day" in headings(page)
    assert "Overdue" in page.text
    assert "Call back" in page.text
    assert "Recent imports" not in page.text
    assert "Backups" not in page.text
    assert f"{LIST}?owner=me&amp;stage__exact=lead" in page.text


def test_what_is_ticked_off_on_the_home_page_is_done_and_leads_back_there(client, li):
    made = to_do(person(owner=li), li, timezone.now() - timedelta(hours=1))
    url = re.search(r'<form method="post" action="(/[^"]*done[^"]*)"', client.get(HOME).text)[1]
    response = client.post(url, {"next": HOME})
    assert response.url == HOME
    made.refresh_from_db()
    assert made.done_at
    assert "Call back" not in client.get(HOME).text


def test_what_is_due_for_somebody_else_is_not_my_day(client, li):
    to_do(person(), staff("wang", Role.SALES), timezone.now() - timedelta(days=1), "Not mine")
    assert "Not mine" not in client.get(HOME).text


def test_whom_i_saw_lately_is_one_click_away_and_the_bin_is_not(client, li):
    seen, gone = person(given_name="Seen"), person(given_name="Gone")
    for customer in (seen, gone):
        RecentlySeen.objects.create(user=li, customer=customer)
    with somebody_acts():
        Customer.objects.filter(pk=gone.pk).audited_set(binned_at=timezone.now())
    page = client.get(HOME)
    assert "Recently seen" in headings(page)
    assert "Seen Müller" in page.text
    assert "Gone Müller" not in page.text


@pytest.mark.parametrize(
    ("role", "there", "not_there"),
    [
        (Role.SALES, {"My day", "My customers"}, {"Backups", "Exports this week", "Needs me"}),
        (Role.SERVICE, {"My day", "My customers"}, {"Backups", "Background work"}),
        (
            Role.DATA_STEWARD,
            {"Needs me", "Recent imports", "Customers by source", "Customers by owner"},
            {"My day", "Backups"},
        ),
        (Role.MARKETING, {"Customers by stage"}, {"My day", "Needs me", "Recent imports"}),
        (Role.READ_ONLY, {"Customers by stage"}, {"My day", "Needs me", "Recent imports"}),
        (Role.AUDITOR, {"Recent imports"}, {"My day", "Needs me", "Customers by stage"}),
        (Role.ADMINISTRATOR, {"Backups", "Needs me", "Customers by stage"}, {"My day"}),
        (Role.PRIVACY_OFFICER, {"Recent imports"}, {"My day", "Needs me", "Backups"}),
    ],
)
def test_each_role_has_what_it_can_act_on_and_nothing_else(client, role, there, not_there):
    person()
    sign_in(client, role)
    shown = set(headings(client.get(HOME)))
    assert there <= shown
    assert not not_there & shown


@pytest.mark.parametrize("role", list(Role))
def test_every_link_on_a_home_page_opens_for_its_reader(client, role):
    member = sign_in(client, role)
    source = Source(name="Web shop")
    with somebody_acts():
        source.save()
    customer = person(owner=member, source=source)
    talk(customer, member, 3)
    RecentlySeen.objects.create(user=member, customer=customer)
    if role in (Role.SALES, Role.SERVICE):
        to_do(customer, member, timezone.now())
    page = client.get(HOME)
    content = page.text[page.text.index('id="content"') :]
    links = set(re.findall(r'href="(/[^"#]*)"', content)) - {HOME}
    assert links
    for link in links:
        response = client.get(link.replace("&amp;", "&"))
        assert response.status_code == 200, link


def test_every_bar_leads_to_exactly_the_customers_it_counts(client):
    steward = sign_in(client, Role.DATA_STEWARD)
    source = Source(name="Web shop")
    with somebody_acts():
        source.save()
    li = staff("li", Role.SALES)
    for days in (1, 10, 50, 200):
        talk(person(owner=li, source=source, stage="prospect"), li, days)
    person()
    organisation()
    plots = client.get(HOME).context["plots"]
    assert {plot.name for plot in plots} == {"week", "stage", "owner", "source", "last_contact"}
    for plot in plots:
        assert plot.total == 6, plot.name
        for bar in plot.bars:
            parameters = dict(pair.split("=") for pair in bar.link.split("?")[1].split("&"))
            found = Selection.of_filters(parameters, steward).count()
            assert found == bar.count, (plot.name, bar)


def test_a_reps_own_plots_count_their_own(client, li):
    talk(person(owner=li), li, 10)
    person(owner=li)
    person()
    plots = {plot.name: plot for plot in client.get(HOME).context["plots"]}
    assert plots["stage"].total == plots["last_contact"].total == 2
    assert plots["week"].total == 3


def test_the_bin_is_counted_nowhere(client):
    sign_in(client, Role.DATA_STEWARD)
    customer = person()
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at=timezone.now())
    assert [plot.total for plot in client.get(HOME).context["plots"]] == [0] * 5


def test_weeks_begin_on_monday_and_this_one_is_the_last():
    mondays = tallies.weeks()
    assert len(mondays) == 12
    assert {day.weekday() for day in mondays} == {0}
    assert mondays[-1] <= timezone.localdate() < mondays[-1] + timedelta(days=7)


def test_very_many_are_not_counted_while_somebody_waits(client, monkeypatch):
    sign_in(client, Role.DATA_STEWARD)
    person()
    monkeypatch.setattr(tallies, "FEW", 0)
    page = client.get(HOME)
    assert "Being counted for the first time" in page.text
    assert tallies.refresh_tallies() == 4
    Tally.objects.update(made_at=timezone.now() - timedelta(minutes=5))
    person()
    page = client.get(HOME)
    assert "As of" in page.text
    assert "5\xa0minutes ago" in page.text
    assert {plot.total for plot in page.context["plots"]} == {1}


def test_counts_that_are_kept_are_forgotten_once_nobody_needs_them():
    Tally.objects.create(name="stage", rows=[["", "lead", 7]])
    assert tallies.refresh_tallies() == 0
    assert not Tally.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_a_home_page_asks_as_often_for_many_as_for_few(client, role, django_assert_max_num_queries):
    member = sign_in(client, role)

    def work(how_many):
        for number in range(how_many):
            customer = person(owner=member, given_name=f"Anna{number}")
            talk(customer, member, number)
            to_do(customer, member, timezone.now() - timedelta(minutes=1))
            to_do(customer, member, timezone.now() + timedelta(minutes=1))
            RecentlySeen.objects.create(user=member, customer=customer)

    work(2)
    client.get(HOME)
    with django_assert_max_num_queries(60) as few:
        client.get(HOME)
    work(10)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(HOME)


BASELINE = {
    Role.ADMINISTRATOR: 25,
    Role.DATA_STEWARD: 22,
    Role.SALES: 13,
    Role.MARKETING: 13,
    Role.SERVICE: 13,
    Role.PRIVACY_OFFICER: 10,
    Role.AUDITOR: 13,
    Role.READ_ONLY: 13,
}


@pytest.mark.parametrize("role", list(Role))
def test_a_home_page_costs_no_more_queries_than_its_baseline(
    client, role, django_assert_max_num_queries
):
    person(owner=sign_in(client, role))
    client.get(HOME)
    with django_assert_max_num_queries(BASELINE[role]):
        client.get(HOME)


def test_markup_in_a_name_stays_text(client, li):
    customer = person(given_name="<script>alert(1)</script>", owner=li)
    RecentlySeen.objects.create(user=li, customer=customer)
    to_do(customer, li, timezone.now(), "<b>bold</b>")
    page = client.get(HOME).text
    assert "<script>alert" not in page
    assert "<b>bold" not in page


def test_the_sidebar_counts_what_is_due_for_its_reader(client, li):
    customer = person(owner=li)
    to_do(customer, li, timezone.now() - timedelta(days=1))
    to_do(customer, staff("wang", Role.SALES), timezone.now() - timedelta(days=1))
    page = client.get(LIST)
    items = {
        str(item["title"]): item
        for group in page.context["sidebar_navigation"]
        for item in group["items"]
    }
    assert items["Follow-ups"]["badge"] == "1"
    assert "badge" not in items["Customers"]


def test_a_page_asks_once_for_its_sidebar(client, li, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as queries:
        client.get(HOME)
    badges = [q["sql"] for q in queries.captured_queries if "customers_followup" in q["sql"]]
    assert len([sql for sql in badges if "LIMIT 100" in sql]) == 1


def test_the_sidebar_shows_nothing_that_does_not_open(client):
    sign_in(client, Role.READ_ONLY)
    page = client.get(HOME)
    for group in page.context["sidebar_navigation"]:
        for item in group["items"]:
            assert client.get(str(item["link"])).status_code == 200, item["link"]


def test_the_themes_own_search_is_closed_and_its_palette_not_on_the_page(client, li):
    response = client.get("/search/", {"s": "zhang.wei@example.com", "extended": "1"})
    assert response.status_code == 302
    assert response.url == HOME
    page = client.get(HOME).text
    assert "searchCommand" not in page
    assert 'id="find-dialog"' in page


def test_what_is_as_of_now_needs_no_table(client):
    sign_in(client, Role.READ_ONLY)
    person()
    client.get(HOME)
    assert not Tally.objects.exists()
    assert connection.vendor in ("sqlite", "postgresql")
