"""The house plan as data: which app stands on which floor."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

FLOORS = {
    "encryption": 0,
    "staff": 1,
    "audit": 2,
    "jobs": 2,
    "quality": 3,
    "backups": 3,
    "customers": 4,
    "crm": 7,
}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


def product_files() -> Iterator[Path]:
    """Every Python file of ours but migrations and tests."""
    for app in FLOORS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
