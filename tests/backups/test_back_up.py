"""A backup counts only when it was sealed, opened again and checked."""

import errno
import fcntl
import json
import logging
import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from dbbackup.db.base import get_connector
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from backups import connectors, services, tasks
from backups.connectors import HotSqliteConnector
from backups.errors import BackupFailed, BackupRunning
from encryption.errors import Tampered
from encryption.files import SealedWriter
from staff.models import Team

pytestmark = pytest.mark.django_db
of_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="Tells of the SQLite file of the product; test_postgres.py does of PostgreSQL",
)


def files(directory):
    return sorted(path.name for path in Path(directory).rglob("*") if path.is_file())


def nothing_is_left(data_dir):
    return files(data_dir / "tmp") == ["backup.lock"] and not files(data_dir / "backups")


def test_a_backup_is_sealed_closed_to_others_and_opens_to_the_same_data(
    live, data_dir, system, opened
):
    result = services.back_up(actor=system)
    [place] = result.places
    sealed = Path(place).read_bytes()
    assert (result.kind, result.status, result.bytes) == ("hot", "verified", len(sealed))
    assert b"SQLite" not in sealed
    assert b"a plain name" not in sealed
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(data_dir / "backups").st_mode) == 0o700
    with opened(place) as database:
        assert database.execute("SELECT sum(amount) FROM money").fetchone() == (1000,)
    assert files(data_dir / "tmp") == ["backup.lock"]
    assert files(data_dir / "backups") == [Path(place).name]


@of_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_product_itself_is_backed_up_through_the_engine(data_dir, system, opened):
    Team.objects.create(name="North")
    result = services.back_up(actor=system)
    with opened(result.places[0]) as database:
        assert database.execute("SELECT name FROM staff_team").fetchall() == [("North",)]


def test_a_backup_under_a_steady_writer_is_consistent(live, system, opened):
    """Money moves between two accounts all the time; in the backup none is missing."""
    stop = threading.Event()
    moved = []

    def write():
        with closing(sqlite3.connect(live, timeout=20)) as database:
            while not stop.is_set():
                with database:
                    database.execute(
                        "UPDATE money SET amount = amount - 1 WHERE account = 'another'"
                    )
                    database.execute(
                        "UPDATE money SET amount = amount + 1 WHERE account != 'another'"
                    )
                moved.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        places = [services.back_up(actor=system).places[0] for _n in range(3)]
    finally:
        stop.set()
        writer.join()
    assert moved
    for place in places:
        with opened(place) as database:
            assert database.execute("SELECT sum(amount) FROM money").fetchone() == (1000,)


def test_a_change_anywhere_in_a_backup_is_noticed(live, system):
    with closing(sqlite3.connect(live)) as database, database:
        rows = ((os.urandom(64).hex(), 0) for _n in range(3000))
        database.executemany("INSERT INTO money VALUES (?, ?)", rows)
    place = Path(services.back_up(actor=system).places[0])
    whole = place.read_bytes()
    assert len(whole) > 3 * 65536
    for at in [*range(0, len(whole), 40_000), len(whole) - 1]:
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Exception, match=r".") as refused, services.open_backup(place) as dump:
            dump.read()
        assert type(refused.value).__module__ == "encryption.errors"
    for size in range(0, len(whole), 30_000):
        place.write_bytes(whole[:size])
        with pytest.raises(Exception, match=r".") as refused, services.open_backup(place) as dump:
            dump.read()
        assert type(refused.value).__module__ == "encryption.errors"


def test_one_backup_cannot_be_passed_off_as_another(live, system):
    old, new = (Path(services.back_up(actor=system).places[0]) for _n in range(2))
    old.replace(new)
    with pytest.raises(Tampered), services.open_backup(new):
        pass


def test_only_finished_backups_are_opened_and_counted(live, data_dir, system):
    place = Path(services.back_up(actor=system).places[0])
    for stray in ("notes.txt", f"{place.name}.partial"):
        (data_dir / "backups" / stray).write_text("no backup")
    [kept] = services.kept_backups()
    assert (kept.path, kept.bytes) == (place, place.stat().st_size)
    assert datetime.now(UTC) - kept.made < timedelta(minutes=1)
    stray = services.open_backup(data_dir / "backups" / "notes.txt")
    with pytest.raises(BackupFailed, match="not the name"), stray:
        pass


def test_a_copy_that_is_no_database_never_gets_a_name(live, data_dir, system, monkeypatch):
    monkeypatch.setattr(
        HotSqliteConnector, "_copy_to", lambda self, copy: copy.write_bytes(b"garbage" * 5000)
    )
    with pytest.raises(BackupFailed, match="no database"):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_a_copy_with_a_broken_page_never_gets_a_name(live, data_dir, system, monkeypatch):
    with closing(sqlite3.connect(live)) as database, database:
        rows = ((str(n), n) for n in range(5000))
        database.executemany("INSERT INTO money VALUES (?, ?)", rows)
    copy_to = HotSqliteConnector._copy_to

    def breaks(self, copy):
        copy_to(self, copy)
        with copy.open("r+b") as file:
            file.seek(4096 * 5)
            file.write(b"\xff" * 4096)

    monkeypatch.setattr(HotSqliteConnector, "_copy_to", breaks)
    with pytest.raises(BackupFailed):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_an_empty_database_is_not_taken_for_a_backup(live, data_dir, system):
    with closing(sqlite3.connect(live)) as database, database:
        database.execute("DELETE FROM django_migrations")
    with pytest.raises(BackupFailed):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_what_the_disk_garbles_after_writing_is_noticed(live, data_dir, system, monkeypatch):
    seal = services._seal

    def garbles(connector, partial, label, scratch):
        seal(connector, partial, label, scratch)
        sealed = bytearray(partial.read_bytes())
        sealed[200] ^= 1
        partial.write_bytes(sealed)

    monkeypatch.setattr(services, "_seal", garbles)
    with pytest.raises(BackupFailed, match="Check the disk"):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_a_full_disk_is_said_in_words_and_leaves_nothing(live, data_dir, system, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(SealedWriter, "write", full)
    with pytest.raises(BackupFailed, match="No space left"):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_a_failed_backup_leaves_the_earlier_ones_alone(live, system, monkeypatch):
    first = services.back_up(actor=system).places
    monkeypatch.setattr(SealedWriter, "write", lambda self, data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.back_up(actor=system)
    assert [str(kept.path) for kept in services.kept_backups()] == first


def test_what_a_killed_backup_left_is_cleared_away_by_the_next(live, data_dir, system):
    (data_dir / "tmp" / "backup-killed").mkdir(parents=True)
    (data_dir / "tmp" / "backup-killed" / "dump.sqlite3").write_text("SQLite format 3")
    (data_dir / "backups").mkdir()
    (data_dir / "backups" / "20260101T000000Z-x.sqlite3.sealed.partial").write_text("half")
    result = services.back_up(actor=system)
    assert files(data_dir / "tmp") == ["backup.lock"]
    assert files(data_dir / "backups") == [Path(result.places[0]).name]


def test_two_backups_are_not_made_at_once(live, data_dir, system, caplog):
    (data_dir / "tmp").mkdir()
    with (data_dir / "tmp" / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupRunning, match="Wait"):
            services.back_up(actor=system)
        with caplog.at_level(logging.INFO):
            tasks.back_up()
    assert "another one is being made" in caplog.text
    assert not files(data_dir / "backups")


@pytest.fixture
def old_backups(data_dir):
    """Two of the same day three days ago, and one older than a year."""
    (data_dir / "backups").mkdir()
    noon = datetime.now(UTC).replace(hour=12, minute=0)
    for made in (
        noon - timedelta(days=3),
        noon - timedelta(days=3, hours=1),
        noon - timedelta(500),
    ):
        name = f"{made.strftime(services.TIME_FORMAT)}-{uuid4()}.sqlite3.sealed"
        (data_dir / "backups" / name).write_text("old")


def test_older_backups_are_given_up_once_a_new_one_is_verified(live, old_backups, system):
    services.back_up(actor=system)
    assert len(services.kept_backups()) == 2


def test_nothing_is_given_up_for_a_backup_that_failed(live, old_backups, system, monkeypatch):
    monkeypatch.setattr(services, "_verify", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.back_up(actor=system)
    assert len(services.kept_backups()) == 3


def test_the_task_backs_up_for_the_system(live, caplog):
    with caplog.at_level(logging.INFO):
        tasks.back_up()
    assert len(services.kept_backups()) == 1
    assert "by system: verified" in caplog.text


def test_the_command_says_where_the_backup_lies(live):
    out, err = StringIO(), StringIO()
    call_command("backup", stdout=out, stderr=err)
    assert Path(out.getvalue().strip()).is_file()
    assert err.getvalue().startswith("1 backup verified: ")


def test_the_command_gives_json_to_machines(live, tmp_path):
    call_command("backup", "--json", str(tmp_path / "out.json"), stderr=StringIO())
    found = json.loads((tmp_path / "out.json").read_text())
    assert found.keys() == {"id", "kind", "status", "bytes", "seconds", "places"}
    assert found["status"] == "verified"


def test_the_command_fails_with_two_when_no_backup_was_made(live, monkeypatch):
    monkeypatch.setattr(HotSqliteConnector, "_copy_to", lambda self, copy: copy.touch())
    with pytest.raises(CommandError) as failed:
        call_command("backup", stderr=StringIO())
    assert failed.value.returncode == 2


def test_the_engines_own_restore_is_refused_before_it_touches_anything(live):
    before = live.read_bytes()
    with pytest.raises(BackupFailed, match="overwrite the live database"):
        get_connector().restore_dump(BytesIO(b""))
    assert live.read_bytes() == before


@of_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_engines_own_dump_leaves_no_copy_behind(data_dir):
    Team.objects.create(name="North")
    with get_connector().create_dump() as dump:
        assert dump.read(15) == b"SQLite format 3"
        assert not files(data_dir / "tmp")


@of_sqlite
def test_a_database_that_stays_locked_is_not_waited_for_for_ever(data_dir, system, monkeypatch):
    monkeypatch.setattr(connectors, "BUSY_SECONDS", 0.1)
    Team.objects.create(name="not committed")  # the copy would have to wait for this test
    with pytest.raises(BackupFailed, match="locked"):
        services.back_up(actor=system)
    assert nothing_is_left(data_dir)


def test_another_connector_is_refused_because_it_would_leak(
    settings, data_dir, system, monkeypatch
):
    from dbbackup.db import sqlite

    monkeypatch.setattr(services, "get_connector", lambda: sqlite.SqliteConnector())
    with pytest.raises(ImproperlyConfigured, match="DBBACKUP_CONNECTOR_MAPPING"):
        services.back_up(actor=system)


def test_a_place_without_atomic_renaming_is_refused(settings, data_dir, system):
    settings.STORAGES = settings.STORAGES | {
        "dbbackup": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    with pytest.raises(ImproperlyConfigured, match="directory"):
        services.back_up(actor=system)
