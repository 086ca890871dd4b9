"""The base of every business model: no change without its record.

`save()` and `delete()` write the row and its history row in one transaction and only what
changed. The ways around them that Django offers raise; the `audited_…` methods do the same work
for many rows at once, with one history statement per batch and no query per row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from copy import deepcopy
from functools import cache
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import connections, models, router, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history import register
from uuid_utils.compat import uuid7

from audit.bulk import insert_rows, update_rows
from audit.history import History
from audit.recording import CHANGED, CREATED, DELETED, record, recorded_already
from encryption.errors import CannotOpen
from encryption.fields import BlindIndexField
from encryption.models import ProtectedManager, ProtectedModel, ProtectedQuerySet
from encryption.sealed import Sealed
from staff.models import Team, User

Audited = TypeVar("Audited", bound="AuditedModel")

KEYS_PER_QUERY = 500


class UnauditedWrite(TypeError):
    """A write that would leave no history."""

    def __init__(self, model: type[models.Model], method: str, instead: str) -> None:
        super().__init__(f"{model.__name__}: {method}() would leave no history; use {instead}.")


def _refuse(method: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(self: AuditedQuerySet[Any], *args: Any, **kwargs: Any) -> NoReturn:
        raise UnauditedWrite(self.model, method, instead)

    refuse.__name__ = method
    refuse.queryset_only = False  # type: ignore[attr-defined]
    refuse.alters_data = True  # type: ignore[attr-defined]
    return refuse


class AuditedQuerySet(ProtectedQuerySet[Audited]):
    """Reads as any other; writes only with history."""

    update = _refuse("update", "audited_set(), audited_update() or save()")
    bulk_create = _refuse("bulk_create", "audited_create()")
    bulk_update = _refuse("bulk_update", "audited_update()")
    _raw_delete = _refuse("_raw_delete", "delete()")

    def audited_create(
        self, objs: Iterable[Audited], *, batch_size: int | None = None
    ) -> list[Audited]:
        """Insert many new objects with their history."""
        objs = list(objs)
        with transaction.atomic(using=self._writer, savepoint=False):
            insert_rows(self.model, objs, using=self._writer, batch_size=batch_size)
            record(self.model, [obj.pk for obj in objs], CREATED, using=self._writer)
        for obj in objs:
            obj._remember()
        return objs

    def audited_update(
        self, objs: Iterable[Audited], fields: Collection[str], *, batch_size: int | None = None
    ) -> int:
        """Save objects that were loaded and then changed in memory; returns how many changed.

        Of `fields` each row gets only those that differ from what was loaded, so that a change
        somebody else made meanwhile to another field stays.
        """
        now = timezone.now()
        alike: dict[tuple[str, ...], list[Audited]] = {}
        for obj in objs:
            if changed := obj.changed_fields(fields):
                obj.updated_at = now
                alike.setdefault(tuple(changed), []).append(obj)
        keys: list[Any] = []
        with transaction.atomic(using=self._writer, savepoint=False):
            self._lock_in_order(obj.pk for group in alike.values() for obj in group)
            for changed_names, group in alike.items():
                names = [*changed_names, "updated_at"]
                update_rows(self.model, group, names, using=self._writer, batch_size=batch_size)
                keys += [obj.pk for obj in group]
            record(self.model, keys, CHANGED, using=self._writer)
        for group in alike.values():
            for obj in group:
                obj._remember()
        return len(keys)

    def audited_set(self, **values: Any) -> int:
        """Set plain fields of all rows of the queryset to the same values; returns how many
        rows changed."""
        different = Q()
        for name, value in values.items():
            if value is None:
                different |= Q(**{f"{name}__isnull": False})
            elif hasattr(value, "resolve_expression"):
                different |= ~Q(pk=None)
            else:
                different |= ~Q(**{name: value})
        with transaction.atomic(using=self._writer, savepoint=False):
            keys = self._locked_keys(self.filter(different))
            for chunk in _chunks(keys):
                rows = self._unguarded().filter(pk__in=chunk)
                ProtectedQuerySet.update(rows, **values, updated_at=timezone.now())
            return record(self.model, keys, CHANGED, using=self._writer)

    def lock(self) -> list[Any]:
        """Keep everybody from changing or pointing at these rows until the transaction ends; for
        whoever decides from what stands there. Returns their keys."""
        return self._locked_keys(self, for_good=True)

    audited_create.alters_data = True  # type: ignore[attr-defined]
    audited_update.alters_data = True  # type: ignore[attr-defined]
    audited_set.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows; each leaves a last history row."""
        with transaction.atomic(using=self._writer, savepoint=False):
            keys = self._locked_keys(self, for_good=True)
            record(self.model, keys, DELETED, using=self._writer)
            with recorded_already(self.model, keys):
                deleted, by_model = 0, dict[str, int]()
                for chunk in _chunks(keys):
                    rows = self._unguarded().filter(pk__in=chunk)
                    count, counts = ProtectedQuerySet.delete(rows)
                    deleted += count
                    for label, number in counts.items():
                        by_model[label] = by_model.get(label, 0) + number
        return deleted, by_model

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    @property
    def _writer(self) -> str:
        # The hints and the database of a query set are Django's own, and not in the stubs.
        own: Any = self
        return str(own._db or router.db_for_write(self.model, **own._hints))

    def _unguarded(self) -> Self:
        """All rows, whatever the manager hides."""
        return type(self)(model=self.model, using=self._writer)

    def _locked_keys(self, rows: models.QuerySet[Any], *, for_good: bool = False) -> list[Any]:
        """The keys of these rows, which nobody else changes until the transaction ends.

        Everybody locks in the order of keys, so that two with the same rows wait for each other
        once and not for ever. `for_good`: the rows will be deleted, so nothing may begin to point
        at them either.
        """
        rows = rows.using(self._writer).order_by()
        features = connections[self._writer].features
        if features.has_select_for_update_of:
            no_key = features.has_select_for_no_key_update and not for_good
            rows = rows.order_by("pk").select_for_update(of=("self",), no_key=no_key)
        return list(rows.values_list("pk", flat=True))

    def _lock_in_order(self, keys: Iterable[Any]) -> None:
        """Before rows are updated one by one, in whatever order. SQLite has locked all already."""
        if connections[self._writer].features.has_select_for_update:
            for chunk in _chunks(sorted(keys)):
                self._locked_keys(self._unguarded().filter(pk__in=chunk))


def _chunks(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(keys), KEYS_PER_QUERY):
        yield keys[start : start + KEYS_PER_QUERY]


AuditedManager = ProtectedManager.from_queryset(AuditedQuerySet, class_name="AuditedManager")


class AuditedModel(ProtectedModel):
    """A business row: UUIDv7, when it was made and last changed, and its history."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects: ClassVar[Any] = AuditedManager()
    history: ClassVar[Any] = History(inherit=True)
    # Fields that hold a code, with what says it in words: nobody reads codes in a history.
    worded: ClassVar[dict[str, Callable[[str], str]]] = {}

    # What the database held when this instance was loaded or last saved, protected values sealed.
    _stored: dict[str, Any]

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Self:
        instance = super().from_db(db, field_names, values, **options)
        held = instance.__dict__
        held["_stored"] = {name: _kept(held[name]) for name in field_names}
        return instance

    def why_closed(self) -> str:
        """Why nobody changes this row now, in words for people; empty when they may."""
        return ""

    def changed_fields(self, among: Collection[str] | None = None) -> list[str]:
        """Names of the fields whose value differs from what is stored (as far as we know)."""
        # Straight from the instance, where a protected value lies as its token; a field that
        # was not loaded is not there and has not changed.
        held, stored = self.__dict__, self.__dict__.get("_stored", {})
        return [
            field.name
            for field in _remembered(type(self))
            if field.attname in held
            and not field.primary_key
            and (among is None or field.name in among or field.attname in among)
            and not (
                field.attname in stored and _same(field, stored[field.attname], held[field.attname])
            )
        ]

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write what changed and its history row, or nothing when nothing changed."""
        using = using or router.db_for_write(type(self), instance=self)
        if self._state.adding or force_insert:
            with transaction.atomic(using=using, savepoint=False):
                super().save(force_insert=force_insert, using=using)
            self._remember()
            return
        changed = self.changed_fields(None if update_fields is None else list(update_fields))
        if not changed:
            return
        if "updated_at" not in changed:
            self.updated_at = timezone.now()
            changed.append("updated_at")
        with transaction.atomic(using=using, savepoint=False):
            super().save(force_update=force_update, using=using, update_fields=changed)
        self._remember(changed)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> Any:
        using = using or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using, savepoint=False):
            return super().delete(using=using, keep_parents=keep_parents)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: Any = None,
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        self._remember(names)

    def _remember(self, names: Collection[str] | None = None) -> None:
        """What is in memory now is what is stored. An expression is not: it was computed there."""
        held = self.__dict__
        stored = {} if names is None else dict(held.get("_stored", {}))
        for field in _remembered(type(self)):
            name = field.attname
            if name not in held or not (names is None or field.name in names or name in names):
                continue
            if hasattr(held[name], "resolve_expression"):
                del held[name]  # read again when somebody asks
            else:
                stored[name] = _kept(held[name])
        held["_stored"] = stored


@cache
def _remembered(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not _is_computed(field))


def _kept(value: Any) -> Any:
    """A copy of what can be changed in place (JSON), else the value itself."""
    return deepcopy(value) if isinstance(value, dict | list) else value


def _is_computed(field: Any) -> bool:
    return isinstance(field, BlindIndexField) or bool(getattr(field, "generated", False))


def _same(field: Any, stored: Any, value: Any) -> bool:
    """A protected value assigned anew is compared with the opened one; what does not open is
    never the same as anything, so that it can be replaced."""
    if isinstance(stored, Sealed) and not isinstance(value, Sealed):
        if value is None or hasattr(value, "resolve_expression"):
            return False
        try:
            return bool(stored.open() == field.to_python(value))
        except (CannotOpen, ValidationError):
            return False
    return bool(stored == value)


class HistoryAccess(models.Model):
    """Carries the permissions on history that belong to no single model. Has no table."""

    history_exempt = "It has no table: it only carries permissions."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_deleted_history", _("Can read the history of what was deleted")),
            ("restore_version", _("Can put an old version of a record back")),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PutBack(models.Model):
    """That one history row came about by putting another one's values back.

    Whoever asks where a value came from goes on from there.
    """

    history_exempt = "It is itself the record of an event; the change is in the object's history."

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    history_id = models.UUIDField(_("history row"), unique=True, editable=False)
    version_id = models.UUIDField(_("version put back"), editable=False)

    class Meta:
        verbose_name = _("version put back")
        verbose_name_plural = _("versions put back")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.version_id)


register(Team, app="audit", records_class=History)
register(User, app="audit", records_class=History, excluded_fields=["password", "last_login"])
