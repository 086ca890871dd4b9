import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from backups import services
from backups.connectors import HotSqliteConnector
from staff.services import system_user


@pytest.fixture
def data_dir(tmp_path, settings):
    """A data directory of its own: places, scratch and lock of one test."""
    settings.DATA_DIR = tmp_path
    storages = dict(settings.STORAGES)
    storages["dbbackup"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "backups"), "file_permissions_mode": 0o600},
    }
    settings.STORAGES = storages
    return tmp_path


@pytest.fixture
def live(tmp_path, data_dir, monkeypatch):
    """A live database file in WAL mode, as the connector finds it in the product."""
    path = tmp_path / "crm.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE django_migrations (name TEXT)")
        database.execute("INSERT INTO django_migrations VALUES ('0001_initial')")
        database.execute("CREATE TABLE money (account TEXT, amount INTEGER)")
        database.execute("INSERT INTO money VALUES ('a plain name', 500), ('another', 500)")
    connector = HotSqliteConnector()
    wrapped = DatabaseWrapper(
        {**connections["default"].settings_dict, "NAME": str(path)}, alias="live"
    )
    connector.connection = wrapped
    monkeypatch.setattr(services, "_connector", lambda: connector)
    yield path
    wrapped.close()


@pytest.fixture
def system(db):
    return system_user()


@pytest.fixture
def opened(tmp_path):
    """The database that comes out of a backup."""

    def open_(path):
        copy = tmp_path / "restored.sqlite3"
        with services.open_backup(Path(path)) as dump:
            copy.write_bytes(dump.read())
        return closing(sqlite3.connect(copy))

    return open_
