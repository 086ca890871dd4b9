"""The calendar link: what it shows, to whom, and what it never leaves behind."""

import logging
import re
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from gunicorn.config import Config
from icalendar import Calendar

from crm.logs import Line, WithoutSecrets
from customers import calendar, due
from customers.calendar import calendar_of, digest, make_link, reader_of, switch_off
from customers.interactions import complete_follow_up
from customers.models import CalendarFeed, Customer
from customers.services import bin_customers, restore_customers
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.talking import promise

pytestmark = pytest.mark.django_db
PAGE = "admin:customers_followup_calendar"


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES, first_name="Na", last_name="Li")
    client.force_login(member)
    return member


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


def address(secret: str) -> str:
    return reverse("calendar_feed", args=[secret])


def read(secret: str, **headers):
    return Client().get(address(secret), **headers)


def events(secret: str) -> list:
    answer = read(secret)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def link_on(page) -> str:
    return re.search(r'value="http://testserver/calendar/([^"]+)\.ics"', page.text).group(1)


# What it shows -------------------------------------------------------------------------------------


def test_a_calendar_program_reads_what_is_open(li, zhang):
    day = timezone.localdate() + timedelta(days=3)
    promise(li, zhang, due_at=due.at(day, time(15, 0)))
    promise(li, zhang, due_at=due.whole_day(day))
    timed, whole = events(make_link(actor=li))
    assert timed["DTSTART"].dt == due.at(day, time(15, 0))
    assert timed["DTSTART"].dt.utcoffset() == timedelta(0)
    assert timed["SUMMARY"] == f"Follow-up {zhang.number}"
    assert timed["URL"].endswith(reverse("admin:customers_customer_change", args=[zhang.pk]))
    assert timed["UID"] != whole["UID"]
    assert whole["DTSTART"].dt == day
    assert whole["DTEND"].dt == day + timedelta(days=1)


def test_the_text_is_as_rfc_5545_wants_it(li, zhang):
    promise(li, zhang)
    content = read(make_link(actor=li)).content
    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    parsed = Calendar.from_ical(content)
    assert parsed["VERSION"] == "2.0"
    assert parsed["PRODID"]
    for event in parsed.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event)
    assert parsed.to_ical() == content


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Asia/Shanghai", "Pacific/Kiritimati", "America/St_Johns"]
)
def test_a_whole_day_is_the_day_of_the_house_and_a_time_is_a_moment(li, zhang, zone):
    with override_settings(TIME_ZONE=zone):
        timezone.get_default_timezone.cache_clear()
        promise(li, zhang, due_at=due.whole_day(date(2026, 3, 29)))
        promise(li, zhang, due_at=due.at(date(2026, 3, 29), time(9, 0)))
        content = calendar_of(li, address="https://x", now=due.at(date(2026, 3, 1), time(9)))
        timed, whole = Calendar.from_ical(content).walk("VEVENT")
        assert whole["DTSTART"].dt == date(2026, 3, 29)
        assert timed["DTSTART"].dt.astimezone(timezone.get_default_timezone()).hour == 9
    timezone.get_default_timezone.cache_clear()


def test_nothing_protected_and_no_name_leaves_the_house(li, zhang):
    promise(li, zhang, "discuss the diagnosis")
    text = read(make_link(actor=li)).text
    for word in ("diagnosis", "张", "伟", "zhang", "138", "杭州"):
        assert word not in text


def test_what_is_done_vanishes_and_so_does_a_customer_in_the_bin(li, zhang):
    secret = make_link(actor=li)
    one = promise(li, zhang)
    with somebody_acts(li):
        complete_follow_up(actor=li, follow_up=one)
    assert events(secret) == []
    promise(li, zhang)
    bin_customers(actor=li, customers=Customer.objects.all(), reason="twice")
    assert events(secret) == []
    restore_customers(actor=li, customers=Customer.with_bin.all())
    assert len(events(secret)) == 1


def test_only_my_own(li, zhang):
    promise(li, zhang, to=staff("wang", Role.SALES))
    assert events(make_link(actor=li)) == []


def test_ten_thousand_make_no_endless_calendar_and_the_nearest_are_in_it(li, zhang, monkeypatch):
    monkeypatch.setattr(calendar, "AT_MOST", 5)
    now = timezone.now()
    for n in range(1, 9):
        promise(li, zhang, due_at=now + timedelta(days=n))
        promise(li, zhang, due_at=now - timedelta(days=n))
    promise(li, zhang, due_at=now - timedelta(days=400))
    starts = [event["DTSTART"].dt for event in events(make_link(actor=li))]
    assert len(starts) == 10
    assert all(abs(start - now) < timedelta(days=6) for start in starts)


def test_a_reading_costs_few_queries(li, zhang, django_assert_max_num_queries):
    secret = make_link(actor=li)
    for n in range(20):
        promise(li, person(family_name=f"N{n}"))
    read(secret)
    with django_assert_max_num_queries(8):
        read(secret)


# Who reads it --------------------------------------------------------------------------------------


def as_seen(answer) -> tuple:
    kept = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status_code, answer.content, kept


def test_a_wrong_link_and_one_of_somebody_who_left_look_alike(li, zhang):
    wrong = as_seen(read("x" * 43))
    assert wrong[0] == 404
    secret = make_link(actor=li)
    assert read(secret).status_code == 200
    li.is_active = False
    with somebody_acts():
        li.save()
    assert as_seen(read(secret)) == wrong
    li.is_active, li.must_change_password = True, True
    with somebody_acts():
        li.save()
    assert as_seen(read(secret)) == wrong
    li.must_change_password = False
    with somebody_acts():
        li.save()
    li.groups.clear()
    assert as_seen(read(secret)) == wrong


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "a",
        "x" * 5000,
        "%00",
        "../../x",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_junk_is_not_found(junk):
    assert Client().get(f"/calendar/{junk}.ics").status_code in (302, 404)


def test_nobody_posts_to_it(li):
    assert Client().post(address(make_link(actor=li))).status_code == 405


def test_the_database_knows_a_digest_alone(li):
    secret = make_link(actor=li)
    feed = CalendarFeed.objects.get()
    assert bytes(feed.digest) == digest(secret)
    assert len(secret) >= 43
    assert secret.encode() not in bytes(feed.digest)
    assert reader_of(secret).user == li
    assert reader_of(secret[:-1]) is None


def test_a_new_link_ends_the_old_one_and_switching_off_ends_all(li):
    old = make_link(actor=li)
    new = make_link(actor=li)
    assert read(old).status_code == 404
    assert read(new).status_code == 200
    assert switch_off(actor=li)
    assert not switch_off(actor=li)
    assert read(new).status_code == 404


# On the way ----------------------------------------------------------------------------------------


def test_it_is_private_unchanged_when_unchanged_and_tells_no_other_site(li, zhang):
    secret = make_link(actor=li)
    promise(li, zhang)
    first = read(secret)
    assert "private" in first["Cache-Control"]
    assert first["Referrer-Policy"] == "no-referrer"
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in first
    same = read(secret, HTTP_IF_NONE_MATCH=first["ETag"])
    assert same.status_code == 304
    assert same.content == b""
    promise(li, zhang)
    assert read(secret, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_reading_is_noted_once_an_hour(li):
    secret = make_link(actor=li)
    read(secret)
    noted = CalendarFeed.objects.get().read_at
    assert noted is not None
    read(secret)
    assert CalendarFeed.objects.get().read_at == noted


def test_no_log_holds_the_secret(li, caplog):
    secret = "wrongsecret-wrongsecret-wrongsecret-wrongse"
    with caplog.at_level(logging.DEBUG):
        read(secret)
        Client().get(f"/calendar/{secret}")
        Client().get(f"/calendar/{secret}.ics/")
    line = Line("{message}", style="{")
    written = "\n".join(line.format(record) for record in caplog.records)
    assert "/calendar/…" in written
    assert secret not in written
    assert secret[:10] not in written


def test_the_web_servers_own_log_holds_no_secret_either():
    from crm import gunicorn as configuration

    record = logging.makeLogRecord(
        {"msg": "Error handling request %s", "args": ("/calendar/abcdef.ics?x=1",)}
    )
    WithoutSecrets().filter(record)
    assert record.getMessage() == "Error handling request /calendar/…?x=1"
    logger = configuration.PathsWithoutSecrets(Config())
    line = SimpleNamespace(status="404", sent=1, headers=[])
    asked = SimpleNamespace(headers=[])
    environ = {
        "RAW_URI": "/calendar/abcdef.ics", "PATH_INFO": "/calendar/abcdef.ics",
        "REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_REFERER": "x/calendar/abcdef.ics",
    }  # fmt: skip
    atoms = logger.atoms(line, asked, environ, timedelta(seconds=1))
    assert "abcdef" not in configuration.access_log_format % logger.atoms_wrapper_class(atoms)
    assert "abcdef" not in " ".join(str(atoms[name]) for name in ("r", "U", "f"))


# The page ------------------------------------------------------------------------------------------


def test_the_page_makes_shows_once_replaces_and_switches_off(client, li):
    page = client.get(reverse(PAGE))
    assert "Make a link" in page.text
    made = client.post(reverse(PAGE), {"do": "make"})
    secret = link_on(made)
    assert read(secret).status_code == 200
    assert made["Referrer-Policy"] == "same-origin", "with none the next form is refused"
    assert "no-store" in made["Cache-Control"]
    later = client.get(reverse(PAGE))
    assert secret not in later.text
    assert "You have a link" in later.text
    assert secret not in str(client.session.items())
    again = link_on(client.post(reverse(PAGE), {"do": "make"}))
    assert again != secret
    assert "switched off" in client.post(reverse(PAGE), {"do": "off"}, follow=True).text
    assert read(again).status_code == 404


def test_a_link_to_the_page_makes_nothing(client, li):
    client.get(reverse(PAGE), {"do": "make"})
    assert not CalendarFeed.objects.exists()


def test_who_is_not_signed_in_makes_none(li):
    assert Client().post(reverse(PAGE), {"do": "make"}).status_code == 302
    assert not CalendarFeed.objects.exists()


def test_it_tells_whom_no_reminder_reaches(client, li):
    assert "no e-mail address of yours is known here" in client.get(reverse(PAGE)).text
    li.email = "li@example.com"
    with somebody_acts():
        li.save()
    assert "no e-mail address of yours" not in client.get(reverse(PAGE)).text
