"""What leaves the house: only what the matrix gives, sealed, recorded, and for a day."""

import json
import os
import stat
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from customers.exports import files, run, services
from customers.exports.rows import AT_ONCE
from customers.models import Address, ContactPoint, Customer, FollowUp, Interaction
from customers.models.exports import Export, ExportDownload
from customers.selection import Selection
from customers.services import bin_customers
from encryption.errors import CannotOpen
from jobs.models import Job
from jobs.services import JobHandle, cancel_job, retry_job, run_job
from staff.models import Team
from staff.roles import Role
from staff.services import set_roles, system_user
from tests.customers.exporting import WHY, ask, content, do, everybody, exported, rows_of
from tests.customers.people import organisation, person, somebody_acts, staff

pytestmark = pytest.mark.django_db

ALL = (
    *("number", "kind", "given_name", "family_name", "organisation_name", "gender", "birth_date"),
    *("national_id_type", "national_id", "email", "phone", "further_email", "further_phone"),
    *("messenger", "preferred_channel", "language", "street", "postal_code", "city", "region"),
    *("country", "further_addresses", "job_title", "employer", "stage", "tags", "owner", "source"),
    *("notes", "last_confirmed_at", "created_at", "updated_at", "last_interaction"),
    *("interactions", "open_follow_ups"),
)


@pytest.fixture
def steward():
    return staff("steward", Role.DATA_STEWARD)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def test_a_steward_gets_contact_data_clear_and_identities_masked(steward):
    person(email="anna@example.com", phone="+4916079695150", birth_date="1980-05-06",
           national_id="12345678", national_id_type="other", notes="Prefers mornings.")  # fmt: skip
    export = exported(steward, columns=("email", "birth_date", "national_id", "notes"))
    assert rows_of(export) == [
        {
            "birth_date": "1980",
            "national_id": "••••5678",
            "email": "anna@example.com",
            "notes": "Prefers mornings.",
        }
    ]
    assert export.disclosed == {
        "birth_date": {"masked": 1},
        "email": {"clear": 1},
        "national_id": {"masked": 1},
        "notes": {"clear": 1},
    }


def test_each_row_is_disclosed_by_whose_customer_it_is():
    """Sales may not export today; should a team ever give them the right, the matrix holds."""
    from django.contrib.auth.models import Permission

    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    lina = staff("lina", Role.SALES, team=north)
    lina.user_permissions.add(Permission.objects.get(codename="export_customer"))
    lina = type(lina).objects.get(pk=lina.pk)
    own = person(email="own@example.com", owner=lina)
    mate = person(email="mate@example.com", owner=staff("mate", Role.SALES, team=north))
    far = person(email="far@example.com", owner=staff("far", Role.SALES, team=south))
    free = person(email="free@example.com")
    export = exported(lina, columns=("number", "email"))
    assert {row["number"]: row["email"] for row in rows_of(export)} == {
        own.number: "own@example.com",
        mate.number: "mate@example.com",
        far.number: "f***@example.com",
        free.number: "free@example.com",
    }
    assert export.disclosed == {"email": {"clear": 3, "masked": 1}}


def test_every_column_can_be_asked_for(steward):
    boss = organisation("Quantum Optics AG")
    anna = person(email="anna@example.com", employer=boss, owner=steward, tags="vip", city="Bonn")
    with somebody_acts():
        ContactPoint(customer=anna, kind="email", value="home@example.org").save()
        ContactPoint(customer=anna, kind="email", value="other@example.org", primary=True).save()
        ContactPoint(customer=anna, kind="phone", value="+4922112345").save()
        ContactPoint(customer=anna, kind="messenger", messenger="wechat", value="anna_w").save()
        Address(customer=anna, street="Hauptstraße 1", city="Köln", country="DE").save()
        said = Interaction(customer=anna, staff=steward, text="hello")
        said.save()
        FollowUp(customer=anna, what="call", due_at=timezone.now(), assigned_to=steward).save()
    rows = {row["number"]: row for row in rows_of(exported(steward, columns=ALL))}
    row = rows[anna.number]
    assert tuple(row) == ALL
    assert row["further_email"] == "other@example.org; home@example.org"
    assert row["further_phone"] == "'+4922112345"
    assert row["messenger"] == "WeChat: anna_w"
    assert row["further_addresses"] == "Hauptstraße 1, Köln, DE"
    assert (row["employer"], row["owner"]) == ("Quantum Optics AG", "steward")
    assert (row["interactions"], row["open_follow_ups"]) == ("1", "1")
    assert row["last_interaction"] == said.happened_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert rows[boss.number]["interactions"] == ""


def test_only_those_selected_leave(steward):
    lead = person(email="lead@example.com", stage="lead")
    person(email="former@example.com", stage="former")
    of_stage = Selection.from_json(
        {"filters": {"stage__exact": "lead"}, "at": "2026-11-21T00:00:00+00:00"}
    )
    ticked = Selection.of_keys([lead.pk])
    for selection in (of_stage, ticked):
        assert [row["email"] for row in rows_of(exported(steward, selection=selection))] == [
            "lead@example.com"
        ]


def test_the_record_says_who_why_what_and_how_many(steward):
    person(email="a@example.com")
    export = exported(steward, columns=("email", "number"))
    assert export.started_by == steward
    assert export.reason == WHY
    assert export.columns == ["number", "email"]
    assert export.words == "all customers"
    assert (export.rows, export.size) == (1, len(content(export)))
    assert timedelta(hours=23) < export.expires_at - timezone.now() <= timedelta(hours=24)
    assert export.job.result["rows"] == 1


def test_without_reason_column_format_or_permission_nothing_begins(steward):
    for problem in (
        {"reason": "  x "},
        {"columns": ()},
        {"columns": ("email", "password")},
        {"format": "exe"},
    ):
        with pytest.raises(services.CannotExport):
            ask(steward, **problem)
    for role in (Role.SALES, Role.READ_ONLY, Role.AUDITOR, Role.MARKETING, Role.SERVICE):
        with pytest.raises(PermissionDenied):
            ask(staff(f"x{role}"[:20], role))
    assert not Export.objects.exists()
    assert not Job.objects.exists()


def test_the_same_form_sent_twice_asks_once(steward):
    key = Export._meta.pk.get_default()
    first, second = ask(steward, key=key), ask(steward, key=key)
    assert first == second
    assert Job.objects.count() == 1


def test_somebody_elses_form_key_is_no_way_to_their_export(steward):
    export = ask(steward)
    with pytest.raises(services.CannotExport):
        ask(staff("other", Role.DATA_STEWARD), key=export.pk)


def test_the_file_is_sealed_and_for_its_owner_alone(steward):
    person(email="anna@example.com")
    export = exported(steward)
    path = files.path_of(export.sealed_name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"anna" not in path.read_bytes()
    assert os.listdir(path.parent) == [path.name]


def test_a_file_under_another_name_does_not_open(steward):
    export = exported(steward)
    path = files.path_of(export.sealed_name)
    path.rename(files.path_of("x.sealed"))
    with pytest.raises(CannotOpen):
        files.OpenedExport("x.sealed")


def test_who_lost_the_right_meanwhile_gets_nothing(steward):
    person(email="anna@example.com")
    export = ask(steward)
    with somebody_acts():
        set_roles(actor=system_user(), user=steward, roles=[Role.READ_ONLY])
    export = do(export)
    assert export.state == "failed"
    assert "may not export" in export.job.error
    assert files.exports_on_disk() == {}


def test_who_left_meanwhile_gets_nothing(steward):
    export = ask(steward)
    with somebody_acts():
        steward.is_active = False
        steward.save()
    assert do(export).state == "failed"


def test_who_leaves_while_it_is_written_gets_nothing(steward, monkeypatch):
    person(email="anna@example.com")
    export = ask(steward)
    write = run.write_export

    def write_and_leave(*args, **options):
        written = write(*args, **options)
        with somebody_acts():
            steward.is_active = False
            steward.save()
        return written

    monkeypatch.setattr(run, "write_export", write_and_leave)
    export = do(export)
    assert (export.state, export.sealed_name) == ("failed", "")
    assert files.exports_on_disk() == {}


def test_only_who_asked_fetches_and_it_is_written_down(steward):
    export = exported(steward)
    for other in (staff("other", Role.DATA_STEWARD), staff("auditor", Role.AUDITOR)):
        with pytest.raises(PermissionDenied):
            services.fetch(actor=other, export=export)
    b"".join(services.fetch(actor=steward, export=export))
    assert list(ExportDownload.objects.values_list("who", flat=True)) == [steward.pk]


def test_what_cannot_be_written_down_does_not_leave(steward, monkeypatch):
    export = exported(steward)

    def broken(*args, **options):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(ExportDownload.objects, "create", broken)
    with pytest.raises(RuntimeError):
        services.fetch(actor=steward, export=export)


def test_an_export_whose_record_cannot_be_finished_is_none(steward, monkeypatch):
    person(email="anna@example.com")
    export = ask(steward)

    def broken(*args, **options):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(run, "finish_record", broken)
    export = do(export)
    assert (export.state, export.sealed_name) == ("failed", "")
    assert files.exports_on_disk() == {}


def test_after_a_day_it_is_gone(steward):
    export = exported(steward)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()
    with pytest.raises(services.CannotExport):
        services.fetch(actor=steward, export=export)
    assert services.expire_exports() == 1
    export.refresh_from_db()
    assert (export.state, export.sealed_name) == ("expired", "")
    assert files.exports_on_disk() == {}
    assert services.expire_exports() == 0


def test_a_file_that_nobody_knows_is_swept_away_and_one_being_written_is_not(steward):
    person()
    ready, running = exported(steward), ask(steward)
    stray = files.SealedExport(Export._meta.pk.get_default())
    second = files.SealedExport(ready.pk)
    writing = files.SealedExport(running.pk)
    services.expire_exports()
    left = {name for names in files.exports_on_disk().values() for name in names}
    assert left == {ready.sealed_name, writing.name}
    for file in (stray, second, writing):
        file.discard()


def test_a_cancelled_export_leaves_no_file(steward, monkeypatch):
    person(email="anna@example.com")
    export = ask(steward)
    write = run.write_export

    def cancelled_meanwhile(*args, **options):
        written = write(*args, **options)
        cancel_job(job_id=export.job_id)
        return written

    monkeypatch.setattr(run, "write_export", cancelled_meanwhile)
    run_job(job_id=export.job_id)
    export.refresh_from_db()
    assert (export.state, export.sealed_name) == ("failed", "")
    assert files.exports_on_disk() == {}
    monkeypatch.setattr(run, "write_export", write)
    retry_job(job_id=export.job_id)
    assert do(export).state == "done"


def test_a_worker_taken_for_dead_cannot_spoil_what_the_next_one_made(steward, monkeypatch):
    person(email="anna@example.com")
    export = ask(steward)
    write, second = run.write_export, []

    def slow(*args, **options):
        written = write(*args, **options)
        if not second:
            second.append(True)
            Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
            run_job(job_id=export.job_id)
        return written

    monkeypatch.setattr(run, "write_export", slow)
    run_job(job_id=export.job_id)
    export.refresh_from_db()
    assert export.state == "done"
    assert files.exports_on_disk() == {export.pk: [export.sealed_name]}
    assert [row["email"] for row in rows_of(export)] == ["anna@example.com"]


def test_who_was_binned_meanwhile_stays_here(steward, monkeypatch):
    stays = person(email="stays@example.com")
    goes = person(email="goes@example.com")
    export = ask(steward)
    keys = run.Keys

    def binned_after_the_look(*args):
        found = keys(*args)
        bin_customers(
            actor=steward, customers=Customer.objects.filter(pk=goes.pk), reason="asked for it"
        )
        return found

    monkeypatch.setattr(run, "Keys", binned_after_the_look)
    export = do(export)
    assert [row["number"] for row in rows_of(export)] == [stays.number]
    assert export.job.result["gone"] == 1
    assert export.rows == 1


def test_two_at_once_have_a_file_each(steward):
    person()
    one, two = ask(steward), ask(steward)
    assert one.number != two.number
    one, two = do(one), do(two)
    assert one.sealed_name != two.sealed_name
    assert rows_of(one) == rows_of(two)


def test_an_export_of_nobody_is_a_file_with_a_header(steward):
    for format in ("csv", "xlsx", "parquet"):
        export = exported(steward, format=format)
        assert export.rows == 0
        assert export.size > 0


def test_a_full_disk_is_said_in_words_and_leaves_nothing(steward, monkeypatch):
    person()

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.SealedExport, "write", full)
    export = do(ask(steward))
    assert export.state == "failed"
    assert "No space left" in export.job.error
    assert files.exports_on_disk() == {}


def test_a_value_that_does_not_open_is_left_empty_and_counted(steward):
    from django.db import connection

    anna = person(email="anna@example.com")
    other = person(email="other@example.com")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET email = (SELECT email FROM customers_customer c "
            "WHERE c.number = %s) WHERE number = %s", [other.number, anna.number],
        )  # fmt: skip
    export = exported(steward)
    assert {row["number"]: row["email"] for row in rows_of(export)} == {
        anna.number: "",
        other.number: "other@example.com",
    }
    assert export.disclosed == {"email": {"clear": 1, "unopenable": 1}}
    assert export.job.result["unopenable"] == 1


def test_queries_grow_with_portions_and_not_with_customers(steward, django_assert_max_num_queries):
    for number in range(3):
        person(given_name=f"P{number}", email=f"p{number}@example.com", owner=steward)
    export = ask(steward, columns=ALL)
    assert AT_ONCE >= 100
    with django_assert_max_num_queries(45):
        do(export)
    for number in range(40):
        person(given_name=f"Q{number}", owner=steward)
    export = ask(steward, columns=ALL)
    with django_assert_max_num_queries(45):
        do(export)


def test_nothing_protected_stands_in_the_record_or_the_job(steward):
    person(email="anna@example.com", phone="+4916079695150", notes="secret")
    export = exported(steward, columns=ALL)
    told = json.dumps([export.columns, export.selection, export.disclosed, export.job.params,
                       export.job.result, export.words, export.job.message])  # fmt: skip
    for value in ("anna@", "+49160", "secret"):
        assert value not in told


def test_progress_is_told_and_the_job_lives_on(steward, monkeypatch):
    person()
    beats = []
    monkeypatch.setattr(
        JobHandle,
        "progress",
        lambda self, done, total=None, message="": beats.append((done, total)),
    )
    exported(steward)
    assert beats == [(1, 1)]


def test_everybody_means_everybody_outside_the_bin(steward):
    binned = person()
    person()
    bin_customers(actor=steward, customers=Customer.objects.filter(pk=binned.pk), reason="test")
    assert exported(steward, selection=everybody()).rows == 1


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_file_that_was_tampered_with_is_not_given_out(steward, place):
    person(email="anna@example.com")
    export = exported(steward)
    path = files.path_of(export.sealed_name)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(services.CannotExport):
        services.fetch(actor=steward, export=export)
    assert not ExportDownload.objects.exists()


def test_a_file_that_is_gone_is_said_so(steward):
    export = exported(steward)
    files.path_of(export.sealed_name).unlink()
    with pytest.raises(services.CannotExport):
        services.fetch(actor=steward, export=export)
    assert not ExportDownload.objects.exists()


def test_who_lost_the_right_after_it_was_written_cannot_fetch_it(steward):
    export = exported(steward)
    with somebody_acts():
        set_roles(actor=system_user(), user=steward, roles=[Role.READ_ONLY])
    with pytest.raises(PermissionDenied):
        services.fetch(actor=type(steward).objects.get(pk=steward.pk), export=export)


def test_a_column_needs_its_own_permission_too(steward):
    from django.contrib.auth.models import Group, Permission

    Group.objects.get(name=Role.DATA_STEWARD).permissions.remove(
        Permission.objects.get(codename="view_interaction")
    )
    steward = type(steward).objects.get(pk=steward.pk)
    with pytest.raises(PermissionDenied):
        ask(steward, columns=("number", "interactions"))
    assert ask(steward, columns=("number",))


@pytest.mark.django_db(transaction=True)
def test_several_who_ask_at_one_moment_get_a_number_each(steward):
    """On PostgreSQL, that is; SQLite in memory, as tests have it, lets nobody wait."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    many = 1 if connection.vendor == "sqlite" else 4

    def one(_number):
        try:
            return ask(steward).number
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as crowd:
        numbers = list(crowd.map(one, range(8)))
    assert sorted(numbers) == list(range(1, 9))
