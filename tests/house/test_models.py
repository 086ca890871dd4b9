import uuid

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from encrypted_model_fields.fields import EncryptedMixin

from encryption.classes import DataClass
from encryption.masks import MASKS
from tests.house.plan import FLOORS

MODELS = [model for app in FLOORS for model in apps.get_app_config(app).get_models()]
HISTORIES = [
    model
    for model in MODELS
    if hasattr(model, "history_date") or model.__name__.startswith("Historical")
]
OURS = [model for model in MODELS if model not in HISTORIES]
BUSINESS = [model for model in OURS if not getattr(model, "history_exempt", "")]


def label(model):
    return model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_every_model_has_a_uuid7_primary_key(model):
    key = model._meta.pk.get_default()
    assert isinstance(key, uuid.UUID)
    assert key.version == 7


@pytest.mark.parametrize("model", BUSINESS, ids=label)
def test_every_business_model_keeps_history(model):
    assert hasattr(model, "history"), "no history and no history_exempt = 'why'"


@pytest.mark.parametrize("model", [m for m in OURS if getattr(m, "history_exempt", "")], ids=label)
def test_a_model_without_history_says_why(model):
    assert len(model.history_exempt) > 20


@pytest.mark.parametrize("model", BUSINESS, ids=label)
def test_every_business_model_has_an_admin_or_is_edited_inside_another(model):
    inlines = {
        inline.model
        for registered in admin.site._registry.values()
        for inline in registered.inlines
    }
    shown_with = getattr(model, "shown_with", None)
    assert model in admin.site._registry or model in inlines or shown_with


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_protected_field_declares_its_context_class_and_mask(model):
    for field in model._meta.concrete_fields:
        if isinstance(field, EncryptedMixin):
            app, name, attribute = field.context.split(".")
            assert (app, name.replace("_", "")) == (model._meta.app_label, model._meta.model_name)
            assert attribute == field.name
            assert field.data_class in DataClass.values
            assert field.mask in MASKS


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
