"""A house with something secret in every room, and the address of every door that leads there.

Each kind of row stands once near the person who walks (their own) and once far away (another
team's), so that a door opens on both.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from string import Formatter
from typing import Any

from django.contrib.auth.models import Group
from django.urls import get_resolver
from django.utils import timezone
from django.utils.regex_helper import normalize
from uuid_utils.compat import uuid7

from audit.context import acting
from customers.bulk.services import start_bulk
from customers.calendar import make_link
from customers.exports.services import start_export
from customers.models import (
    Address,
    BulkChange,
    ContactPoint,
    Customer,
    Export,
    FollowUp,
    ImportBatch,
    ImportRow,
    Interaction,
    SavedView,
    Source,
    SourceRecord,
)
from customers.selection import Selection
from customers.services import bin_customers
from jobs.models import Job
from jobs.services import run_job
from staff.models import Team, User
from staff.roles import Role, apply_roles
from tests.customers.importing import KLAUS, import_file, write_csv
from tests.customers.people import person, somebody_acts
from tests.customers.talking import promise, talk
from tests.customers.upperapp.models import Deal

BORN = date(1983, 11, 27)
NUMBERS = {"own": "3812345678", "others": "3845678901", "binned": "3856789012"}


@dataclass
class House:
    """Who walks, and what they would like to know."""

    me: User
    far: User
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    calendar: str = ""


def everyday(name: str) -> dict[str, str]:
    """Contact, address and text: what whoever works with the customer reads."""
    number = NUMBERS[name]
    return {
        "email": f"{name}.canary@{name}-mail.example",
        "phone": f"+861{number}",
        "street": f"Canary Lane of {name} 77",
        "notes": f"canary note about {name}",
        "further": f"second.canary@{name}-mail.example",
        "messenger": f"canary_chat_{name}",
        "further_street": f"Other Canary Lane of {name} 5",
        "text": f"canary said in confidence by {name}",
        "what": f"canary promised to {name}",
        "before": f"former.canary@{name}-mail.example",
        "gone": f"removed.canary@{name}-mail.example",
        "external_id": f"canary-external-{name}",
    }


def build(tmp_path: Any, *, me_in: str = "North") -> House:
    apply_roles()
    teams = {name: Team.objects.create(name=name) for name in ("North", "South")}
    far = _somebody("far", teams["South"], Role.SALES, Role.DATA_STEWARD)
    me = _somebody("me", teams[me_in])
    house = House(me, far)
    for name, owner in (("own", me), ("others", far), ("binned", far)):
        house.secrets[name] = everyday(name)
        _furnish(name, owner, far)
    with somebody_acts(far):
        binned = Customer.objects.filter(family_name="Binned")
        bin_customers(actor=far, customers=binned, reason="by mistake")
    _imports(tmp_path)
    for who in (far, me):
        _deeds(who, far)
    house.calendar = make_link(actor=far)
    return house


def _somebody(username: str, team: Team, *roles: Role) -> User:
    user: User = User.objects.create_user(username, password="correct horse battery", team=team)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def _furnish(name: str, owner: User, far: User) -> None:
    """One customer with a row of everything that belongs to one."""
    told = everyday(name)
    own = {key: told[key] for key in ("phone", "street", "notes")}
    customer = person(
        family_name=name.title(), owner=owner, email=told["before"], birth_date=BORN,
        national_id_type="passport", national_id=f"CN{NUMBERS[name]}", **own,
    )  # fmt: skip
    with acting(actor=far, door="admin"):
        customer.email = told["email"]
        customer.save()
        for kind, messenger, value in (
            ("email", "", told["further"]),
            ("messenger", "wechat", told["messenger"]),
            ("email", "", told["gone"]),
        ):
            ContactPoint(customer=customer, kind=kind, messenger=messenger, value=value).save()
        ContactPoint.objects.get(customer=customer, value=told["gone"]).delete()
        Address(customer=customer, street=told["further_street"], city="Bern").save()
        Deal(customer=customer, title="Tender", price=f"canary price {name}").save()
        now = timezone.now()
        SourceRecord(
            source=Source.objects.get_or_create(name="shop")[0], customer=customer,
            external_id=told["external_id"], identity=name.encode().ljust(32),
            first_seen=now, last_seen=now,
        ).save()  # fmt: skip
    talk(owner, customer, told["text"])
    promise(owner, customer, told["what"])


def _imports(tmp_path: Any) -> None:
    """Rows that became customers, that wait, that were set aside, and cells that were emptied."""
    told = KLAUS | {"national_id": "13733810567", "notes": "canary note about klaus"}
    import_file(write_csv(tmp_path / "one.csv", told), source="first")
    again = told | {"city": "Bonn", "email": "canary@@", "phone": "+49 160 1234567"}
    rows = [again, {"notes": "canary set aside"}]
    import_file(write_csv(tmp_path / "two.csv", *rows), source="second")


def _deeds(who: User, far: User) -> None:
    """A view, a bulk change that was done, and a file of customers that may be fetched."""
    with acting(actor=who, door="admin"):
        SavedView.objects.create(owner=who, name=f"View of {who.username}", query="owner=me")
    keys = Customer.objects.values_list("pk", flat=True)
    change = start_bulk(
        actor=who,
        action="add_tag",
        options={"tag": who.username},
        selection=Selection.of_keys(keys),
    )
    run_job(job_id=change.job_id)
    roles = list(who.groups.all())
    who.groups.set(Group.objects.filter(name=Role.DATA_STEWARD))
    export = start_export(
        actor=User.objects.get(pk=who.pk), selection=Selection.of_keys(keys), format="csv",
        columns=["number", "email", "national_id", "notes"], reason="for the trade fair",
    )  # fmt: skip
    run_job(job_id=export.job_id)
    who.groups.set(roles)


# The doors ---------------------------------------------------------------------------------------


def patterns(resolver: Any = None, before: str = "", names: str = "") -> Iterator[tuple[str, str]]:
    """Every address there is as a format string, with the name it goes by."""
    for pattern in (resolver or get_resolver()).url_patterns:
        # As `reverse` reads it: "customers/%(object_id)s/change/".
        form, parameters = normalize(pattern.pattern.regex.pattern)[0]
        numbered = {name: f"{{{name}}}" for name in parameters}
        route = before + form % numbered
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, route, names)
        else:
            yield route, pattern.name or ""


def addresses(house: House) -> list[tuple[str, str]]:
    """Every door, with the keys of all rows it may be about: its name and its address."""
    rows = _rows(house)
    found = []
    for route, name in patterns():
        if "testaudit" in route or name == "logout":
            continue
        wanted = [part for _text, part, *_rest in Formatter().parse(route) if part is not None]
        filled: list[dict[str, Any]] = [{}]
        if wanted:
            filled = _fill(route, wanted, rows)
            assert filled, f"With what is {route} opened? Say so in tests/crm/doors.py."
        found += [(name, "/" + route.format(**values)) for values in filled]
    return sorted(set(found))


Rows = dict[str, list[dict[str, Any]]]


def _fill(route: str, wanted: list[str], rows: Rows) -> list[dict[str, Any]]:
    """The most particular answer first: what the address begins with, the longest that fits."""
    found = []
    starts = sorted((start for start in rows if route.startswith(start)), key=len, reverse=True)
    for start in starts:
        found = [values for values in rows[start] if set(wanted) <= values.keys()]
        if found:
            break
    return found


def _rows(house: House) -> Rows:
    customers = list(Customer.with_bin.filter(family_name__in=["Own", "Others", "Binned"]))
    verbs = ("main", "verify", "prefer", "remove")
    return {
        "calendar/": [{"secret": secret} for secret in ("x" * 43, "%00", house.calendar)],
        "r/": [{"content_type_id": "1", "object_id": str(customers[0].pk)}],
        "staff/user/": _keys("user", User.objects.filter(username__in=["me", "far"])),
        "staff/team/": _keys("team", Team.objects.all()),
        "jobs/job/": _keys("job_id", Job.objects.order_by("pk")[:2]),
        "customers/bulkchange/": _keys("change_id", BulkChange.objects.all()),
        "customers/export/": _keys("export_id", Export.objects.all()),
        "customers/followup/plan/": _keys("customer_id", customers),
        "customers/followup/": _with_versions(FollowUp.objects.filter(customer__binned_at=None)),
        "customers/importbatch/review/": _keys("row_id", ImportRow.objects.all()),
        "customers/importbatch/": _keys("batch_id", ImportBatch.objects.all()),
        "customers/interaction/log/": _keys("customer_id", customers),
        "customers/interaction/of/": _keys("customer_id", customers),
        "customers/interaction/": _with_versions(
            Interaction.objects.filter(customer__binned_at=None)
        ),
        "customers/customer/{key}/contact-points/": _of_customers(
            ContactPoint.objects.filter(kind="email"), verbs
        ),
        "customers/customer/{key}/addresses/": _of_customers(Address.objects.all(), verbs[:1]),
        "customers/customer/views/": _keys("view_id", SavedView.objects.all()),
        "customers/customer/bulk/": [
            {"action": action} for action in ("assign_owner", "hand_over", "export")
        ],
        "customers/customer/": _with_versions(customers, *_belongings(customers)),
        "customers/source/": _with_versions(Source.objects.filter(name="shop")),
        "upper/deal/": _with_versions(Deal.objects.all()[:1]),
        "{app_label}/": [{"app_label": "customers"}],
        "{url}": [{"url": "no/such/page"}],
        "": [],
    }


def _keys(name: str, rows: Any) -> list[dict[str, Any]]:
    """By the name of the door, and by the two names of the stock pages."""
    return [{name: row.pk, "id": row.pk, "object_id": row.pk} for row in rows]


def _of_customers(rows: Any, verbs: Any) -> list[dict[str, Any]]:
    return [
        {"key": row.customer_id, "row": row.pk, "verb": verb} for row, verb in product(rows, verbs)
    ]


def _with_versions(rows: Any, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """With the first version of the row, and a relation that most do not have."""
    found = list(more)
    for row in rows:
        version = row.history.order_by("history_date").first().history_id
        names = {"object_id": row.pk, "key": row.pk, "version": version}
        # The stock pages of history name their parts by place.
        found.append(names | {"relation": "contact_points", "_0": row.pk, "_1": version})
    return found


def _belongings(customers: list[Customer]) -> Iterator[dict[str, Any]]:
    models = {
        "contact_points": ContactPoint,
        "addresses": Address,
        "interactions": Interaction,
        "follow_ups": FollowUp,
    }
    for customer, (relation, model) in product(customers, models.items()):
        version = model.history.filter(customer_id=customer.pk).order_by("history_date").first()
        yield {
            "object_id": customer.pk, "key": version.id, "version": version.history_id,
            "relation": relation,
        }  # fmt: skip


# What a hurried or hostile person sends ----------------------------------------------------------


def everything_at_once(house: House) -> dict[str, Any]:
    """One body with what every form asks for, and with what none does."""
    target = Customer.objects.get(family_name="Others")
    return {
        "post": "yes", "confirmed": "yes", "reason": "because somebody said so", "do": "new",
        "term": "canary", "name": "<b>Mine</b>", "shared": "yes", "here": "owner=me&tag=me",
        "column": ["email", "phone", "notes"], "fields": ["email", "national_id", "owner"],
        "view": str(SavedView.objects.get(owner=house.far).pk), "usual": "no",
        "selection": json.dumps({"keys": [str(target.pk)]}), "token": str(uuid7()),
        "owner": str(house.me.pk), "tag": "taken", "stage": "customer",
        "columns": ["email", "national_id", "notes"], "format": "csv",
        "submission": str(uuid7()), "kind": "email", "text": "seen", "direction": "out",
        "what": "call again", "when": "tomorrow", "who": str(house.me.pk),
        "value": "new@example.com", "use": "work", "city": "Bern", "country": "CH",
        "decision": "update", "source": "shop", "on_duplicate": "update",
        "giver": str(house.far.pk), "taker": str(house.me.pk), "tab": "addresses",
        "customer": str(target.pk), "staff": str(house.far.pk), "primary": "on",
        "assigned_to": str(house.me.pk), "binned_at": "2026-01-01", "is_superuser": "on",
        "roles": list(Role.values), "username": "me", "password1": "a", "password2": "b",
        "family_name": "Taken", "due_at_0": f"{timezone.localdate() + timedelta(days=1)}",
        "action": "move_to_bin", "_selected_action": [str(target.pk)], "next": "//evil.example/",
    }  # fmt: skip
