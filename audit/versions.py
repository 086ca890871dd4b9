"""Putting an old version of a row back: the fields somebody chose take the values they had.

A protected value goes back as its stored token, which belongs to this row and stays byte for byte
what it was, whether or not it can be opened. The result has to be as valid as if it were typed,
and the change is one more step of the history. What was deleted does not come back this way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connections, models, router, transaction
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from audit.changes import Row, differs, newest_version, rows_of, told_fields
from audit.context import acting, current
from audit.disclosure import is_protected, protected_fields
from audit.models import AuditedModel, PutBack
from audit.reasons import validate_reason
from audit.recording import DELETED
from encryption.errors import CannotOpen
from encryption.sealed import Sealed, sealed_values
from staff.models import User

PERMISSION = "audit.restore_version"


class CannotPutBack(ValueError):
    """It was not done; `errors` says why, by name of field ("" for the whole)."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__(" ".join(text for texts in errors.values() for text in texts))


class ChangedMeanwhile(CannotPutBack):
    """Somebody changed the row after the version was looked at."""


@dataclass(frozen=True)
class Difference:
    """One field whose value in the old version is not the present one; both as stored."""

    field: Any
    now: Any
    then: Any


def version_of(model: type[models.Model], key: Any, history_id: UUID) -> Row | None:
    """A history row of this object, None if it is none of its own or tells of its deletion."""
    row: Row | None = rows_of(model, key).filter(history_id=history_id).first()
    return None if row is None or row["history_type"] == DELETED else row


def version_before(model: type[models.Model], key: Any, history_id: UUID) -> Row | None:
    """The history row before this one."""
    after = rows_of(model, key).filter(history_id=history_id).first()
    if after is None:
        return None
    when = after["history_date"]
    older = Q(history_date__lt=when) | Q(history_date=when, history_id__lt=history_id)
    row: Row | None = rows_of(model, key).filter(older).first()
    return None if row is None or row["history_type"] == DELETED else row


def restorable(model: type[models.Model], names: Iterable[str] | None = None) -> list[Any]:
    """The fields that can be put back: what people edit. What follows from a deed of its own
    (number, bin) has its own way back."""
    return [field for field in told_fields(model, names) if field.editable]


def differences(obj: models.Model, version: Row, fields: Iterable[Any]) -> list[Difference]:
    """Of these fields, those that the version has other values of."""
    with sealed_values():
        now: Row = {field.attname: getattr(obj, field.attname) for field in fields}
    return [
        Difference(field, now[field.attname], version[field.attname])
        for field in fields
        if differs(field, now, version, obj.pk)
    ]


def problems(obj: AuditedModel, version: Row, names: Collection[str]) -> dict[str, list[str]]:
    """What would be wrong with the row if these fields were put back; nothing is changed."""
    trial = copy(obj)
    changed = _assign(trial, version, names)
    return _errors(trial, changed)


def put_back(
    *,
    actor: User,
    obj: AuditedModel,
    version: UUID,
    fields: Collection[str],
    reason: str,
    seen: UUID | None = None,
) -> list[str]:
    """Give these fields of the row the values they had; returns the names of those that changed.

    `seen` is the newest history row that the actor knew of: if there is a newer one by now, nothing
    is done. Raises CannotPutBack, ChangedMeanwhile, and ValidationError for the reason.
    """
    validate_reason(reason)
    model: Any = obj._meta.concrete_model
    using = router.db_for_write(model)
    with (
        acting(actor=actor, door=current().door, reason=reason),
        transaction.atomic(using=using),
    ):
        held = _locked(model, obj.pk, using)
        if held is None:
            raise CannotPutBack({"": [_("This was deleted. What is gone is not put back here.")]})
        row = version_of(model, held.pk, version)
        if row is None:
            raise CannotPutBack({"": [_("There is no such version of this.")]})
        changed = _assign(held, row, fields)
        if not changed:
            return []
        _refuse(held, changed, seen)
        _save(held, changed, row, using)
        made: Any = newest_version(model, held.pk)
        PutBack.objects.using(using).create(history_id=made, version_id=version)
    return changed


def may_put_back(user: Any, obj: models.Model) -> bool:
    """Whether this person may put versions of this object back, as far as roles say."""
    change = f"{obj._meta.app_label}.change_{obj._meta.model_name}"
    closed = isinstance(obj, AuditedModel) and obj.why_closed()
    return bool(not closed and user.has_perm(PERMISSION) and user.has_perm(change))


def url_of_restore(obj: models.Model, history_id: UUID, *, undo: bool = False) -> str:
    """The preview of putting this version back; with `undo` of going back to the one before it,
    in the fields that this one changed. Empty for a model without pages of its own."""
    url = _page(obj, "put_back", obj.pk, history_id) or _page_of_owner(obj, history_id)
    return f"{url}?undo=1" if url and undo else url


def _page_of_owner(obj: models.Model, history_id: UUID) -> str:
    """For a row without pages of its own: a page of the object that it belongs to."""
    name = getattr(obj, "history_of", "")
    if not name:
        return ""
    field: Any = obj._meta.get_field(name)
    relation = field.remote_field.get_accessor_name()
    owner = field.related_model()
    return _page(owner, "put_back_of", getattr(obj, field.attname), relation, obj.pk, history_id)


def _page(obj: models.Model, name: str, *args: Any) -> str:
    meta = obj._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=args)
    except NoReverseMatch:
        return ""


def _locked(model: Any, key: Any, using: str) -> Any:
    rows = model._base_manager.using(using).filter(pk=key)
    if connections[using].features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.first()


def _assign(obj: AuditedModel, version: Row, names: Collection[str]) -> list[str]:
    """Set what differs in memory; tokens as they are, bound to the row they come from."""
    wanted = [field for field in restorable(type(obj)) if field.name in names]
    found = differences(obj, version, wanted)
    for difference in found:
        setattr(obj, difference.field.attname, _bound(difference, obj))
    return [difference.field.name for difference in found]


def _bound(difference: Difference, obj: models.Model) -> Any:
    then = difference.then
    return Sealed(then.token, difference.field, obj.pk) if isinstance(then, Sealed) else then


def _refuse(obj: AuditedModel, changed: list[str], seen: UUID | None) -> None:
    if closed := obj.why_closed():
        raise CannotPutBack({"": [closed]})
    if seen is not None and seen != newest_version(type(obj), obj.pk):
        raise ChangedMeanwhile(
            {"": [_("Somebody changed this after you opened this page. Look at it again.")]}
        )
    if errors := _errors(obj, changed):
        raise CannotPutBack(errors)


def _save(obj: AuditedModel, changed: list[str], version: Row, using: str) -> None:
    # Validation read the protected values; what is stored is the old token all the same.
    for name in changed:
        field: Any = obj._meta.get_field(name)
        if isinstance(then := version[field.attname], Sealed):
            setattr(obj, field.attname, Sealed(then.token, field, obj.pk))
    try:
        with transaction.atomic(using=using):
            obj.save(using=using)
    except IntegrityError as error:
        told = _("This does not go together with what is stored by now. Put less of it back.")
        raise CannotPutBack({"": [told]}) from error


# Whether the result is valid ---------------------------------------------------------------------


def _errors(obj: AuditedModel, changed: list[str]) -> dict[str, list[str]]:
    """As a form would find them: each field, then what the row is as a whole."""
    errors = _gone(obj, changed)
    others = {field.name for field in obj._meta.fields} - set(changed)
    protected = set(protected_fields(type(obj)))
    checks: tuple[Any, ...] = (
        lambda: obj.clean_fields(exclude=others | errors.keys()),
        obj.clean,
        lambda: obj.validate_unique(exclude=protected),
        lambda: obj.validate_constraints(exclude=protected),
    )
    for check in checks if not errors else checks[:1]:
        try:
            check()
        except ValidationError as problem:
            _add(errors, problem, obj)
        except CannotOpen:  # what cannot be read is not judged
            continue
    return errors


def _gone(obj: models.Model, changed: list[str]) -> dict[str, list[str]]:
    """Fields whose old value points at what is no longer there, or at who no longer works here."""
    errors = {}
    for name in changed:
        field: Any = obj._meta.get_field(name)
        if not field.is_relation or (key := getattr(obj, field.attname)) is None:
            continue
        target = field.related_model._base_manager.filter(**{field.target_field.attname: key})
        found = target.first()
        if found is None:
            errors[name] = [_("What stood here then is no longer there.")]
        elif _is_staff(field) and not found.is_active:
            errors[name] = [_("%(who)s no longer works here.") % {"who": found}]
    return errors


def _is_staff(field: Any) -> bool:
    return bool(field.related_model._meta.label == settings.AUTH_USER_MODEL)


def _add(errors: dict[str, list[str]], problem: ValidationError, obj: models.Model) -> None:
    """No message repeats a protected value, nor the key of a related row."""
    by_field = problem.error_dict if hasattr(problem, "error_dict") else {"": problem.error_list}
    for name, found in by_field.items():
        field: Any = obj._meta.get_field(name) if name not in ("", NON_FIELD_ERRORS) else None
        told = errors.setdefault("" if field is None else name, [])
        for error in found:
            quotes = field is not None and "value" in (error.params or {})
            if quotes and (is_protected(field) or field.is_relation):
                told.append(_("This value is not valid any more."))
            else:
                told += ValidationError(error).messages
