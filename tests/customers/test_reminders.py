"""The mail of the day: once, to whom it concerns, with nothing in it that is nobody's business."""

import io
import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from customers import reminders
from customers.checks import check_mail, check_reminders
from customers.interactions import complete_follow_up
from customers.models import Customer, FollowUp, Reminder
from customers.reminders import MOST_ATTEMPTS, send_reminders
from customers.services import bin_customers
from customers.tasks import remind
from staff.roles import Role
from tests.customers.mail import mail_server
from tests.customers.people import ZHANG_WEI, person, somebody_acts, staff
from tests.customers.talking import promise

ROOT = Path(__file__).resolve().parents[2]
NINE = timezone.make_aware(datetime(2026, 3, 4, 9, 0))
ON = {"CRM_MAIL": True, "CRM_ADDRESS": "https://crm.example.com/"}
database = pytest.mark.django_db


@pytest.fixture
def on():
    with override_settings(**ON):
        yield


@pytest.fixture
def li():
    return staff("li", Role.SALES, first_name="Na", last_name="Li", email="li@example.com")


@pytest.fixture
def zhang(li):
    return person(**ZHANG_WEI, owner=li)


@pytest.fixture
def smtp(on):
    with mail_server() as server:
        port = server.server_address[1]
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=5,
        ):  # fmt: skip
            yield server


@database
def test_one_mail_tells_what_is_overdue_and_due_today(on, li, zhang):
    promise(li, zhang, due_at=NINE - timedelta(days=1))
    promise(li, zhang, due_at=NINE + timedelta(hours=6))
    promise(li, zhang, due_at=NINE + timedelta(days=1))
    assert send_reminders(now=NINE).sent == ["li"]
    (sent,) = mail.outbox
    assert sent.to == ["li@example.com"]
    assert sent.subject == "CRM: 1 follow-up overdue, 1 due today"
    assert f"today 15:00  {zhang.number}  https://crm.example.com/customers/customer/" in sent.body
    assert "yesterday 09:00" in sent.body
    assert sent.body.count(zhang.number) == 2


@database
def test_a_mail_holds_no_name_and_nothing_that_was_written(on, li, zhang):
    promise(li, zhang, "discuss the diagnosis", NINE)
    send_reminders(now=NINE)
    whole = mail.outbox[0].message().as_string()
    for word in ("diagnosis", "张", "伟", "zhang", "138"):
        assert word not in whole
        assert word not in mail.outbox[0].body


@database
def test_nobody_gets_two_on_a_day_and_everybody_the_next(on, li, zhang):
    promise(li, zhang, due_at=NINE)
    for hours in (0, 1, 10):
        send_reminders(now=NINE + timedelta(hours=hours))
    promise(li, zhang, due_at=NINE + timedelta(hours=3))
    send_reminders(now=NINE + timedelta(hours=1))
    assert len(mail.outbox) == 1
    send_reminders(now=NINE + timedelta(days=1))
    assert len(mail.outbox) == 2


@database
def test_who_is_given_something_for_today_at_noon_hears_of_it(on, li, zhang):
    send_reminders(now=NINE)
    assert mail.outbox == []
    promise(li, zhang, due_at=NINE + timedelta(hours=8))
    send_reminders(now=NINE + timedelta(hours=3))
    assert len(mail.outbox) == 1


@database
def test_nothing_is_sent_before_the_morning(on, li, zhang):
    promise(li, zhang, due_at=NINE)
    assert send_reminders(now=NINE.replace(hour=6, minute=59)).early
    assert mail.outbox == []
    send_reminders(now=NINE.replace(hour=7, minute=0))
    assert len(mail.outbox) == 1


@database
def test_off_is_off(li, zhang):
    promise(li, zhang, due_at=NINE)
    assert send_reminders(now=NINE).off
    remind()
    assert mail.outbox == []
    assert not Reminder.objects.exists()


@database
def test_who_left_who_has_no_address_and_who_has_nothing_to_do_get_none(on, li, zhang):
    left = staff("left", Role.SALES, email="left@example.com")
    silent = staff("silent", Role.SALES)
    staff("idle", Role.SALES, email="idle@example.com")
    for one in (left, silent):
        promise(li, zhang, due_at=NINE, to=one)
    left.is_active = False
    with somebody_acts():
        left.save()
    done = send_reminders(now=NINE)
    assert done.sent == []
    assert done.no_address == ["silent"]
    assert "without an e-mail address 1 (silent)" in str(done)


@database
def test_what_is_done_or_in_the_bin_is_no_reason_to_write(on, li, zhang):
    one = promise(li, zhang, due_at=NINE)
    with somebody_acts(li):
        complete_follow_up(actor=li, follow_up=one)
    promise(li, person(family_name="Gone"), due_at=NINE)
    bin_customers(actor=li, customers=Customer.objects.filter(family_name="Gone"), reason="x")
    assert send_reminders(now=NINE).sent == []


@database
def test_ten_thousand_make_one_mail_of_fifty_lines(on, li, zhang):
    with somebody_acts(li):
        FollowUp.objects.audited_create(
            [
                FollowUp(customer=zhang, what="x", due_at=NINE, assigned_to=li)
                for _n in range(10_000)
            ],
            batch_size=500,
        )
    send_reminders(now=NINE + timedelta(hours=1))
    assert mail.outbox[0].body.count(zhang.number) == reminders.LISTED
    assert "And 9950 more" in mail.outbox[0].body
    assert mail.outbox[0].subject == "CRM: 10000 follow-ups overdue"


@database
def test_a_run_costs_the_same_queries_for_each_person(on, zhang, django_assert_max_num_queries):
    for n in range(4):
        one = staff(f"s{n}", Role.SALES, email=f"s{n}@example.com")
        for _n in range(5):
            promise(one, zhang, due_at=NINE)
    with django_assert_max_num_queries(4 + 4 * 7):
        assert len(send_reminders(now=NINE).sent) == 4


# When mail fails ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_costs_nobody_their_reminder(smtp, li, zhang):
    promise(li, zhang, due_at=NINE)
    with override_settings(EMAIL_PORT=1):
        done = send_reminders(now=NINE)
    assert done.unreachable
    assert not Reminder.objects.exists()
    assert send_reminders(now=NINE).sent == ["li"]
    assert smtp.recipients == ["li@example.com"]


@pytest.mark.django_db(transaction=True)
def test_who_is_refused_is_tried_again_and_holds_up_nobody(smtp, li, zhang):
    promise(li, zhang, due_at=NINE)
    zoe = staff("zoe", Role.SALES, email="zoe@example.com")
    promise(zoe, zhang, due_at=NINE)
    smtp.refuse = {"li@example.com"}
    done = send_reminders(now=NINE)
    assert (done.refused, done.sent) == (["li"], ["zoe"])
    for _again in range(MOST_ATTEMPTS + 3):
        send_reminders(now=NINE)
    assert Reminder.objects.get(staff=li).attempts == MOST_ATTEMPTS
    assert smtp.recipients == ["zoe@example.com"]
    smtp.refuse = set()
    assert send_reminders(now=NINE + timedelta(days=1)).sent == ["li", "zoe"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_off_sends_nothing_twice(smtp, li, zhang):
    promise(li, zhang, due_at=NINE)
    smtp.breaks_off = True
    assert send_reminders(now=NINE).unsure == ["li"]
    smtp.breaks_off = False
    assert send_reminders(now=NINE).sent == []
    assert len(smtp.mails) == 1
    assert send_reminders(now=NINE + timedelta(days=1)).sent == ["li"]


@database
def test_what_is_long_past_is_forgotten(on, li, zhang):
    Reminder.objects.create(staff=li, day=date(2025, 1, 1))
    promise(li, zhang, due_at=NINE)
    send_reminders(now=NINE)
    assert [one.day for one in Reminder.objects.all()] == [date(2026, 3, 4)]


# By hand -----------------------------------------------------------------------------------------


@database
def test_the_command_says_who_would_be_sent_one_and_who_was(on, li, zhang):
    promise(li, zhang, due_at=timezone.now())
    output, said = io.StringIO(), io.StringIO()
    call_command("send_reminders", "--dry-run", "--json", stdout=output, stderr=said)
    assert json.loads(output.getvalue())["sent"] == ["li"]
    assert mail.outbox == []
    call_command("send_reminders", stderr=said)
    assert said.getvalue().splitlines()[-1] == "reminders: sent 1"
    assert len(mail.outbox) == 1


@database
def test_the_command_says_that_mail_is_off():
    with pytest.raises(CommandError, match="EMAIL_URL") as refused:
        call_command("send_reminders")
    assert refused.value.returncode == 2


def test_the_checks_say_what_is_missing():
    assert [one.id for one in check_mail(None)] == ["customers.W001"]
    with override_settings(
        CRM_MAIL=True, CRM_ADDRESS="http://localhost:8000", DEFAULT_FROM_EMAIL="crm@localhost"
    ):
        assert [one.id for one in check_mail(None)] == ["customers.W002", "customers.W003"]
    with override_settings(**ON, DEFAULT_FROM_EMAIL="crm@example.com"):
        assert check_mail(None) == []
    with override_settings(CRM_REMINDERS_AT="seven"):
        assert [one.id for one in check_reminders(None)] == ["customers.E001"]
    assert "customers.E001" not in [one.id for one in run_checks()]


@pytest.mark.parametrize("url", ["mail.example.com", "http://x", "smtp"])
def test_a_mail_server_that_is_none_is_refused_in_words(tmp_path, url):
    environment = {
        **os.environ, "EMAIL_URL": url, "CRM_DATA_DIR": str(tmp_path), "CRM_ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "import crm.settings"],
        env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert "EMAIL_URL is not understood" in done.stderr.splitlines()[-1]
