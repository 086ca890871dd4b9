import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings

from tests.house.plan import FLOORS, ROOT


def test_an_app_imports_only_from_floors_below_its_own():
    """In a process of its own: called here it would silence every logger of the other tests."""
    command = [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_model_points_only_at_models_of_its_own_app_or_of_floors_below():
    upward = []
    for app, floor in FLOORS.items():
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            for field in model._meta.get_fields(include_hidden=False):
                target = getattr(field, "related_model", None)
                if (
                    not target
                    or field.auto_created
                    or target._meta.label == settings.AUTH_USER_MODEL
                ):
                    continue
                target_app = target._meta.app_label
                if target_app in FLOORS and target_app != app and FLOORS[target_app] >= floor:
                    upward.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert upward == []


def test_every_app_of_the_plan_is_installed():
    assert {app for app in FLOORS if app in settings.INSTALLED_APPS} == set(FLOORS)
