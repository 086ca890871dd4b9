"""Where each value of a customer comes from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.context import acting
from audit.versions import put_back
from customers.bulk import services as bulk
from customers.imports import review
from customers.models import Customer, ImportBatch
from customers.models.bulk import BulkAction
from customers.provenance import Way, origins_of, provenance_of, walk_origins
from customers.selection import Selection
from jobs.services import run_job
from staff.roles import Role
from tests.customers.importing import ANNA, KLAUS, change, import_file, undo, write_csv
from tests.customers.people import person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(db):
    return staff("steward", Role.DATA_STEWARD, first_name="Stella", last_name="Steward")


def origins(customer):
    return {origin.field: origin for origin in origins_of([customer.pk])[customer.pk]}


def fresh(customer):
    return Customer.with_bin.get(pk=customer.pk)


def test_a_value_from_a_file_names_source_file_and_row(tmp_path):
    import_file(write_csv(tmp_path / "fair.csv", ANNA, KLAUS), source="trade fair")
    klaus = Customer.objects.get(given_name="Klaus")
    origin = origins(klaus)["email"]
    assert origin.way is Way.IMPORT
    assert (origin.file.source, origin.file.name, origin.file.row) == ("trade fair", "fair.csv", 2)
    assert origin.file.batch == ImportBatch.objects.get().pk
    assert origin.when is not None
    assert not origin.empty


def test_a_value_somebody_typed_names_them_and_leaves_the_others_to_the_file(tmp_path, steward):
    import_file(write_csv(tmp_path / "a.csv", KLAUS))
    klaus = Customer.objects.get()
    change(klaus, actor=steward, city="Bonn")
    found = origins(klaus)
    assert (found["city"].way, found["city"].who) == (Way.PERSON, "Stella Steward")
    assert found["city"].who_id == steward.pk
    assert found["email"].way is Way.IMPORT


def test_an_equal_value_in_a_later_file_is_still_the_first_files(tmp_path):
    import_file(write_csv(tmp_path / "a.csv", KLAUS), source="shop")
    later = KLAUS | {"city": "Aachen"}
    import_file(
        write_csv(tmp_path / "b.csv", ANNA, later), "--on-duplicate", "update", source="fair"
    )
    found = origins(Customer.objects.get(given_name="Klaus"))
    assert (found["city"].file.source, found["city"].file.row) == ("fair", 2)
    assert (found["email"].file.source, found["email"].file.row) == ("shop", 1)


def test_an_undone_file_is_nobodys_origin(tmp_path):
    import_file(write_csv(tmp_path / "a.csv", KLAUS), source="shop")
    klaus = Customer.objects.get()
    later = KLAUS | {"city": "Aachen", "job_title": "Baker"}
    batch = import_file(
        write_csv(tmp_path / "b.csv", later), "--on-duplicate", "update", source="fair"
    )["batch"]
    assert origins(fresh(klaus))["city"].file.source == "fair"
    undo(batch)
    found = origins(fresh(klaus))
    assert (found["city"].file.source, found["city"].file.row) == ("shop", 1)
    assert found["city"].returned.way is Way.IMPORT_UNDO
    assert "job_title" not in found  # as if it had never been there
    assert found["email"].returned is None


def test_a_version_put_back_is_from_where_that_version_was(tmp_path, steward):
    import_file(write_csv(tmp_path / "a.csv", KLAUS), source="shop")
    klaus = Customer.objects.get()
    first = klaus.history.last().history_id
    change(klaus, actor=steward, email="wrong@example.org", city="Bonn")
    with acting(actor=steward, door="admin"):
        put_back(actor=steward, obj=klaus, version=first, fields=["email"], reason="typo")
    found = origins(fresh(klaus))
    assert found["email"].file.source == "shop"
    assert (found["email"].returned.way, found["email"].returned.who) == (
        Way.PUT_BACK,
        "Stella Steward",
    )
    assert found["city"].way is Way.PERSON
    # And once more over that: the way leads through both to the same file.
    change(fresh(klaus), actor=steward, email="again@example.org")
    newest_good = klaus.history.all()[1].history_id
    with acting(actor=steward, door="admin"):
        put_back(actor=steward, obj=klaus, version=newest_good, fields=["email"], reason="typo")
    assert origins(fresh(klaus))["email"].file.source == "shop"


def test_the_same_value_typed_again_is_the_persons(tmp_path, steward):
    import_file(write_csv(tmp_path / "a.csv", KLAUS))
    klaus = Customer.objects.get()
    change(klaus, actor=steward, email="wrong@example.org")
    change(fresh(klaus), actor=steward, email=KLAUS["email"])
    found = origins(fresh(klaus))["email"]
    assert (found.way, found.returned) == (Way.PERSON, None)


def test_what_a_person_decided_in_review_says_so(tmp_path, steward):
    anna = person(given_name="Anna", family_name="Schmidt", email=ANNA["email"])
    import_file(write_csv(tmp_path / "a.csv", KLAUS, ANNA))
    row = review.waiting().get()
    with acting(actor=steward, door="admin"):
        review.decide(actor=steward, row=row.pk, decision="updated")
    found = origins(fresh(anna))
    assert (found["city"].way, found["city"].file.row) == (Way.REVIEW, 2)
    assert found["city"].who == "Stella Steward"
    assert found["email"].way is Way.SYSTEM
    klaus = Customer.objects.get(given_name="Klaus")
    assert origins(klaus)["city"].way is Way.IMPORT


def test_two_rows_of_one_file_are_told_apart(tmp_path):
    twice = KLAUS | {"job_title": "Baker"}
    import_file(write_csv(tmp_path / "a.csv", KLAUS, ANNA, twice), "--on-duplicate", "update")
    found = origins(Customer.objects.get(given_name="Klaus"))
    assert found["email"].file.row == 1
    assert found["job_title"].file.row == 3


def test_an_employer_made_by_a_file_names_the_file_and_no_row(tmp_path):
    import_file(write_csv(tmp_path / "a.csv", KLAUS | {"company": "Quantum Optics AG"}))
    employer = Customer.objects.get(kind=Customer.Kind.ORGANISATION)
    origin = origins(employer)["organisation_name"]
    assert (origin.way, origin.file.row) == (Way.IMPORT, None)


def test_the_page_of_an_employer_made_by_a_file_does_not_say_it_was_added_by_hand(
    client, tmp_path, steward
):
    import_file(
        write_csv(tmp_path / "a.csv", KLAUS | {"company": "Quantum Optics AG"}), source="Fair"
    )
    client.force_login(steward)
    for kind, named, typed in (("organisation", True, False), ("person", False, False)):
        customer = Customer.objects.get(kind=kind)
        text = client.get(reverse("admin:customers_customer_change", args=[customer.pk])).text
        assert ("Named in rows of Fair" in text, "Added by hand" in text) == (named, typed)


def test_a_bulk_change_and_its_undo_are_named(steward):
    anna = person(city="Bonn", stage=Customer.Stage.LEAD)
    with acting(actor=steward, door="admin"):
        made = bulk_change(steward, anna)
    found = origins(fresh(anna))
    assert (found["stage"].way, found["stage"].bulk) == (Way.BULK, made.number)
    with acting(actor=steward, door="admin"):
        job = bulk.start_undo(actor=steward, change=made, door="admin")
    run_job(job_id=job.pk)
    found = origins(fresh(anna))
    assert found["stage"].way is Way.SYSTEM
    assert found["stage"].returned.way is Way.BULK_UNDO


def bulk_change(actor, customer):
    made = bulk.start_bulk(
        actor=actor,
        action=BulkAction.SET_STAGE,
        options={"stage": Customer.Stage.CUSTOMER},
        selection=Selection(keys=(customer.pk,)),
    )
    run_job(job_id=made.job.pk)
    made.refresh_from_db()
    return made


def test_what_was_written_past_the_history_is_said_to_be_unrecorded():
    anna = person(city="Bonn", email="anna@example.org")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET city = 'Nowhere'")
    found = origins(anna)
    assert (found["city"].way, found["city"].when) == (Way.OUTSIDE, None)
    assert found["email"].way is Way.SYSTEM


def test_a_value_that_cannot_be_opened_has_an_origin_all_the_same(tmp_path):
    import_file(write_csv(tmp_path / "a.csv", KLAUS))
    klaus = Customer.objects.get()
    broken = "p1.k0000000." + "A" * 60
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET email = %s", [broken])
        cursor.execute("UPDATE customers_historicalcustomer SET email = %s", [broken])
    assert origins(klaus)["email"].file.row == 1


def test_it_asks_as_often_for_many_customers_as_for_one(tmp_path, steward):
    rows = [KLAUS | {"email": f"k{n}@example.org", "phone": ""} for n in range(60)]
    import_file(write_csv(tmp_path / "a.csv", *rows), "--on-duplicate", "create")
    for customer in Customer.objects.all()[:30]:
        change(customer, actor=steward, city="Bonn")
    keys = list(Customer.objects.values_list("pk", flat=True))

    def queries(some):
        with CaptureQueriesContext(connection) as captured:
            assert len(origins_of(some)) == len(some)
        return len(captured)

    assert queries(keys[:1]) <= 7
    assert queries(keys) <= 7
    assert len(dict(walk_origins(keys, at_once=7))) == 60


def test_nobody_unknown_and_nobody_at_all_are_no_error():
    from uuid_utils.compat import uuid7

    assert origins_of([]) == {}
    assert origins_of([uuid7()]) == {}


# As shown ----------------------------------------------------------------------------------------


def lines(customer, user):
    return {line.field: line for line in provenance_of(fresh(customer), user)}


def test_values_are_shown_as_the_matrix_says(tmp_path, steward):
    import_file(write_csv(tmp_path / "a.csv", KLAUS))
    klaus = Customer.objects.get()
    reader = staff("reader", Role.MARKETING)
    assert lines(klaus, steward)["email"].value_shown == "klaus@example.org"
    masked = lines(klaus, reader)["email"]
    assert masked.value_shown == "k***@example.org"
    assert masked.batch_url == ""
    assert lines(klaus, steward)["email"].batch_url.endswith("/change/")


def test_the_tab_of_sources_tells_of_every_value(client, tmp_path, steward):
    import_file(write_csv(tmp_path / "<b>fair.csv", KLAUS), source="<script>alert(1)</script>")
    klaus = Customer.objects.get()
    change(klaus, actor=steward, city="Bonn")
    client.force_login(steward)
    html = client.get(reverse("admin:customers_customer_origins", args=[klaus.pk])).content.decode()
    table = html[html.index('class="customer-provenance"') :]
    table = table[: table.index("</table>")]
    assert "row 1" in table
    assert "Stella Steward" in table
    assert "entered by hand" in table
    assert "<script>alert(1)" not in html
    assert "<b>fair" not in html


# Any history -------------------------------------------------------------------------------------

EDIT = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["", "Bonn", "Köln"]),
        "email": st.sampled_from([None, "a@example.org", "b@example.org"]),
        "job_title": st.sampled_from(["", "Baker"]),
    },
)
STEP = st.tuples(st.just("edit"), EDIT) | st.tuples(
    st.just("back"), st.tuples(st.integers(0, 50), st.sets(st.sampled_from(["city", "email"])))
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=8))
def test_whatever_happened_each_value_is_from_the_step_that_wrote_it(steward, steps):
    anna = person(city="Bonn", email="a@example.org")
    names = ("city", "email", "job_title")
    version = anna.history.get().history_id
    written = {version: dict.fromkeys(names, version)}
    for kind, what in steps:
        before, now = written[version], fresh(anna)
        held = {name: getattr(now, name) for name in names}
        if kind == "edit":
            change(now, actor=steward, **what)
            changed = {name for name, value in what.items() if held[name] != value}
            came_from = None
        else:
            came_from = list(written)[what[0] % len(written)]
            with acting(actor=steward, door="admin"):
                changed = put_back(
                    actor=steward, obj=now, version=came_from, fields=what[1], reason="x"
                )
        if changed:
            version = anna.history.first().history_id
            new = {n: written[came_from][n] if came_from else version for n in changed}
            written[version] = before | new
    found = origins(anna)
    for name in names:
        if name in found:
            assert found[name].history_id == written[version][name]
            assert found[name].empty == (getattr(fresh(anna), name) in (None, ""))
        else:
            assert getattr(fresh(anna), name) == ""
