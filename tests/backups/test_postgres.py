"""The same on PostgreSQL: piped, sealed, unpacked again."""

import json
from pathlib import Path

import pytest

from tests.product import product
from tests.servers import postgres_binary, postgres_server


@pytest.mark.servers
def test_a_postgresql_database_is_backed_up_sealed_and_unpacked_again(tmp_path):
    postgres_binary("pg_dump")
    with (
        postgres_server(tmp_path) as url,
        product(tmp_path, DATABASE_URL=url) as made,
    ):
        made.manage("create_staff", "ada", "--role", "administrator", "--one-time-password")
        found = json.loads(made.manage("backup", "--json").stdout)
        assert found["status"] == "verified"
        sealed = Path(found["places"][0]).read_bytes()
        assert not sealed.startswith(b"PGDMP")
        assert b"staff_user" not in sealed
        scratch = made.data_dir / "tmp"
        assert not [path for path in scratch.iterdir() if path.name.startswith("backup-")]
