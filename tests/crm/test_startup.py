"""Nothing starts when something would go wrong later: web, worker, beat and commands alike."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm import startup

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def environment_for(directory):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CRM_")} | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(directory / "var"),
        "CRM_SECRET_KEY": secrets.token_urlsafe(48),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "CRM_PORT": "0",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return environment | {"DATABASE_URL": "", "REDIS_URL": ""}


@pytest.fixture
def installation(template, tmp_path):
    """An environment with a data directory, a strong secret and a key ring, and no database yet."""
    shutil.copytree(template / "keys", tmp_path / "var" / "keys")
    return environment_for(tmp_path)


def manage(environment, *command):
    return run(environment, sys.executable, "manage.py", *command)


def run(environment, *command):
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A migrated data directory, made once and copied by each test that breaks one."""
    directory = tmp_path_factory.mktemp("a directory with #1 and %41 in its name")
    environment = environment_for(directory)
    manage(environment, "create_key_ring")
    done = manage(environment, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return directory / "var"


@pytest.fixture
def migrated(template, tmp_path):
    shutil.copytree(template, tmp_path / "var")
    return environment_for(tmp_path)


def ring_path(environment):
    return Path(environment["CRM_DATA_DIR"]) / "keys" / "ring.json"


DOORS = {
    "web": ["gunicorn", "crm.wsgi", "--config", "crm/gunicorn.py"],
    "worker": ["celery", "-A", "crm", "worker", "--pool", "solo"],
    "beat": ["celery", "-A", "crm", "beat"],
    "command": [sys.executable, "manage.py", "show_roles"],
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_on_an_unmigrated_database(installation, door):
    done = run(installation, *DOORS[door])
    assert done.returncode != 0
    assert "(crm.E004)" in done.stderr
    assert "HINT: Run `python manage.py migrate`" in done.stderr


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_without_the_key_ring(migrated, door):
    ring_path(migrated).unlink()
    done = run(migrated, *DOORS[door])
    assert done.returncode != 0
    assert re.search(r"\(encryption\.E1\d\d\)", done.stderr)
    assert "HINT" in done.stderr


def test_a_healthy_installation_starts(migrated):
    done = manage(migrated, "show_roles")
    assert done.returncode == 0, done.stderr


def test_a_ring_that_others_can_read_is_refused(migrated):
    ring_path(migrated).chmod(0o644)
    done = manage(migrated, "show_roles")
    assert done.returncode == 2
    assert "chmod" in done.stderr


def test_a_ring_of_another_installation_is_refused_and_the_missing_key_is_named(migrated):
    ring = ring_path(migrated)
    lost = re.findall(r'"id":\s*"(\w+)"', ring.read_text())
    ring.unlink()
    # Straight to the function: the command itself may refuse to make a ring that cannot fit.
    made = manage(migrated, "create_key_ring", "--help")
    assert made.returncode == 0
    other = ring.with_name("other.json")
    assert (
        run(
            migrated | {"CRM_KEY_RING": str(other), "CRM_DATA_DIR": str(ring.parent / "x")},
            sys.executable,
            "manage.py",
            "create_key_ring",
        ).returncode
        == 0
    )
    other.rename(ring)
    done = manage(migrated, "show_roles")
    assert done.returncode == 2
    assert all(key in done.stderr for key in lost)


@pytest.mark.parametrize("secret", ["", "short", "a" * 80, "django-insecure-" + "aB3$e" * 20])
def test_a_missing_or_weak_secret_is_refused(migrated, secret):
    done = manage(migrated | {"CRM_SECRET_KEY": secret}, "show_roles")
    assert done.returncode == 2
    assert re.search(r"\(crm\.E00[12]\)", done.stderr)


def test_debug_is_refused_where_strangers_can_reach_us(migrated):
    done = manage(
        migrated | {"CRM_DEBUG": "1", "CRM_ALLOWED_HOSTS": "crm.example.com"}, "show_roles"
    )
    assert done.returncode == 2
    assert "(crm.E003)" in done.stderr
    assert "crm.example.com" in done.stderr


def test_debug_is_fine_on_this_machine(settings):
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert list(startup.debug_problems()) == []


def test_what_mends_a_problem_runs_in_spite_of_it(installation):
    # The others are run by the fixture (no ring, no database) and by the next test.
    assert {"create_key_ring", "migrate", "makemigrations", "check"} <= startup.EXEMPT_COMMANDS
    done = manage(
        installation | {"CRM_DEBUG": "1", "CRM_ALLOWED_HOSTS": "crm.example.com"},
        "makemigrations", "--check", "--dry-run",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_check_runs_without_secret_ring_and_database(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CRM_")} | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(tmp_path / "var"),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = manage(environment, "check")
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.django_db
def test_a_healthy_database_has_no_problems():
    assert list(startup.database_problems()) == []


def test_an_unreachable_database_is_named_without_its_password(tmp_path, installation):
    environment = installation | {"DATABASE_URL": "postgres://crm:s3cret@127.0.0.1:1/crm"}
    done = manage(environment, "show_roles")
    assert done.returncode == 2
    assert "(crm.E005)" in done.stderr
    assert "s3cret" not in done.stderr + done.stdout


def test_an_operator_who_presses_ctrl_c_sees_one_line(monkeypatch, capsys):
    import manage

    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.management.execute_from_command_line", interrupted)
    monkeypatch.setattr(sys, "argv", ["manage.py", "check", "--help"])
    with pytest.raises(SystemExit) as end:
        manage.main()
    assert end.value.code == 130
    assert capsys.readouterr().err == "\nStopped. What was finished before is kept.\n"
