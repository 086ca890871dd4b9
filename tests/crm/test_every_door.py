"""Every address of the product, read and written by every role and by strangers.

Whoever adds a page adds it here without knowing: the addresses are those the product has. A
canary lies in every protected column, near and far from the person who walks.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client

from customers.pace import looking
from jobs import doors as job_doors
from staff.models import User
from staff.roles import Role
from tests.crm.doors import BORN, NUMBERS, House, addresses, build, everything_at_once

pytestmark = pytest.mark.django_db

CLEAR_NEAR = {Role.SALES, Role.SERVICE}
CLEAR_ALL = {Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}
BRINGS_FILES = {Role.DATA_STEWARD, Role.ADMINISTRATOR}
WALKERS = [*Role, "nobody", "stranger"]
SENT = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# What any visit may leave: a session, and the way back to whom one looked at.
TRACES = {"django_session", "customers_recentlyseen"}
# Written as part of something else that was allowed.
FOLLOWS = {
    "customers_customername": "customers_customer",
    "customers_customertag": "customers_customer",
    "customers_tally": "customers_customer",
    "customers_sourcerecord": "customers_customer",
    "customers_waitingkey": "customers_customer",
    "django_admin_log": "",
    "audit_putback": "",
    "jobs_job": "",
}
# Rows that belong to one person alone, and what that person needs to have them.
PERSONAL = {
    "customers_listlayout": "customers.view_customer",
    "customers_calendarfeed": "customers.view_followup",
    "customers_exportdownload": "customers.export_customer",
    "customers_export": "customers.export_customer",
}
OPEN = {"login", "calendar_feed", "jsi18n"}
QUERIES = {
    "customers_customer_changelist": ["?bin=yes", "?o=-3", "?e=1", "?view=x&tag=me", "?p=2"],
    "customers_customer_change": ["?_popup=1&_to_field=id", "?all"],
    "customers_customer_history": ["?field=national_id", "?field=email"],
    "customers_customer_add": ["?email=a@b.example&national_id=1"],
    "customers_customer_put_back": ["?undo", "?field=national_id"],
    "customers_interaction_timeline": ["?before=9.ffff", "?kind=change"],
    "customers_importbatch_rows": ["?outcome=set_aside", "?outcome=emptied", "?outcome=review"],
    "customers_interaction_changelist": ["?whose=all"],
    "customers_followup_changelist": ["?who=all&due=done", "?who=all"],
    "autocomplete": ["?app_label=customers&model_name=customer&field_name=employer&term=c"],
    "customers_export_add": ["?owner=me"],
    "customers_bulkchange_hand_over": ["?from=x"],
}


@pytest.fixture
def house(tmp_path, monkeypatch, settings) -> House:
    monkeypatch.setattr(job_doors, "wake", lambda job: True)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)  # a line per 403
    settings.DATA_DIR = tmp_path
    looking.clear()
    monkeypatch.setattr(looking, "allows", lambda person: True)
    return build(tmp_path)


def walker(house: House, role: Any) -> Client:
    client = Client(raise_request_exception=True)
    if isinstance(role, Role):
        house.me.groups.set(Group.objects.filter(name=role.value))
    if role != "stranger":
        client.force_login(house.me)
    return client


@contextmanager
def taken_back() -> Iterator[set[str]]:
    """Whatever happens inside is undone; tells which tables it wrote to."""
    wrote: set[str] = set()

    def look(execute: Any, sql: str, *more: Any) -> Any:
        if found := SENT.match(sql):
            wrote.add(found[1])
        return execute(sql, *more)

    with transaction.atomic(), connection.execute_wrapper(look):
        yield wrote
        transaction.set_rollback(True)


def said(response: Any) -> str:
    """All that reached the browser, as it stands and as it reads."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    headers = "".join(f"{name}: {value}\n" for name, value in response.items())
    return unescape(text) + unquote(text) + headers + unquote(response.cookies.output())


def secrets_from(house: House, role: Any) -> dict[str, str]:
    """What must stand nowhere, with whose it is and what of them."""
    hidden = dict.fromkeys((BORN.isoformat(), "Nov. 27", "13733810567"), "identity")
    for name, told in house.secrets.items():
        hidden[f"CN{NUMBERS[name]}"] = f"national ID of {name}"
        hidden[f"canary price {name}"] = f"price of {name}"
        reads = role in CLEAR_ALL or (role in CLEAR_NEAR and name == "own")
        for field, value in told.items():
            # One's own follow-up is read by whoever has to do it.
            its_doer = field == "what" and name == "own" and role != "stranger"
            if field in ("before", "gone") or not (reads or its_doer):
                hidden[value.removeprefix("+86")] = f"{field} of {name}"
    if role not in BRINGS_FILES:
        hidden |= {"canary set aside": "set aside", "canary@@": "emptied"}
    return hidden


def may_write(user: User, table: str) -> bool:
    """Whether any right of this person is one to write such rows at all."""
    if table in PERSONAL:
        return user.has_perm(PERSONAL[table])
    if table in FOLLOWS:
        return not FOLLOWS[table] or may_write(user, FOLLOWS[table])
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    of = getattr(model, "instance_type", model)  # the model whose history this is
    if of is User:
        return user.is_authenticated  # one's own password
    label, name = of._meta.app_label, of._meta.model_name
    actions = ("add", "change", "delete", "restore", "hand_over")
    return any(user.has_perm(f"{label}.{action}_{name}") for action in actions)


@pytest.mark.parametrize("role", WALKERS)
def test_nobody_reads_or_writes_more_than_they_may(house, role):
    client, hidden = walker(house, role), secrets_from(house, role)
    me = User.objects.get(pk=house.me.pk) if role != "stranger" else None
    body, wrong = everything_at_once(house), []
    sent_nothing = set()
    for name, address in addresses(house):
        secret = hidden_at(name, role, hidden)
        for query in ("", *QUERIES.get(name, ())):
            found = visited(client, "get", address + query, secret)
            wrong += [f"GET {address}{query}: {text}" for text in looked(found, name, role)]
        for sent in (body,) if name in sent_nothing else ({}, body):
            found = visited(client, "post", address, secret, sent)
            wrong += [f"POST {address} {len(sent)}: {text}" for text in told(found, me)]
        sent_nothing.add(name)
    assert not wrong, "\n".join(wrong)


@dataclass
class Visit:
    """What came of one request."""

    response: Any
    leaked: list[str]
    wrote: set[str]
    kept: bool


def visited(
    client: Client, method: str, address: str, hidden: dict[str, str], sent: Any = None
) -> Visit:
    with taken_back() as wrote:
        response = getattr(client, method)(address, sent)
        text = said(response)
    closed = "no-store" in response.headers.get("Cache-Control", "")
    leaked = [hidden[one] for one in hidden if one in text]
    return Visit(response, leaked, wrote - TRACES, "canary" in text and not closed)


def hidden_at(name: str, role: Any, hidden: dict[str, str]) -> dict[str, str]:
    """The preview of an old version is the page of one customer: whoever reads that in clear, and
    may put versions back, reads what would come back."""
    if role not in CLEAR_ALL or not name.endswith("_put_back"):
        return hidden
    return {text: whose for text, whose in hidden.items() if not whose.startswith("before")}


def looked(visit: Visit, name: str, role: Any) -> Iterator[str]:
    """What is wrong about having looked."""
    yield from visit.leaked
    if visit.response.status_code >= 500:
        yield f"status {visit.response.status_code}"
    if visit.wrote and name != "calendar_feed":  # which notes when it was read
        yield f"wrote {visit.wrote}"
    if visit.kept:
        yield "may be kept by the browser"
    if role == "stranger" and name not in OPEN and visit.response.status_code == 200:
        yield "open to strangers"


def told(visit: Visit, me: User | None) -> Iterator[str]:
    """What is wrong about having sent something."""
    yield from visit.leaked
    if visit.response.status_code >= 500:
        yield f"status {visit.response.status_code}"
    for table in visit.wrote:
        if me is None or not may_write(me, table):
            yield f"wrote {table}"
    if "evil.example" in visit.response.headers.get("Location", ""):
        yield "leads away"


def test_another_site_can_have_nothing_done(house):
    house.me.groups.set(Group.objects.filter(name__in=[Role.ADMINISTRATOR, Role.DATA_STEWARD]))
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.me)
    body = everything_at_once(house)
    for _name, address in addresses(house):
        with taken_back() as wrote:
            response = client.post(address, body)
        assert not wrote - TRACES, address
        assert response.status_code in (200, 302, 403, 404, 405), address
