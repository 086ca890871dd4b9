"""Goes through every protected value of the database: which key it is under, and whether it opens.

Both walk every model that has protected fields, history included, one batch of rows in memory at
a time, and both read only.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models

from encryption.blind_index import BlindIndexField
from encryption.errors import CannotOpen, NotSealed, Tampered, UnknownKey
from encryption.legacy import FERNET_PREFIX
from encryption.models import protected_fields
from encryption.protection import ProtectedMixin
from encryption.ring_format import KEY_ID

BATCH_ROWS = 2000
PROBLEMS: dict[type[CannotOpen], str] = {
    UnknownKey: "unknown key",
    Tampered: "tampered",
    NotSealed: "not sealed",
    CannotOpen: "wrong type",
}


@dataclass(frozen=True)
class Finding:
    """One value that is not as it should be. `id` is the row's key in its own table."""

    model: str
    field: str
    id: str
    problem: str


@dataclass
class Survey:
    """What was looked at and what was found."""

    rows: int = 0
    values: int = 0
    indexes: int = 0
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def protected_models() -> list[type[models.Model]]:
    """Every model with a table of its own and protected fields, history models included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and _own_fields(model)
    ]


def _own_fields(model: type[models.Model]) -> list[ProtectedMixin]:
    return [field for field in protected_fields(model) if field in model._meta.local_fields]


def counts_by_key(using: str = DEFAULT_DB_ALIAS) -> dict[tuple[str, str], Counter[str]]:
    """Values for each (model, field) by key id; "fernet" and "not sealed" beside the ids."""
    connection = connections[using]
    counts: dict[tuple[str, str], Counter[str]] = {}
    for model in protected_models():
        for field_ in _own_fields(model):
            column = connection.ops.quote_name(field_.column)
            table = connection.ops.quote_name(model._meta.db_table)
            found = counts.setdefault((model._meta.label, field_.name), Counter())
            with connection.cursor() as cursor:
                # The longest head that names a key, `p1.` and 8 characters, keeps the groups few.
                cursor.execute(
                    f"SELECT SUBSTR({column}, 1, 11), COUNT(*) FROM {table} "  # noqa: S608
                    f"WHERE {column} IS NOT NULL GROUP BY 1"
                )
                for head, count in cursor.fetchall():
                    found[_key_of(head)] += count
    return counts


def _key_of(head: str) -> str:
    if head.startswith(FERNET_PREFIX):
        return "fernet"
    version, _, rest = head.partition(".")
    key_id = rest.partition(".")[0]
    return key_id if version == "p1" and KEY_ID.fullmatch(key_id) else "not sealed"


def open_everything(
    using: str = DEFAULT_DB_ALIAS,
    progress: Callable[[str, int], None] = lambda model, rows: None,
    batch_rows: int = BATCH_ROWS,
) -> Survey:
    """Opens every protected value and recomputes every blind index."""
    survey = Survey()
    for model in protected_models():
        for number, row in enumerate(_rows(model, using, batch_rows), 1):
            survey.rows += 1
            survey.findings += _of_row(model, row, survey)
            if number % batch_rows == 0:
                progress(model._meta.label, number)
    return survey


def _rows(model: type[models.Model], using: str, batch_rows: int) -> Iterator[dict[str, Any]]:
    own: list[Any] = [*_own_fields(model), *_own_indexes(model)]
    names = {model._meta.pk.attname, *(field.attname for field in own)}
    names |= {field.bound_to for field in own if isinstance(field, ProtectedMixin)}
    # A plain query set: managers of the application may hide rows.
    rows: models.QuerySet[Any] = models.QuerySet(model, using=using)
    return rows.order_by().values(*names).iterator(chunk_size=batch_rows)


def _own_indexes(model: type[models.Model]) -> list[BlindIndexField]:
    return [field for field in model._meta.local_fields if isinstance(field, BlindIndexField)]


def _of_row(model: type[models.Model], row: dict[str, Any], survey: Survey) -> Iterator[Finding]:
    key = str(row[model._meta.pk.attname])
    opened: dict[str, Any] = {}
    for field_ in _own_fields(model):
        sealed = row[field_.attname]
        if sealed is None:
            opened[field_.name] = None
            continue
        survey.values += 1
        try:
            opened[field_.name] = sealed.open(row[field_.bound_to])
        except CannotOpen as error:
            yield Finding(model._meta.label, field_.name, key, PROBLEMS[type(error)])
    for index in _own_indexes(model):
        if index.source in opened:
            survey.indexes += 1
            if not _agrees(index, row[index.attname], opened[index.source]):
                yield Finding(model._meta.label, index.name, key, "index does not fit")


def _agrees(index: BlindIndexField, stored: Any, value: Any) -> bool:
    digests = () if value is None else index.digests(value)
    if stored is None:
        return not digests
    return bytes(stored) in digests
