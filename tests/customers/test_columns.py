"""The columns of the list: chosen by each, masked as ever, never one query for each row."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from customers.admin.columns import COLUMNS, DEFAULT, MOST, known_columns
from customers.models import Customer, FollowUp, Interaction, ListLayout, SavedView, Source
from staff.roles import Role
from tests.customers.people import ZHANG_WEI, organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")
CHOOSE = reverse("admin:customers_customer_columns")
EVERY = list(COLUMNS)


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


@pytest.fixture(autouse=True)
def _as_many_as_there_are(monkeypatch):
    monkeypatch.setattr("customers.admin.columns.MOST", len(COLUMNS))


def rich(count, owner):
    """Customers with something in every column."""
    employer = organisation("Optics")
    with somebody_acts():
        source = Source.objects.create(name="Fair")
        made = Customer.objects.audited_create(
            Customer(
                **ZHANG_WEI | {"email": f"p{n}@example.com"},
                region="Zhejiang", tags="vip", language="zh", preferred_channel="phone",
                owner=owner, source=source, employer=employer, job_title="Engineer",
                last_confirmed_at=timezone.now(), notes="secret " * 50,
            )
            for n in range(count)
        )  # fmt: skip
        Interaction.objects.audited_create(
            Interaction(customer=one, staff=owner, text="said") for one in made
        )
        FollowUp.objects.audited_create(
            FollowUp(customer=one, what="Ring", due_at=timezone.now(), assigned_to=owner)
            for one in made
        )
    return made


def headers(response):
    return [getattr(one, "name", one) for one in response.context_data["cl"].list_display][1:]


def test_everybody_sees_the_usual_columns_at_first(client, li):
    assert headers(client.get(LIST)) == list(DEFAULT)


def test_columns_are_chosen_and_ordered_for_oneself_alone(client, li):
    wanted = ["name", "tag_list", "number", "last_contact"]
    answer = client.post(CHOOSE, {"column": wanted, "here": "stage__exact=lead&o=-8&q=x"})
    assert answer["Location"] == f"{LIST}?stage__exact=lead"
    assert headers(client.get(LIST)) == wanted
    client.force_login(staff("wang", Role.SALES))
    assert headers(client.get(LIST)) == list(DEFAULT)


def test_the_usual_columns_come_back(client, li):
    client.post(CHOOSE, {"column": ["name", "city"]})
    client.post(CHOOSE, {"column": ["name", "city"], "usual": "yes"})
    assert headers(client.get(LIST)) == list(DEFAULT)


def test_a_view_keeps_columns_of_its_own(client, li):
    client.post(CHOOSE, {"column": ["name", "city"]})
    view = SavedView(owner=li, name="Mine", columns=["name", "phone"])
    with somebody_acts():
        view.save()
    assert headers(client.get(f"{LIST}?view={view.pk}")) == ["name", "phone"]
    told = {"column": ["name", "email"], "view": str(view.pk), "keep_in_view": "yes"}
    client.post(CHOOSE, told)
    assert headers(client.get(f"{LIST}?view={view.pk}")) == ["name", "email"]
    assert headers(client.get(f"{LIST}?view=all")) == ["name", "city"]


@pytest.mark.parametrize(
    "asked, given",
    [
        ([], list(DEFAULT)),
        (["national_id", "notes", "id", "pk", "owner__password"], list(DEFAULT)),
        (["city", "city", "name"], ["name", "city"]),
        (["city"], ["name", "city"]),
        ([None, 3, {}], list(DEFAULT)),
    ],
)
def test_only_columns_we_offer_are_shown(asked, given):
    assert known_columns(asked) == given
    assert len(COLUMNS) > MOST


def test_a_forged_choice_shows_nothing_protected(client, li):
    person(**ZHANG_WEI, owner=li, notes="very secret")
    ListLayout.objects.create(user=li, columns=["name", "notes", "national_id", "phone_index"])
    text = client.get(LIST).text
    assert "very secret" not in text


def test_every_column_is_shown_and_protected_ones_masked(client, li):
    rich(1, li)
    client.post(CHOOSE, {"column": EVERY})
    response = client.get(LIST, {"kind__exact": "person"})
    assert headers(response) == EVERY
    for shown in ("Zhejiang", "China", "vip", "Fair", "Optics", "Engineer", "Chinese", "Phone"):
        assert shown in response.text
    assert "p***@example.com" in response.text
    assert "p0@example.com" not in response.text
    assert "13812345678" not in response.text


def test_fifty_customers_with_every_column_cost_what_one_costs(
    client, li, django_assert_max_num_queries
):
    rich(1, li)
    client.post(CHOOSE, {"column": EVERY})
    client.get(LIST)
    with django_assert_max_num_queries(17) as one:
        client.get(LIST)
    with somebody_acts():
        Source.objects.all().count()
    for customer in rich_more(li, 55):
        assert customer.pk
    with django_assert_max_num_queries(17) as fifty:
        client.get(LIST)
    assert len(one.captured_queries) == len(fifty.captured_queries)
    listed = [q["sql"] for q in fifty.captured_queries if "LIMIT 50" in q["sql"]]
    assert listed
    assert not any('"customers_customer"."notes"' in sql for sql in listed)


def rich_more(owner, count):
    first = Customer.objects.filter(kind="person").first()
    with somebody_acts():
        made = Customer.objects.audited_create(
            Customer(family_name=f"N{n}", owner=owner, source=first.source, employer=first.employer)
            for n in range(count)
        )
        Interaction.objects.audited_create(Interaction(customer=one, staff=owner) for one in made)
    return made


def test_no_choice_of_columns_makes_the_database_sort_the_table(client, li):
    """Joins leave the walk down the index as it was; sorting is offered only where one serves."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics, which a small table does not have")
    rich(3, li)
    client.post(CHOOSE, {"column": EVERY})
    places = {name: place for place, name in enumerate(EVERY, 1)}
    for order in (
        "",
        *(f"{sign}{places[n]}" for n in ("number", "city", "updated") for sign in ("", "-")),
    ):
        cl = client.get(LIST, {"o": order} if order else {}).context_data["cl"]
        sql, params = cl.queryset[:50].query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = "\n".join(row[3] for row in cursor.fetchall())
        assert "USE TEMP B-TREE" not in plan, (order, plan)
    for name in set(EVERY) - {"number", "city", "updated"}:
        cl = client.get(LIST, {"o": str(places[name])}).context_data["cl"]
        assert cl.queryset.query.order_by == ("-updated_at", "-pk"), name


def test_columns_are_chosen_by_post_and_by_staff_alone(client, li):
    assert client.get(CHOOSE).status_code == 405
    client.logout()
    assert client.post(CHOOSE, {"column": ["name"]}).status_code == 302
    assert not ListLayout.objects.exists()
