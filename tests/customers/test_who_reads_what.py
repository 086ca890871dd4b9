"""Every address of the product, opened by everybody who works here and by strangers.

Whatever page, list, history, message or file it is: nobody finds a value in it that they may only
know of.
"""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver

from customers.models import Customer, ImportBatch, ImportRow, Source
from customers.services import bin_customers
from jobs import doors
from jobs.models import Job
from staff.models import Team, User
from staff.roles import Role, apply_roles
from tests.customers.importing import KLAUS, import_file, write_csv
from tests.customers.people import person, somebody_acts

pytestmark = pytest.mark.django_db(transaction=True)

BORN = date(1983, 11, 27)
PHONES = {
    "own": "3812345678",
    "team": "3823456789",
    "nobodys": "3834567890",
    "others": "3845678901",
    "binned": "3856789012",
}
NEAR = {"own", "team", "nobodys"}
IN_CLEAR = {  # whose e-mail, phone, street and notes each role reads, on the page of one customer
    Role.SALES: NEAR,
    Role.SERVICE: NEAR,
    Role.DATA_STEWARD: set(PHONES),
    Role.PRIVACY_OFFICER: set(PHONES),
    Role.ADMINISTRATOR: set(PHONES),
}
QUERIES = {  # asked beside the bare address, where it ends so
    "/customer/": ["?bin=yes", "?e=1", "?_popup=1&_to_field=id", "?p=2", "?o=-2"],
    "/change/": ["?_popup=1&_to_field=id", "?_changelist_filters=q%3Dx"],
    "/rows/": ["?outcome=review", "?outcome=emptied", "?outcome=set_aside"],
    "/autocomplete/": ["?app_label=customers&model_name=customer&field_name=employer&term=c"],
    "/search/": ["?s=canary&extended=1"],
}


def everyday(name: str) -> dict[str, str]:
    return {
        "email": f"{name}.canary@{name}-mail.example",
        "phone": f"+861{PHONES[name]}",
        "street": f"Canary Lane of {name} 77",
        "notes": f"canary note about {name}",
    }


def identity(name: str) -> dict[str, Any]:
    return {
        "national_id_type": "passport",
        "national_id": f"CN{PHONES[name]}",
        "birth_date": BORN,
    }


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Customers near and far, one in the bin, imports with rows that wait and were set aside."""
    monkeypatch.setattr(doors, "wake", lambda job: True)
    apply_roles()
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    far, near = somebody("far", Role.SALES, team=south), somebody("near", Role.SALES, team=north)
    me = somebody("me", team=north)
    owners = {"own": me, "team": near, "nobodys": None, "others": far, "binned": far}
    for name, owner in owners.items():
        values = everyday(name) | identity(name)
        customer = person(family_name=name.title(), owner=owner, **values)
        with somebody_acts(far):
            customer.notes = f"more: {customer.notes}"
            customer.save()
    with somebody_acts(far):
        binned = Customer.objects.filter(family_name="Binned")
        bin_customers(actor=far, customers=binned, reason="by mistake")
    told = KLAUS | {"national_id": "13733810567", "notes": "canary note about klaus"}
    import_file(write_csv(tmp_path / "one.csv", told), source="first")
    again = told | {"city": "Bonn", "email": "canary@@", "phone": "+49 160 1234567"}
    rows = [again, {"notes": "canary set aside"}]
    import_file(write_csv(tmp_path / "two.csv", *rows), source="second")
    return me


def somebody(username: str, *roles: Role, team: Team | None = None) -> User:
    user = User.objects.create_user(username, password="correct horse battery", team=team)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def routes(resolver: Any = None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, route)
        elif "testaudit" not in route:
            yield route


def every_address() -> list[str]:
    """All there are, for every object there is."""
    keys = {
        "customers/customer/": Customer.with_bin.all(),
        "customers/importbatch/review/": ImportRow.objects.all(),
        "customers/importbatch/": ImportBatch.objects.all(),
        "customers/source/": Source.objects.all(),
        "jobs/job/": Job.objects.all(),
        "staff/user/": User.objects.filter(username__in=["me", "far"]),
        "staff/team/": Team.objects.all(),
    }
    found = []
    for route in routes():
        if "<" not in route and "^" not in route and not route.startswith("("):
            found.append(f"/{route}")
            continue
        start = next((start for start in keys if route.startswith(start)), None)
        for row in keys[start] if start else ():
            address = re.sub(r"<[^>]+>|\^?\(\[\^/\]\+\)", str(row.pk), route)
            found.append("/" + address.replace("$", ""))
    return sorted(set(found) - {"/logout/"})


def everything_said(response: Any) -> str:
    body = b"".join(response) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    headers = "".join(f"{name}: {value}\n" for name, value in response.items())
    cookies = response.cookies.output()
    return unescape(text) + unquote(text) + headers + unquote(cookies)


def forms_of(value: str) -> set[str]:
    """The ways in which a value may stand in a page."""
    return {value, value.removeprefix("+86"), value.removeprefix("+")}


def forbidden_to(role: Role | None) -> dict[str, str]:
    """What must stand nowhere, and whose it is."""
    found = {}
    for name in PHONES:
        hidden = [identity(name)["national_id"]]
        if name not in IN_CLEAR.get(role, set()):
            hidden += everyday(name).values()
        found |= {form: name for value in hidden for form in forms_of(value)}
    found |= dict.fromkeys((BORN.isoformat(), "27.11.1983", "Nov. 27", "13733810567"), "identity")
    if role not in (Role.DATA_STEWARD, Role.ADMINISTRATOR):
        found |= {"canary set aside": "set aside", "canary@@": "emptied"}
    return found


@pytest.mark.parametrize("role", [*Role, None, "inactive", "stranger"])
def test_nobody_finds_a_value_they_may_only_know_of(house, role):
    client = Client()
    if isinstance(role, Role):
        house.groups.set(Group.objects.filter(name=role.value))
    if role != "stranger":
        client.force_login(house)
    if role == "inactive":
        house.is_active = False
        house.save()
    hidden = forbidden_to(role if isinstance(role, Role) else None)
    found = []
    for address in every_address():
        for method, query in asked(address):
            response = getattr(client, method)(address + query)
            said = everything_said(response)
            assert response.status_code < 500, (method, address + query)
            found += [
                (method, address + query, text, hidden[text]) for text in hidden if text in said
            ]
            if "canary" in said:
                assert "no-store" in response.headers.get("Cache-Control", ""), address
    assert found == []


def asked(address: str) -> Iterator[tuple[str, str]]:
    yield "get", ""
    for ending, queries in QUERIES.items():
        if address.endswith(ending):
            yield from (("get", query) for query in queries)
    if not address.endswith(("/discard/", "/undo/", "/restore/")):
        yield "post", ""


# The way back to whom one looked at: of all that is looked at, all that is written.
SEEN = "customers.RecentlySeen"


def rows_of_everything() -> dict[str, list[str]]:
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label != "sessions" and model._meta.label != SEEN
    }


def test_looking_changes_nothing(house):
    house.groups.set(Group.objects.filter(name__in=[Role.ADMINISTRATOR, Role.DATA_STEWARD]))
    client = Client()
    client.force_login(house)
    before = rows_of_everything()
    for address in every_address():
        assert client.get(address).status_code < 500, address
    assert rows_of_everything() == before


def test_another_site_can_have_nothing_done(house):
    house.groups.set(Group.objects.filter(name__in=[Role.ADMINISTRATOR, Role.DATA_STEWARD]))
    client = Client(enforce_csrf_checks=True)
    client.force_login(house)
    before = rows_of_everything()
    for address in every_address():
        assert client.post(address, {"post": "yes", "confirmed": "yes"}).status_code in (403, 404)
    assert rows_of_everything() == before
