"""Files that arrive in a folder: whole or growing, gone, linked, twice, too many."""

import io
import json
import os
import threading
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from customers.drops import looking, taking
from customers.drops.addresses import storages_from
from customers.models import Customer, DropLook, DroppedFile, ImportBatch, Source
from customers.models.drops import DropState
from customers.tasks import look_into_drop
from jobs.models import Job, State
from jobs.services import run_job
from staff.services import system_user
from tests.customers.importing import ANNA, KLAUS, write_csv

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = timedelta(0)


@pytest.fixture
def folder(tmp_path, settings):
    place = tmp_path / "place"
    place.mkdir()
    stock = {name: value for name, value in settings.STORAGES.items() if name[:5] != "drop-"}
    settings.STORAGES = stock | storages_from(f"shop={place.as_uri()}", default={})
    return place


@pytest.fixture
def source(folder):
    return Source.objects.create(name="web shop", drop="shop")


def take_in(source, looks=2):
    """Two looks, as the scheduler takes them, and the job they ask for."""
    for _look in range(looks):
        look = looking.look_into(source, quiet=AT_ONCE)
    if look.whole:
        job = looking.ask_to_take(actor=taking_actor(), source=source)
        return run_job(job_id=job.pk)
    return None


def taking_actor():
    from staff.services import system_user

    return system_user()


def states():
    return dict(DroppedFile.objects.exclude(state="gone").values_list("name", "state"))


def test_a_file_is_imported_at_the_second_look_that_meets_it_unchanged(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    first = looking.look_into(source, quiet=AT_ONCE)
    assert (first.met, first.new, first.whole) == (1, 1, 0)
    job = take_in(source, looks=1)
    assert job.state == State.DONE, job.error
    assert states() == {"a.csv": "imported"}
    assert Customer.objects.get().given_name == "Klaus"
    batch = ImportBatch.objects.get()
    assert (batch.file_name, batch.source) == ("a.csv", source)
    assert batch.started_by.username == "system"


def test_within_the_quiet_time_a_file_is_not_whole(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    for _look in range(3):
        assert looking.look_into(source, quiet=timedelta(seconds=20)).whole == 0
    assert states() == {"a.csv": "arriving"}


def test_a_file_that_grows_between_two_looks_waits_and_comes_in_whole(folder, source):
    path = write_csv(folder / "a.csv", KLAUS)
    looking.look_into(source, quiet=AT_ONCE)
    write_csv(path, KLAUS, ANNA)
    assert looking.look_into(source, quiet=AT_ONCE).whole == 0
    assert take_in(source, looks=1).state == State.DONE
    assert Customer.objects.count() == 2
    assert ImportBatch.objects.count() == 1


def test_a_file_that_grows_while_it_is_read_is_left_and_comes_in_later(folder, source, monkeypatch):
    path = write_csv(folder / "a.csv", KLAUS)
    copy = taking._copy

    def meanwhile(*args):
        copy(*args)
        write_csv(path, KLAUS, ANNA)

    monkeypatch.setattr(taking, "_copy", meanwhile)
    take_in(source)
    assert not ImportBatch.objects.exists()
    assert not list((path.parent / ".." / "media").glob("imports/*"))
    monkeypatch.undo()
    assert take_in(source).state == State.DONE
    assert Customer.objects.count() == 2


def test_a_file_that_disappears_before_it_is_read_harms_nothing(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    write_csv(folder / "b.csv", ANNA)
    for _look in range(2):
        looking.look_into(source, quiet=AT_ONCE)
    (folder / "a.csv").unlink()
    job = run_job(job_id=looking.ask_to_take(actor=taking_actor(), source=source).pk)
    assert job.state == State.DONE
    assert states() == {"b.csv": "imported"}
    assert DroppedFile.objects.get(name="a.csv").state == DropState.GONE


def test_a_file_that_comes_back_is_met_again(folder, source):
    path = write_csv(folder / "a.csv", KLAUS)
    kept = path.read_bytes(), path.stat()
    looking.look_into(source, quiet=AT_ONCE)
    path.unlink()
    looking.look_into(source, quiet=AT_ONCE)
    assert states() == {}
    path.write_bytes(kept[0])
    os.utime(path, ns=(kept[1].st_atime_ns, kept[1].st_mtime_ns))
    take_in(source, looks=3)
    assert states() == {"a.csv": "imported"}


def test_a_link_to_elsewhere_is_refused_in_words_and_never_read(folder, source, tmp_path):
    secret = write_csv(tmp_path / "secret.csv", KLAUS)
    (folder / "a.csv").symlink_to(secret)
    take_in(source)
    file = DroppedFile.objects.get()
    assert file.state == DropState.REFUSED
    assert "link" in file.problem
    assert not Customer.objects.exists()


def test_a_file_exchanged_for_a_link_after_the_looks_is_not_followed(folder, source, tmp_path):
    secret = write_csv(tmp_path / "secret.csv", KLAUS)
    path = write_csv(folder / "a.csv", ANNA)
    for _look in range(2):
        looking.look_into(source, quiet=AT_ONCE)
    path.unlink()
    path.symlink_to(secret)
    run_job(job_id=looking.ask_to_take(actor=taking_actor(), source=source).pk)
    assert DroppedFile.objects.get().state == DropState.REFUSED
    assert not Customer.objects.exists()


def test_a_pipe_does_not_keep_the_worker_waiting(folder, source):
    os.mkfifo(folder / "a.csv")
    take_in(source)
    assert DroppedFile.objects.get().state == DropState.REFUSED


def test_a_folder_that_leads_out_of_its_place_is_a_problem_in_words(folder, source, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    write_csv(outside / "a.csv", KLAUS)
    (folder / "in").symlink_to(outside)
    for way_out in ("in", "../outside"):
        source.drop_folder = way_out
        assert "leads out" in looking.look_into(source).problem
    assert not DroppedFile.objects.exists()


def test_the_same_bytes_under_two_names_are_imported_once(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    take_in(source)
    write_csv(folder / "b.csv", KLAUS)
    take_in(source)
    assert states() == {"a.csv": "imported", "b.csv": "repeated"}
    assert ImportBatch.objects.count() == 1


def test_two_names_that_arrive_together_are_imported_once(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    write_csv(folder / "b.csv", KLAUS)
    take_in(source)
    assert sorted(states().values()) == ["imported", "repeated"]


def test_an_undone_file_put_there_again_comes_in_again(folder, source):
    path = write_csv(folder / "a.csv", KLAUS)
    take_in(source)
    call_command("undo_import", "1", stderr=io.StringIO())
    assert not Customer.objects.exists()
    take_in(source)
    assert not Customer.objects.exists()  # it lies there as it lay: nobody asked for it again
    os.utime(path)
    take_in(source)
    assert Customer.objects.count() == 1


def test_a_new_version_of_a_file_is_imported_again(folder, source):
    path = write_csv(folder / "a.csv", KLAUS | {"external_id": "7"})
    take_in(source)
    write_csv(path, KLAUS | {"external_id": "7", "city": "Bonn"})
    take_in(source)
    assert Customer.objects.get().city == "Bonn"
    assert ImportBatch.objects.count() == 2


def test_of_two_files_the_older_goes_first(folder, source):
    newer = write_csv(folder / "a.csv", KLAUS | {"external_id": "7", "city": "Bonn"})
    older = write_csv(folder / "b.csv", KLAUS | {"external_id": "7", "city": "Köln"})
    os.utime(older, (1_700_000_000, 1_700_000_000))
    os.utime(newer, (1_700_000_600, 1_700_000_600))
    take_in(source)
    assert [batch.file_name for batch in ImportBatch.objects.order_by("number")] == [
        "b.csv",
        "a.csv",
    ]
    assert Customer.objects.get().city == "Bonn"


def test_only_names_that_fit_are_met_and_never_unfinished_ones(folder, source):
    source.drop_pattern = "orders_*.CSV"
    for name in ("orders_1.csv", "other.csv", ".orders_2.csv", "orders_3.csv.part"):
        write_csv(folder / name, KLAUS)
    looking.look_into(source, quiet=AT_ONCE)
    assert states() == {"orders_1.csv": "arriving"}


def test_what_is_no_table_is_refused_in_words_once(folder, source):
    (folder / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    write_csv(folder / "b.csv", KLAUS)
    for _time in range(2):
        take_in(source)
    assert states() == {"a.csv": "refused", "b.csv": "imported"}
    assert DroppedFile.objects.get(name="a.csv").problem
    assert DroppedFile.objects.count() == 2


def test_a_file_without_any_known_column_is_refused_in_words(folder, source):
    write_csv(folder / "a.csv", {"foo": "1", "bar": "2"})
    take_in(source)
    assert "No column" in DroppedFile.objects.get().problem


def test_a_refused_file_leaves_no_sealed_copy(folder, source, settings):
    imports = settings.DATA_DIR / "media" / "imports"
    before = set(imports.glob("*"))
    write_csv(folder / "a.csv", {"foo": "1", "bar": "2"})
    write_csv(folder / "b.csv", KLAUS)
    write_csv(folder / "c.csv", KLAUS)
    take_in(source)
    assert set(imports.glob("*")) == before


def test_columns_and_options_are_as_at_the_last_import(folder, source, tmp_path):
    by_hand = write_csv(tmp_path / "first.csv", {"Rufnummer": "0160 7969515", "Wer": "Klaus"})
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"Rufnummer": "phone", "Wer": "given_name"}))
    call_command(
        "import_customers",
        str(by_hand),
        source="web shop",
        mapping=str(mapping),
        country="DE",
        stderr=io.StringIO(),
    )
    write_csv(folder / "a.csv", {"Rufnummer": "0151 23456789", "Wer": "Anna"})
    take_in(source)
    assert Customer.objects.get(given_name="Anna").phone == "+4915123456789"


def test_a_place_that_is_gone_is_told_and_found_again(folder, source):
    folder.rename(folder.with_name("elsewhere"))
    assert "does not exist" in looking.look_into(source).problem
    noted = DropLook.objects.get()
    assert noted.problem_since is not None
    folder.with_name("elsewhere").rename(folder)
    assert looking.look_into(source).problem == ""
    noted.refresh_from_db()
    assert (noted.problem, noted.problem_since) == ("", None)


def test_a_place_no_operator_names_any_more_is_told(source):
    source.drop = "gone"
    assert "CRM_DROPS" in looking.look_into(source).problem


def test_two_who_look_at_once_do_not_meet(source):
    DropLook.objects.create(source=source)
    assert looking._claim(source)
    assert looking.look_into(source) is None


def test_there_is_one_job_for_a_source_at_a_time(source):
    assert looking.ask_to_take(actor=taking_actor(), source=source)
    assert looking.ask_to_take(actor=taking_actor(), source=source) is None


def test_a_paused_source_is_not_looked_into(folder, source):
    source.drop_paused = True
    source.save()
    write_csv(folder / "a.csv", KLAUS)
    look_into_drop(str(source.pk))
    assert not DroppedFile.objects.exists()


def test_the_scheduler_asks_for_a_job_only_when_something_is_whole(folder, source, monkeypatch):
    monkeypatch.setattr(looking, "QUIET", AT_ONCE)
    monkeypatch.setattr(looking.look_into, "__kwdefaults__", {"quiet": AT_ONCE})
    look_into_drop(str(source.pk))
    write_csv(folder / "a.csv", KLAUS)
    look_into_drop(str(source.pk))
    assert not Job.objects.exists()
    look_into_drop(str(source.pk))
    assert Job.objects.get().kind == looking.TAKE


def test_a_job_killed_while_importing_is_finished_without_importing_twice(
    folder, source, monkeypatch
):
    write_csv(folder / "a.csv", KLAUS)
    write_csv(folder / "b.csv", ANNA)

    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(taking, "_run", killed)
    with pytest.raises(Killed):
        take_in(source)
    monkeypatch.undo()
    assert sorted(states().values()) == ["importing", "whole"]
    # Its import waits in a job of its own, which some worker does; the others wait for it.
    left = DropLook.objects.get().job
    Job.objects.filter(pk=left.pk).update(heartbeat_at="2020-01-01T00:00:00Z")
    assert run_job(job_id=left.pk).state == State.DONE
    assert sorted(states().values()) == ["importing", "whole"]
    run_job(job_id=ImportBatch.objects.get().job_id)
    take_in(source, looks=1)
    assert set(states().values()) == {"imported"}
    assert ImportBatch.objects.count() == 2
    assert Customer.objects.count() == 2


def test_a_worker_whose_claim_is_lost_begins_no_import(folder, source, monkeypatch):
    write_csv(folder / "a.csv", KLAUS)
    settle = taking.mapping.settle

    def meanwhile(*args, **kwargs):
        Job.objects.update(claim="00000000-0000-7000-8000-000000000000")
        return settle(*args, **kwargs)

    monkeypatch.setattr(taking.mapping, "settle", meanwhile)
    take_in(source)
    assert not ImportBatch.objects.exists()
    assert states() == {"a.csv": "whole"}


def test_ten_thousand_files_are_met_in_a_few_queries(folder, source):
    for number in range(10_000):
        (folder / f"{number:05}.csv").write_text("")
    began = time.monotonic()
    look = looking.look_into(source, quiet=timedelta(seconds=20))
    assert look.new == 10_000
    assert time.monotonic() - began < 30
    assert DroppedFile.objects.count() == 10_000


def test_queries_of_a_look_do_not_grow_with_its_files(
    folder, source, django_assert_max_num_queries
):
    for number in range(300):
        (folder / f"{number:05}.csv").write_text("")
    looking.look_into(source, quiet=timedelta(seconds=20))
    with django_assert_max_num_queries(16):
        looking.look_into(source, quiet=timedelta(seconds=20))


def test_the_command_lists_imports_and_says_what_is_wrong(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    (folder / "b.csv").write_bytes(b"")
    errors = io.StringIO()
    call_command("import_drops", "--dry-run", stderr=errors)
    assert "2 new" in errors.getvalue()
    assert not DroppedFile.objects.exists()
    output = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_drops", "--whole", "--json", stdout=output, stderr=io.StringIO())
    assert refused.value.returncode == 1
    (result,) = json.loads(output.getvalue())
    assert (result["imported"], result["refused"], result["arriving"]) == (1, 1, 0)
    call_command("import_drops", "--whole", stderr=errors)


def test_that_the_scheduler_is_there_already_is_no_bad_verdict(folder, source):
    write_csv(folder / "a.csv", KLAUS)
    looking.ask_to_take(actor=system_user(), source=source)
    errors = io.StringIO()
    call_command("import_drops", "--whole", stderr=errors)
    assert "a worker is importing from there just now" in errors.getvalue()
    DropLook.objects.update(busy_until=timezone.now() + timedelta(minutes=1))
    call_command("import_drops", stderr=errors)
    assert "the scheduler is looking there just now" in errors.getvalue()
    assert "0 with something to look after" in errors.getvalue().splitlines()[-1]


def test_the_command_names_the_sources_it_knows(source):
    with pytest.raises(CommandError, match="web shop") as refused:
        call_command("import_drops", "--source", "nobody")
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    "text",
    [
        "no-equals-sign",
        "Shop=file:///srv",
        "shop=file://host/srv",
        "shop=file:relative",
        "shop=ftp://host/x",
        "shop=sftp:///x",
        "shop=s3://?endpoint=x",
        "shop=file:///srv?follow=1",
        "shop=sftp://u:hunter2@host:port/x",
    ],
)
def test_an_address_that_is_not_understood_is_refused_without_its_password(text):
    with pytest.raises(ImproperlyConfigured) as refused:
        storages_from(text, default={})
    assert "hunter2" not in str(refused.value)
    assert "CRM_DROPS" in str(refused.value)


def test_an_import_from_a_folder_lets_staff_work(folder, source):
    """Reading takes no lock: another connection writes while the file is copied."""
    write_csv(folder / "a.csv", KLAUS)
    for _look in range(2):
        looking.look_into(source, quiet=AT_ONCE)
    done = threading.Event()

    def other():
        Source.objects.create(name="other")
        connection.close()
        done.set()

    copy = taking._copy

    def meanwhile(*args):
        copy(*args)
        thread = threading.Thread(target=other)
        thread.start()
        assert done.wait(5)
        thread.join()

    taking._copy, kept = meanwhile, taking._copy
    try:
        job = looking.ask_to_take(actor=taking_actor(), source=source)
        assert run_job(job_id=job.pk).state == State.DONE
    finally:
        taking._copy = kept
