"""A house with something in every room, for the tests that walk through all of it.

Runs inside the product (`manage shell`) and prints where everything is, as one line of JSON: the
addresses, and the session of somebody of each role.
"""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.context import acting
from customers.bulk.services import start_bulk
from customers.exports.services import start_export
from customers.interactions import Plan, log_interaction, plan_follow_up
from customers.models import Address, ContactPoint, Customer, FollowUp, ImportBatch, Source
from customers.models.drops import DroppedFile, DropState
from customers.models.imports import ImportRow
from customers.selection import Selection
from jobs.models import Job
from staff.models import Team, User
from staff.roles import Role
from staff.services import create_staff, system_user

LONG = "Wolfeschlegelsteinhausenbergerdorff"
MARK = "<b>Bold</b> & “quoted”"
ARABIC = "عبد الرحمن"
STRANGERS: list[dict[str, Any]] = [
    {"given_name": "Hubert Blaine " + LONG, "family_name": f"{LONG}-{LONG}"[:100]},
    {"given_name": "أحمد", "family_name": ARABIC, "city": "القاهرة", "country": "EG"},
    {"given_name": "Forty", "family_name": "Tags", "tags": ", ".join(f"tag {n}" for n in range(28))},
    {"phone": "+49 30 901820"},
    {"kind": "organisation", "organisation_name": MARK + " International Holding GmbH & Co. KGaA"},
    {"given_name": "名", "family_name": "欧阳", "city": "杭州市", "country": "CN", "stage": "lead"},
]  # fmt: skip


@transaction.atomic
def furnish() -> None:
    admin = User.objects.get(username="admin")
    admin.must_change_password = False
    admin.save(update_fields=["must_change_password"])
    with acting(actor=admin, door="system"):
        staff = {role.value: hired(role) for role in Role} | {"administrator": admin}
        found = people(staff) | work(admin, found_customer()) | arrivals()
    found["team"] = page("staff_team", Team.objects.create(name="Team North").pk)
    found["colleague"] = page("staff_user", staff["sales"].pk)
    sessions = {name: signed_in(user) for name, user in staff.items()}
    print(json.dumps({"addresses": found, "sessions": sessions}))


def page(model: str, key: Any = None, what: str = "change") -> str:
    return reverse(f"admin:{model}_{what}", args=[] if key is None else [key])


def hired(role: Role) -> User:
    if role is Role.ADMINISTRATOR:
        return User.objects.get(username="admin")
    made, _password = create_staff(
        actor=system_user(), username=f"li.{role.value}", first_name="Li", last_name="Na",
        roles=[role], password="Sailing-over-41-calm-seas", must_change_password=False,
    )  # fmt: skip
    return made


def signed_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def found_customer() -> Customer:
    """Somebody of the demo file with much to tell."""
    return Customer.objects.filter(kind="person", phone__isnull=False).order_by("number")[0]


def people(staff: dict[str, User]) -> dict[str, str]:
    """Those whose names break pages, and fifty like them."""
    found = {}
    for name, values in zip(("long", "bidi", "tags", "nameless", "firm", "short"), STRANGERS, strict=True):  # fmt: skip
        values = values | ({} if name == "nameless" else {"owner": staff["sales"]})
        one = Customer(**values)
        one.save()
        found[name] = page("customers_customer", one.pk)
    some = (Customer(**STRANGERS[n % 6] | {"city": "Strangeville"}) for n in range(50))
    Customer.objects.audited_create(some)
    binned = Customer(given_name="Gone", family_name="Tomorrow")
    binned.save()
    binned.binned_at = timezone.now()
    binned.save()
    found["in the bin"] = page("customers_customer", binned.pk)
    return found


def work(admin: User, one: Customer) -> dict[str, str]:
    """Talk, follow-ups and contact points of one customer, and what was done with many."""
    now = timezone.now()
    point = ContactPoint(customer=one, kind="email", value="second@example.org", use="work")
    place = Address(customer=one, street="Side street 2", city="Bern", country="CH")
    point.save()
    place.save()
    talk = log_interaction(
        actor=admin, customer=one, text="asked for the annual plan", minutes=4,
        follow_up=Plan(what="send the plan", due_at=now + timedelta(hours=3), assigned_to=admin),
    )  # fmt: skip
    late = Plan(what="call back", due_at=now - timedelta(days=2), assigned_to=admin)
    plan_follow_up(actor=admin, customer=one, plan=late)
    one.city = "Elsewhere"
    one.save()
    oldest = type(one).history.filter(id=one.pk).order_by("history_date").first()
    few = Selection.of_keys([str(key) for key in Customer.objects.values_list("pk", flat=True)[:5]])
    bulk = start_bulk(actor=admin, action="add_tag", options={"tag": "fair"}, selection=few)
    export = start_export(
        actor=admin, selection=few, columns=["given_name", "city"], format="csv", reason="a letter"
    )
    start = "admin:customers_customer_{}_{}"
    return {
        "customer": page("customers_customer", one.pk),
        "contact point": reverse(start.format("contactpoint", "change"), args=[one.pk, point.pk]),
        "further contact point": reverse(start.format("contactpoint", "add"), args=[one.pk]),
        "address": reverse(start.format("address", "change"), args=[one.pk, place.pk]),
        "further address": reverse(start.format("address", "add"), args=[one.pk]),
        "history": page("customers_customer", one.pk, "history"),
        "origins": page("customers_customer", one.pk, "origins"),
        "moving to the bin": page("customers_customer", one.pk, "delete"),
        "putting back": page("customers_customer", one.pk, "history") + f"{oldest.pk}/put-back/",
        "interaction": page("customers_interaction", talk.interaction.pk),
        "logging": page("customers_interaction", one.pk, "log"),
        "follow-up": page("customers_followup", FollowUp.objects.order_by("due_at")[0].pk),
        "follow-up history": page("customers_followup", FollowUp.objects.first().pk, "history"),
        "planning": page("customers_followup", one.pk, "plan"),
        "bulk change": page("customers_bulkchange", bulk.pk),
        "undoing a bulk change": page("customers_bulkchange", bulk.pk, "undo"),
        "bulk job": page("jobs_job", bulk.job_id),
        "export": page("customers_export", export.pk),
    }


def arrivals() -> dict[str, str]:
    """A source with files that arrived, and the import of the demo file."""
    source = Source(name="Trade fair", description="Cards from the booth")
    source.save()
    for name, state in (("cards.vcf", DropState.REFUSED), ("leads.csv", DropState.ARRIVING)):
        DroppedFile.objects.create(
            source=source, name=name, size=4096, modified_at=timezone.now(), state=state,
            problem="The file is empty." if state == DropState.REFUSED else "",
        )  # fmt: skip
    batch = ImportBatch.objects.order_by("number").first()
    row = ImportRow.objects.filter(outcome="review", decision="").first()
    return {
        "source": page("customers_source", source.pk),
        "result": page("customers_importbatch", batch.pk),
        "rows": page("customers_importbatch", batch.pk, "rows"),
        "undoing an import": page("customers_importbatch", batch.pk, "undo"),
        "deciding": page("customers_importbatch", row.pk, "decide"),
        "job": page("jobs_job", Job.objects.order_by("created_at")[0].pk),
    }
