"""One line of time for everything about a customer."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from customers.interactions import complete_follow_up, postpone_follow_up
from customers.models import (
    Address,
    BulkChange,
    ContactPoint,
    Customer,
    FollowUp,
    ImportRow,
    Interaction,
    SavedView,
)
from customers.services import bin_customers, restore_customers
from customers.timeline import TimelineLine, timeline_of
from customers.timeline.entries import Place
from customers.timeline.imports import first_key_after, time_of_key
from staff.models import Team
from staff.roles import Role
from tests.customers.importing import import_file, write_csv
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.talking import promise, talk

pytestmark = pytest.mark.django_db


def url(customer: Customer) -> str:
    return reverse("admin:customers_interaction_timeline", args=[customer.pk])


def titles(customer, user, **options) -> list[str]:
    return [entry.title for entry in timeline_of(customer, user, **options).entries]


def every_entry(customer, user, **options) -> list:
    found, before = [], None
    while True:
        page = timeline_of(customer, user, before=before, **options)
        found += page.entries
        before = page.next_before
        if not before:
            return found


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Na", last_name="Li")
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


def save(obj, actor=None, **values):
    for name, value in values.items():
        setattr(obj, name, value)
    with somebody_acts(actor):
        obj.save()
    return obj


def test_everything_stands_in_one_line_newest_first(li, zhang):
    save(zhang, li, city="上海")
    point = save(ContactPoint(customer=zhang, kind="email", value="wei@example.com"), li)
    save(Address(customer=zhang, city="Bern", country="CH"), li)
    talk(li, zhang, "annual plan", minutes=4, direction="in")
    one = promise(li, zhang)
    with somebody_acts(li):
        postpone_follow_up(actor=li, follow_up=one, due_at=one.due_at + timedelta(days=3))
        complete_follow_up(actor=li, follow_up=one)
        point.delete()
    bin_customers(actor=li, customers=Customer.objects.all(), reason="twice")
    restore_customers(actor=li, customers=Customer.with_bin.all())
    zhang = Customer.objects.get()
    told = titles(zhang, li)
    assert told[0] == "Brought back from the bin"
    assert told[1] == "Moved to the bin"
    assert told[2] == "Contact point removed"
    assert told[3] == "Follow-up done"
    assert told[4].startswith("Follow-up postponed to")
    assert told[5].startswith("Follow-up planned for Li Na") or told[5].startswith(
        "Follow-up planned"
    )
    assert told[6] == "Call from the customer, 4 min"
    assert told[7:] == ["Further address added", "Contact point added", "City changed", "Created"]
    entries = timeline_of(zhang, li).entries
    assert entries[1].why == "twice"
    assert entries[9].changes[0].before == "杭州"
    assert entries[6].text == "annual plan"


def test_what_is_protected_is_shown_by_the_matrix_and_masked_in_changes(li, zhang):
    talk(li, zhang, "secret words")
    promise(li, zhang, "secret task")
    save(zhang, li, phone="+8613900000001", notes="secret note")
    text = str(timeline_of(zhang, li).entries)
    assert "secret words" in text
    assert "secret task" in text
    assert "13900000001" not in text
    assert "secret note" not in text
    for role in (Role.READ_ONLY, Role.MARKETING, Role.AUDITOR):
        seen = str(timeline_of(zhang, staff(role.value, role)).entries)
        assert "secret" not in seen
        assert "••••" in seen


def test_a_rep_of_another_team_reads_that_we_talked_and_not_what(li, zhang):
    li.team = Team.objects.create(name="South")
    with somebody_acts():
        li.save()
    talk(li, zhang, "secret words")
    wang = staff("wang", Role.SALES, team=Team.objects.create(name="North"))
    entries = timeline_of(Customer.objects.get(), wang).entries
    assert entries[0].title == "Call to the customer"
    assert entries[0].text == "••••"


def test_pages_follow_each_other_without_gap_or_repetition(li, zhang):
    moment = timezone.now() - timedelta(days=1)
    for n in range(25):  # many at the very same time
        talk(li, zhang, str(n), happened_at=moment)
    for n in range(15):
        save(zhang, li, city=f"City {n}")
        promise(li, zhang)
    whole = timeline_of(zhang, li, limit=500).entries
    assert len(whole) == 25 + 15 + 15 + 1
    for limit in (1, 7, 20):
        paged = every_entry(zhang, li, limit=limit)
        assert [entry.key for entry in paged] == [entry.key for entry in whole]


def test_a_page_costs_the_same_for_few_and_for_many(client, li, zhang, tmp_path):
    row = {"email": "zhang.wei@example.com", "city": "Rome"}
    import_file(write_csv(tmp_path / "a.csv", row), "--on-duplicate", "update")

    def fill(times):
        for n in range(times):
            talk(li, zhang)
            promise(li, zhang, to=staff(f"s{n}-{times}", Role.SALES))
            save(zhang, li, city=f"{n} {times}", owner=li if n % 2 else None)
            save(ContactPoint(customer=zhang, kind="email", value=f"a{n}x{times}@example.com"), li)
            save(Address(customer=zhang, city=f"{n}"), li)

    fill(1)
    client.get(url(zhang))
    with CaptureQueriesContext(connection) as few:
        client.get(url(zhang))
    cost = len(few)
    fill(12)
    with CaptureQueriesContext(connection) as many:
        client.get(url(zhang))
    assert len(many) <= cost
    assert cost <= 30


def test_five_thousand_steps_are_paged_as_fast_as_ten(client, li, zhang):
    history = Customer.history.model
    newest = history.objects.filter(id=zhang.pk).get()
    plain = connection.vendor == "sqlite"
    columns = [field.column for field in history._meta.concrete_fields]
    own = ("history_id", "history_date", "city")
    names = ", ".join([*own, *(f'"{name}"' for name in columns if name not in own)])
    kept = ", ".join(f'"{name}"' for name in columns if name not in own)
    steps = [(uuid7(), newest.history_date + timedelta(seconds=n + 1), n) for n in range(5000)]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO customers_historicalcustomer ({names}) SELECT %s, %s, %s, {kept}"
            " FROM customers_historicalcustomer WHERE history_id = %s",
            [
                (key.hex, f"{at:%F %T.%f}", f"City {n}", newest.pk.hex)
                if plain
                else (key, at, f"City {n}", newest.pk)
                for key, at, n in steps
            ],
        )
    assert len(timeline_of(zhang, li).entries) == 20
    deep = Place(newest.history_date + timedelta(seconds=100), uuid7())
    # Of the processor: a busy machine takes nothing from it.
    began = time.process_time()
    old = timeline_of(zhang, li, before=str(deep))
    assert time.process_time() - began < 1
    assert len(old.entries) == 20
    assert all(entry.when <= deep.when for entry in old.entries)


def test_the_kinds_narrow_it(client, li, zhang):
    talk(li, zhang)
    promise(li, zhang)
    assert titles(zhang, li, kind="talk") == ["Call to the customer"]
    assert titles(zhang, li, kind="change") == ["Created"]
    assert len(titles(zhang, li, kind="follow_up")) == 1
    assert titles(zhang, li, kind="import") == []
    assert len(titles(zhang, li, kind="<junk>")) == 3
    assert "Nothing of this kind yet." in client.get(url(zhang), {"kind": "import"}).text


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "x",
        "1.",
        ".1",
        "99999999999999999999.0" * 3,
        "1.zz",
        "-1.00",
        "٣.00",
        "1" * 17 + "." + "0" * 32,
        "9" * 17 + "." + "0" * 32,
    ],
)
def test_a_link_that_was_tampered_with_breaks_nothing(client, li, zhang, junk):
    assert client.get(url(zhang), {"before": junk}).status_code == 200


def test_imports_that_touched_it_are_named_with_their_row(client, li, zhang, tmp_path):
    steward = staff("steward", Role.DATA_STEWARD)
    row = {"email": "zhang.wei@example.com", "first_name": "伟", "last_name": "张", "city": "Rome"}
    first = write_csv(tmp_path / "first.csv", {"email": "e@example.com", "city": "Oslo"}, row)
    import_file(first, "--on-duplicate", "update")
    again = write_csv(tmp_path / "again.csv", row | {"gender": "male"}, row)
    import_file(again, "--on-duplicate", "update")
    zhang.refresh_from_db()
    assert zhang.city == "Rome"
    entries = timeline_of(zhang, steward, kind="import").entries
    links = [link for entry in entries for link in entry.links]
    assert "import #1, row 2" in [link.label for link in links]
    assert all("/importbatch/" in link.url for link in links if "import" in link.label)
    assert all(
        not link.url
        for entry in timeline_of(zhang, li, kind="import").entries
        for link in entry.links
    ), "sales may not open imports: the name stands there alone"
    if ImportRow.objects.filter(
        outcome__in=("unchanged", "repeated"), customer_key=zhang.pk
    ).exists():
        assert "Seen again, nothing new" in [entry.title for entry in entries]


def test_a_bulk_change_is_linked(li, zhang):
    change = BulkChange.objects.create(number=4, action="set_stage", started_by=li)
    from audit.context import acting

    zhang.stage = "prospect"
    with acting(actor=li, door="task", request_id=change.pk):
        zhang.save()
    entry = timeline_of(zhang, li).entries[0]
    assert entry.title == "Stage changed"
    assert entry.links[0].label == "bulk change #4"


def test_a_model_of_a_later_app_stands_on_it_once_it_says_how(li, zhang, monkeypatch):
    """Any model with a foreign key to the customer; here one that has a key and no line yet."""
    line = TimelineLine(when="created_at", title=lambda row: f"Address in {row.city}", icon="home")
    monkeypatch.setattr(Address, "timeline", line, raising=False)
    save(Address(customer=zhang, city="Bern"), li)
    assert "Address in Bern" in titles(zhang, li, kind="customers.address")
    assert "Address in Bern" in titles(zhang, li)
    assert not hasattr(SavedView, "timeline")


def test_who_may_not_view_the_attached_model_does_not_see_it(li, zhang, monkeypatch):
    monkeypatch.setattr(ImportRow, "timeline", TimelineLine(when="decided_at"), raising=False)
    assert titles(zhang, li) == ["Created"]


def test_only_an_author_or_a_steward_is_offered_a_change(li, zhang):
    talk(li, zhang)
    promise(li, zhang)
    assert all(entry.links for entry in timeline_of(zhang, li).entries[:2])
    assert timeline_of(zhang, staff("steward", Role.DATA_STEWARD)).entries[1].links
    other = timeline_of(zhang, staff("wang", Role.READ_ONLY)).entries
    assert not other[1].links
    assert not other[0].done_url


def test_the_page_needs_no_script_and_a_script_gets_the_fragment(client, li, zhang):
    for n in range(30):
        talk(li, zhang, str(n))
    page = client.get(url(zhang))
    older = page.context["timeline"].next_before
    assert older in page.text
    second = client.get(url(zhang), {"before": older}, HTTP_X_REQUESTED_WITH="fetch")
    assert "<html" not in second.text
    assert "data-desk-timeline" in second.text
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]


def test_who_may_not_see_the_customer_sees_no_timeline(client, zhang):
    nobody = staff("nobody", Role.READ_ONLY)
    nobody.groups.clear()
    client.force_login(nobody)
    assert client.get(url(zhang)).status_code == 403


def test_a_future_or_ancient_time_breaks_no_heading(li, zhang):
    talk(li, zhang, happened_at=datetime(1901, 1, 1, tzinfo=UTC))
    page = timeline_of(zhang, li)
    assert next(words for _day, words, _entries in page.days) == "Today"
    assert sum(len(entries) for _day, _words, entries in page.days) == 2


def test_the_time_in_a_key_is_the_time_it_was_made():
    before = timezone.now() - timedelta(milliseconds=2)
    key = uuid7()
    assert before <= time_of_key(key) <= timezone.now()
    assert first_key_after(timezone.now()) > key


def test_an_unopenable_text_spoils_nothing_but_itself(li, zhang):
    one = talk(li, zhang)
    with connection.cursor() as cursor:
        cursor.execute("SELECT what FROM customers_followup")
        cursor.execute("UPDATE customers_interaction SET text = %s", ["broken"])
    assert Interaction.objects.count() == 1
    entry = timeline_of(zhang, li).entries[0]
    assert entry.key == one.pk
    assert "cannot be opened" in entry.text
    assert json.dumps(entry.title)
    assert not FollowUp.objects.exists()
