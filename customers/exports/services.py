"""Verbs on exports: ask for one, fetch it, let it expire. Writing it is `run`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from customers.exports import files
from customers.exports.columns import COLUMNS, chosen_columns, offered
from customers.models.exports import Export, ExportDownload, ExportFormat, ExportState
from customers.models.numbers import add_numbered
from customers.selection import Selection
from encryption.errors import CannotOpen
from jobs.models import Job, State
from jobs.services import create_job
from staff.models import User

EXPORT = "customers.export"
PERMISSION = "customers.export_customer"
SHORTEST_REASON = 5
LONGEST_WORDS = 500


class CannotExport(ValueError):
    """This export cannot be asked for, or not be fetched; the message says why."""


def start_export(
    *,
    actor: User,
    selection: Selection,
    columns: Iterable[str],
    format: str,
    reason: str,
    bom: bool = True,
    door: str = "admin",
    key: UUID | None = None,
) -> Export:
    """Ask for a file; its job is `export.job`. Raises CannotExport or PermissionDenied.

    `key` is that of the form: the same form sent twice asks once.
    """
    key = key or uuid7()
    if known := Export.objects.filter(pk=key, started_by=actor).first():
        return known
    with transaction.atomic():
        export = record_export(
            actor=actor, selection=selection, columns=columns, format=format, reason=reason,
            options={"bom": bom, "door": door}, key=key,
        )  # fmt: skip
        export.job = create_job(
            actor=actor, kind=EXPORT, params={"export": str(export.pk), "door": door}
        )
        export.save(update_fields=["job"])
    return export


def record_export(
    *,
    actor: User,
    selection: Selection,
    columns: Iterable[str],
    format: str,
    reason: str,
    options: dict[str, Any],
    key: UUID | None = None,
) -> Export:
    """Write down who takes what and why, before anything is read. Raises CannotExport."""
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        text = _(
            "Write what the file is for, in %(least)d characters or more. It stands in the record "
            "of exports."
        )
        raise CannotExport(text % {"least": SHORTEST_REASON})
    if format not in ExportFormat.values:
        raise CannotExport(_("Choose one of the formats."))
    names = _settled(actor, columns, trusted=options.get("door") == "command")
    key = key or uuid7()
    try:
        export: Export = add_numbered(
            Export,
            pk=key,
            started_by=actor,
            reason=reason[:200],
            format=format,
            columns=names,
            selection=selection.as_json(),
            words=selection.words()[:LONGEST_WORDS],
            options=options,
        )
    except IntegrityError:
        if Export.objects.filter(pk=key).exists():
            raise CannotExport(_("This form was sent already.")) from None
        raise CannotExport(_("Too many exports begin at this moment. Try again.")) from None
    return export


def _settled(actor: User, columns: Iterable[str], *, trusted: bool) -> list[str]:
    """The columns as they are kept: known ones, and only those the reader may have."""
    try:
        chosen = chosen_columns(columns)
    except LookupError as unknown:
        text = _("There is no column %(names)s. The columns are: %(known)s.")
        known = ", ".join(column.name for column in COLUMNS)
        raise CannotExport(text % {"names": str(unknown), "known": known}) from None
    if not chosen:
        raise CannotExport(_("Choose at least one column."))
    if not trusted:
        if not may_export(actor):
            raise PermissionDenied
        forbidden = set(chosen) - set(offered(actor))
        if forbidden:
            raise PermissionDenied
    return [column.name for column in chosen]


def may_export(user: User) -> bool:
    """Asked again when the job runs and when the file is fetched."""
    return user.is_active and user.has_perm(PERMISSION)


def may_fetch(user: User, export: Export) -> bool:
    """Only who asked: the file holds what the matrix gives *them*."""
    return export.started_by_id == user.pk and may_export(user) and is_ready(export)


def is_ready(export: Export) -> bool:
    """Whether there is a file that may still be fetched."""
    return (
        export.state == ExportState.DONE
        and bool(export.sealed_name)
        and export.expires_at is not None
        and export.expires_at > timezone.now()
    )


def fetch(*, actor: User, export: Export) -> files.OpenedExport:
    """The file, after it was written down that it left. Raises CannotExport, PermissionDenied."""
    if export.started_by_id != actor.pk or not may_export(actor):
        raise PermissionDenied
    if not is_ready(export):
        raise CannotExport(_("This file is not there any more. Ask for a new export."))
    try:
        opened = files.OpenedExport(export.sealed_name)
    except (OSError, CannotOpen):
        raise CannotExport(
            _("The file cannot be read. Ask for a new export, and tell an administrator.")
        ) from None
    try:
        ExportDownload.objects.create(export=export, who=actor)
    except BaseException:  # what cannot be written down does not leave
        opened.close()
        raise
    return opened


def expire_exports() -> int:
    """Delete files past their time, and files nobody knows. How many exports expired."""
    due = Export.objects.filter(state=ExportState.DONE, expires_at__lte=timezone.now())
    keys = list(due.exclude(sealed_name="").values_list("pk", flat=True))
    for key in keys:
        files.forget(key)
        Export.objects.filter(pk=key, state=ExportState.DONE).update(
            state=ExportState.EXPIRED, sealed_name=""
        )
    _forget_strays()
    return len(keys)


def _forget_strays() -> None:
    """What killed workers left: files of exports that are not being written, but the good one."""
    lying = files.exports_on_disk()
    known = {
        export.pk: export for export in Export.objects.filter(pk__in=lying).select_related("job")
    }
    for key in lying:
        export = known.get(key)
        if export is not None and export.job is not None and not export.job.is_finished:
            continue
        files.forget(key, but=export.sealed_name if export is not None else "")


def export_ended(job: Job) -> None:
    """What the export says once its job has failed or was cancelled; done it says itself."""
    if job.state == State.DONE:
        return
    key = UUID(job.params["export"])
    Export.objects.filter(pk=key, state=ExportState.RUNNING).update(
        state=ExportState.FAILED, finished_at=timezone.now()
    )
    files.forget(key)
