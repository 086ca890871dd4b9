"""What a sealed column cannot do is found by `manage.py check`, before it is tried."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.sites import AdminSite
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps
from uuid_utils.compat import uuid7

from encryption import checks, fields
from encryption.admin_checks import check_registered_admins
from encryption.checks import check_protected_models, check_ring_apart_from_data
from encryption.models import ProtectedModel
from tests.encryption.testapp.models import Person


def ids(messages):
    return sorted(message.id for message in messages)


def test_our_own_models_and_admins_are_clean():
    assert [m for m in run_checks() if m.id.startswith("encryption.")] == []


@pytest.fixture
def checked(monkeypatch):
    """Messages about these models only."""

    def check(*models_):
        monkeypatch.setattr(checks.apps, "get_models", lambda: models_)
        return check_protected_models(None)

    return check


@isolate_apps("tests.encryption.testapp")
def test_a_model_that_asks_too_much_of_its_fields(checked):
    class Greedy(models.Model):  # noqa: DJ008
        key = models.UUIDField(primary_key=True, default=uuid7)
        name = models.CharField(max_length=5)
        unique = fields.EncryptedCharField(max_length=9, unique=True, null=True, context="g.unique")
        indexed = fields.EncryptedCharField(
            max_length=9, db_index=True, null=True, context="g.indexed"
        )
        empty = fields.EncryptedTextField(blank=True, context="g.empty")
        default = fields.EncryptedCharField(max_length=9, db_default="x", context="g.default")
        unnamed = fields.EncryptedDateField(null=True)
        email = fields.EncryptedEmailField(null=True, context="g.email")
        email_index = fields.BlindIndexField("email", normal_form="email.v1")
        name_index = fields.BlindIndexField("name", normal_form="email.v1")
        lost_index = fields.BlindIndexField("nothing", normal_form="email.v1")

        class Meta:
            app_label = "encryption_testapp"
            ordering = ["-email", "name", models.F("name")]
            unique_together = [("name", "email")]
            indexes = [models.Index(fields=["-email", "name"], name="by_email")]
            constraints = [
                models.UniqueConstraint(fields=["email"], name="one_email"),
                models.CheckConstraint(condition=models.Q(name="x"), name="checked"),
            ]

    found = checked(Greedy)
    assert ids(found) == sorted(
        ["encryption.E001"]
        + ["encryption.E004"] * 2
        + ["encryption.E005"] * 3
        + ["encryption.W006", "encryption.E007", "encryption.E010", "encryption.E011"]
        + ["encryption.E009"] * 2
    )
    assert any('context="encryption_testapp.greedy.unnamed"' in (m.hint or "") for m in found)


@isolate_apps("tests.encryption.testapp")
def test_a_key_given_by_the_database_comes_too_late(checked):
    class Numbered(ProtectedModel):
        note = fields.EncryptedTextField(null=True, context="n.note")

        class Meta:
            app_label = "encryption_testapp"

    assert ids(checked(Numbered)) == ["encryption.E008"]


@isolate_apps("tests.encryption.testapp")
def test_two_columns_of_one_context_could_be_swapped(checked):
    class One(ProtectedModel):
        id = models.UUIDField(primary_key=True, default=uuid7)
        note = fields.EncryptedTextField(null=True, context="shared")
        more = fields.EncryptedTextField(null=True, context="shared")

        class Meta:
            app_label = "encryption_testapp"

    assert ids(checked(One)) == ["encryption.E012"]


@isolate_apps("tests.encryption.testapp")
def test_fields_of_an_abstract_model_belong_to_each_child(checked):
    class Base(ProtectedModel):
        id = models.UUIDField(primary_key=True, default=uuid7)
        note = fields.EncryptedTextField(null=True)

        class Meta:
            app_label = "encryption_testapp"
            abstract = True

    class Child(Base):
        class Meta:
            app_label = "encryption_testapp"

    class OtherChild(Base):
        class Meta:
            app_label = "encryption_testapp"

    contexts = {m._meta.get_field("note").context for m in (Child, OtherChild)}
    assert contexts == {"encryption_testapp.child.note", "encryption_testapp.otherchild.note"}
    assert ids(checked(Child, OtherChild)) == ["encryption.W006"] * 2
    assert Base._meta.get_field("note").context == "note"


def test_an_admin_that_searches_filters_or_sorts_by_what_is_sealed():
    site = AdminSite(name="greedy")

    class Greedy(admin.ModelAdmin):
        search_fields = ("name", "=email", "boss__phone", "email__exact", "boss__name__iexact")
        list_filter = ("boss", "born", ("notes", admin.EmptyFieldListFilter), OwnFilter)
        ordering = ("-email", "name", models.F("name"))

    site.register(Person, Greedy)
    found = [m for m in check_registered_admins(None) if isinstance(m.obj, Greedy)]
    assert ids(found) == ["encryption.E001"] + ["encryption.E002"] * 3 + ["encryption.E003"] * 2
    assert all(m.hint for m in found)


class OwnFilter(admin.SimpleListFilter):
    title = parameter_name = "own"

    def lookups(self, request, model_admin):
        return []


def test_deploying_with_the_ring_among_the_data_warns(settings, tmp_path):
    assert ids(check_ring_apart_from_data(None)) == ["encryption.W013"]
    settings.CRM_KEY_RING = str(tmp_path / "ring.json")
    assert check_ring_apart_from_data(None) == []
    settings.CRM_KEY_RING = str(settings.DATA_DIR / ".." / settings.DATA_DIR.name / "keys.json")
    assert ids(check_ring_apart_from_data(None)) == ["encryption.W013"]
    settings.CRM_KEY_RING_JSON = "{}"
    assert check_ring_apart_from_data(None) == []


def test_unknown_masks_and_normal_forms_are_refused_at_once():
    with pytest.raises(ValueError, match="no mask 'half'"):
        fields.EncryptedCharField(mask="half")
    with pytest.raises(ValueError, match="no normal form"):
        fields.BlindIndexField("name", normal_form="name.v1")


def test_every_protected_field_of_the_product_has_context_and_class():
    """Ours, not those of the tests."""
    for model in apps.get_models():
        if model._meta.app_label != "encryption_testapp":
            for field in model._meta.local_fields:
                if isinstance(field, fields.ProtectedMixin):
                    assert field.has_explicit_context, field
                    assert field.data_class is not None, field
