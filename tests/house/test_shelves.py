import ast
import re

import pytest

from tests.house.plan import FLOORS, FORBIDDEN_NAMES, ROOT, functions, product_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
TOP_LEVEL = {
    "manage.py", "templates", "requirements.txt", "requirements-dev.txt", "tests", "pyproject.toml",
    "Makefile", "Procfile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs",
    "benchmarks", "locale", "static", ".ci", ".gitignore", *FLOORS,
}  # fmt: skip
NOT_COMMITTED = {".git", ".venv", "var", ".env"}


@pytest.mark.parametrize("app", FLOORS)
def test_every_app_has_a_charter_of_three_to_six_lines(app):
    charter = ast.get_docstring(ast.parse((ROOT / app / "__init__.py").read_text()))
    assert charter
    assert 3 <= len([line for line in charter.splitlines() if line.strip()]) <= 6
    assert "Belongs here" in charter


@pytest.mark.parametrize("app", FLOORS)
def test_every_app_has_the_files_of_the_shelf_in_their_places(app):
    assert (ROOT / app / "apps.py").exists()
    for command in (ROOT / app).glob("management/commands/*.py"):
        assert command.stem == "__init__" or re.fullmatch(r"[a-z]+(_[a-z]+)*", command.stem)


def test_no_file_or_folder_is_called_utils_or_the_like():
    names = {part for path in product_files() for part in (*path.parts[:-1], path.stem)}
    assert names & FORBIDDEN_NAMES == set()


def test_the_top_level_holds_what_the_plan_says():
    cache = re.compile(r"\.?.*_cache|__pycache__|\.hypothesis|\.coverage.*|node_modules")
    found = {p.name for p in ROOT.iterdir() if not cache.fullmatch(p.name)} - NOT_COMMITTED
    assert found - TOP_LEVEL == set()


def test_no_file_is_longer_than_a_file_may_be():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in product_files()
    }
    assert {path: n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_longer_than_its_thought():
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1})"
        for path in product_files()
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_html_is_never_marked_safe_by_hand():
    assert [str(p) for p in product_files() if "mark_safe" in p.read_text(encoding="utf-8")] == []
