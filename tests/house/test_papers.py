"""Commands, settings and packages: what stands in the code stands in the papers and the tests."""

import importlib
import re

import pytest
from django.core.management import load_command_class

from tests.house.plan import FLOORS, ROOT, product_files

COMMANDS = {
    path.stem: app for app in FLOORS for path in (ROOT / app).glob("management/commands/[a-z]*.py")
}
TEST_TEXT = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")
)
OWNERS_PACKAGES = {
    "django": "django",
    "django-encrypted-model-fields": "encrypted_model_fields",
    "django-simple-history": "simple_history",
    "django-dbbackup": "dbbackup",
    "celery": "celery",
    "redis": "redis",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_tested(command):
    assert re.search(rf"\b{command}\b", TEST_TEXT)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command):
    assert load_command_class(COMMANDS[command], command).help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_operators_manual(command):
    assert f"`{command}" in (ROOT / "docs" / "commands.md").read_text()


def test_every_setting_is_documented_and_every_documented_setting_exists():
    read = set()
    for path in product_files():
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", text))
        read |= set(re.findall(r"""environ(?:\.get\(|\[)\s*["'](CRM_[A-Z_]+)["']""", text))
    written = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.M))
    assert read == written


@pytest.mark.parametrize("package", [*OWNERS_PACKAGES, "pytest-django"])
def test_the_packages_the_owner_named_are_pinned(package):
    pins = (ROOT / "requirements-dev.txt").read_text() + (ROOT / "requirements.txt").read_text()
    assert re.search(rf"^{package}==", pins, re.M)


@pytest.mark.parametrize(("package", "module"), OWNERS_PACKAGES.items())
def test_the_packages_the_owner_named_are_used(package, module):
    importlib.import_module(module)
    used = [
        p
        for p in product_files()
        if re.search(rf"^\s*(from|import) {module}\b", p.read_text(encoding="utf-8"), re.M)
    ]
    assert used


def test_requirements_are_pinned_with_hashes():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for block in re.split(r"\n(?=\S)", (ROOT / name).read_text()):
            if block and not block.startswith("#"):
                assert "==" in block.splitlines()[0], block
                assert "--hash=sha256:" in block, block


def test_nothing_names_a_machine_or_a_registry():
    places = re.compile("/wo" + "rk/|/ro" + "ot/|index" + "-url ")
    kinds = {".py", ".md", ".txt", ".toml", ".html", ".css", ".js", ".env"}
    for folder in ("docs", "tests", "benchmarks", "templates", "static", *FLOORS):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in kinds:
                assert not places.search(path.read_text(encoding="utf-8")), path
    for path in ROOT.iterdir():
        if path.is_file() and path.name not in {".env", "Makefile"}:
            assert not places.search(path.read_text(encoding="utf-8", errors="replace")), path
