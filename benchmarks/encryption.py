"""What protecting six fields costs: plain columns, the stock package's fields and ours in one run.

    python -m benchmarks.encryption [ROWS]

Prints seconds and the ratio to plain columns. An in-memory SQLite database; nothing is kept.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import date

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
from django.conf import settings

django.setup()
settings.DATABASES["default"]["NAME"] = ":memory:"

from django.db import connection, models, transaction  # noqa: E402
from encrypted_model_fields import fields as stock  # noqa: E402
from uuid_utils.compat import uuid7  # noqa: E402

from encryption import fields  # noqa: E402
from encryption.models import ProtectedModel  # noqa: E402

VALUES = {
    "email": "someone.or.other@example.com",
    "phone": "+4930123456789",
    "street": "Unter den Linden 77",
    "national_id": "11010119900101123X",
    "notes": "Likes tea, dislikes phone calls before noon. " * 3,
    "born": date(1990, 1, 1),
}


class Plain(models.Model):  # noqa: DJ008
    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=50)
    email = models.EmailField(null=True, db_index=True)
    phone = models.CharField(max_length=32, null=True, db_index=True)
    street = models.CharField(max_length=200, null=True)
    national_id = models.CharField(max_length=32, null=True)
    notes = models.TextField(null=True)
    born = models.DateField(null=True)

    class Meta:
        app_label = "benchmark"


class Stock(models.Model):  # noqa: DJ008
    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=50)
    email = stock.EncryptedEmailField(null=True)
    phone = stock.EncryptedCharField(max_length=32, null=True)
    street = stock.EncryptedCharField(max_length=200, null=True)
    national_id = stock.EncryptedCharField(max_length=32, null=True)
    notes = stock.EncryptedTextField(null=True)
    born = stock.EncryptedDateField(null=True)

    class Meta:
        app_label = "benchmark"


class Ours(ProtectedModel):
    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=50)
    email = fields.EncryptedEmailField(null=True, context="benchmark.email")
    email_index = fields.BlindIndexField("email", normal_form="email.v1")
    phone = fields.EncryptedCharField(max_length=32, null=True, context="benchmark.phone")
    phone_index = fields.BlindIndexField("phone", normal_form="phone.v1")
    street = fields.EncryptedCharField(max_length=200, null=True, context="benchmark.street")
    national_id = fields.EncryptedCharField(max_length=32, null=True, context="benchmark.id")
    notes = fields.EncryptedTextField(null=True, context="benchmark.notes")
    born = fields.EncryptedDateField(null=True, context="benchmark.born")

    class Meta:
        app_label = "benchmark"


KINDS: list[type[models.Model]] = [Plain, Stock, Ours]


def save(model, rows):
    for instance in model.objects.all()[: rows // 5]:
        instance.name = "changed"
        instance.notes = f"{instance.notes}!"
        instance.save()


def bulk_create(model, rows):
    model.objects.bulk_create([model(name=str(n), **VALUES) for n in range(rows)], batch_size=500)


def read_and_open(model, rows):
    for instance in model.objects.all()[:rows]:
        for name in VALUES:
            getattr(instance, name)


def read_names(model, rows):
    for instance in model.objects.all()[:rows]:
        _ = instance.name


def best_of(times: int, work: Callable[[], None]) -> float:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        with transaction.atomic():
            work()
        found.append(time.perf_counter() - begun)
    return min(found)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with connection.schema_editor() as editor:
        for kind in KINDS:
            editor.create_model(kind)
    print(f"{rows} rows, six protected fields, two of them indexed; seconds (ratio to plain)")
    for work in (bulk_create, save, read_names, read_and_open):
        seconds = {
            kind: best_of(3, lambda kind=kind, work=work: work(kind, rows)) for kind in KINDS
        }
        shown = "   ".join(
            f"{kind.__name__.lower()} {took:.3f} ({took / seconds[Plain]:.2f})"
            for kind, took in seconds.items()
        )
        print(f"{work.__name__:<14} {shown}")


if __name__ == "__main__":
    main()
