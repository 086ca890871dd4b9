"""The desk with several at once and one killed, in processes of their own, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.customers.mail import mail_server
from tests.product import product
from tests.servers import postgres_server

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = [f"s{n}@example.com" for n in range(6)]
MAKE = """
from django.utils import timezone
from audit.context import acting
from customers.interactions import Plan, plan_follow_up
from customers.models import Customer
from staff.roles import Role
from staff.services import create_staff, system_user
with acting(actor=system_user(), door="system"):
    for n in range(6):
        one, _ = create_staff(
            actor=system_user(), username=f"s{n}", roles=[Role.SALES], email=f"s{n}@example.com"
        )
        customer = Customer(family_name="X")
        customer.save()
        plan = Plan("x", timezone.now(), one)
        plan_follow_up(actor=one, customer=customer, plan=plan)
"""
CLICK = """
import sys, uuid
from customers.interactions import Plan, complete_follow_up, log_interaction
from customers.models import Customer, FollowUp
from django.utils import timezone
from staff.models import User
who = User.objects.get(username="s0")
customer = Customer.objects.order_by("pk").first()
promised = FollowUp.objects.filter(assigned_to=who).order_by("pk").first()
print("ready", flush=True)
sys.stdin.readline()
done = complete_follow_up(actor=who, follow_up=promised)
logged = log_interaction(
    actor=who, customer=customer, text="x", submission=uuid.UUID("01890000-0000-7000-8000-000000000001"),
    follow_up=Plan("y", timezone.now(), who),
)
print(logged.again, done)
"""
TELL = """
from customers.models import FollowUp, Interaction
print(Interaction.objects.count(), FollowUp.objects.filter(interaction__isnull=False).count())
"""

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("d")
    with mail_server() as server:
        options = {"EMAIL_URL": server.url, "CRM_LOG_LEVEL": "ERROR"}
        if request.param == "sqlite":
            with product(directory, **options) as made:
                yield furnished(made, server)
            return
        with (
            postgres_server(directory) as database,
            product(directory, DATABASE_URL=database, **options) as made,
        ):
            yield furnished(made, server)


def furnished(made, server):
    made.inside(MAKE)
    made.mail = server
    return made


def start(house, *command):
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        env=house.environment, cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_run_killed_in_the_middle_and_two_at_once_send_nobody_two(house):
    house.mail.waits = 5.0
    first = start(house, "send_reminders")
    assert house.mail.asked.wait(60)
    first.kill()
    first.communicate()
    house.mail.waits = 0.0
    assert house.mail.recipients == PEOPLE[:1]
    both = [start(house, "send_reminders") for _n in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert house.mail.recipients == PEOPLE


def test_three_clicks_at_the_same_time_make_one_row(house):
    clicks = [start(house, "shell", "-v", "0", "-c", CLICK) for _n in range(3)]
    for one in clicks:
        assert one.stdout.readline() == "ready\n", one.communicate()[1]
    for one in clicks:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=120) for one in clicks]
    assert sorted(out.split()[0] for out, _err in said) == ["False", "True", "True"], said
    assert sorted(out.split()[1] for out, _err in said) == ["False", "False", "True"], said
    assert house.inside(TELL).split() == ["1", "1"]
