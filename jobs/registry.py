"""What kinds of work there are. An app registers its own in its `tasks.py`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from jobs.models import Job
    from jobs.services import JobHandle


@dataclass(frozen=True)
class Kind:
    """`run` does the work batch by batch and returns its result, made for JSON.

    `label` is what staff read. `result_url` leads from a job to what came of it, or is None.
    `ended` is called once when the job is done, failed or cancelled (its own errors are logged).
    `permission` is what somebody must still hold to steer a job, also one they asked for.
    `subject` says what each of several jobs of the kind is about ("customers.csv from web shop"),
    by their keys; it is asked once for a whole page of jobs.
    """

    name: str
    run: "Callable[[JobHandle], dict[str, Any]]"
    label: "str | _StrPromise"
    result_url: "Callable[[Job], str | None] | None" = None
    ended: "Callable[[Job], None] | None" = None
    permission: str = ""
    subject: "Callable[[Sequence[Job]], Mapping[UUID, str]] | None" = None


class UnknownKind(LookupError):
    """A job of a kind that no app registers (any more)."""


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    run: "Callable[[JobHandle], dict[str, Any]]",
    *,
    label: "str | _StrPromise",
    result_url: "Callable[[Job], str | None] | None" = None,
    ended: "Callable[[Job], None] | None" = None,
    permission: str = "",
    subject: "Callable[[Sequence[Job]], Mapping[UUID, str]] | None" = None,
) -> None:
    """Make a kind of work known, by a name like "customers.import"."""
    known = _kinds.get(kind)
    if known is not None and known.run is not run:
        raise ImproperlyConfigured(f"Two apps register jobs of the kind {kind!r}.")
    _kinds[kind] = Kind(kind, run, label, result_url, ended, permission, subject)


def kind_of(name: str) -> Kind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def permission_for(name: str) -> str:
    """What steering a job of this kind asks for; empty when nothing, or when nobody knows it."""
    known = _kinds.get(name)
    return known.permission if known else ""


def subjects_of(jobs: "Iterable[Job]") -> "dict[UUID, str]":
    """What these jobs are about, as far as their kinds tell: one question for each kind."""
    by_kind: dict[str, list[Job]] = {}
    for job in jobs:
        by_kind.setdefault(job.kind, []).append(job)
    subjects: dict[UUID, str] = {}
    for name, some in by_kind.items():
        known = _kinds.get(name)
        if known is not None and known.subject is not None:
            subjects.update(known.subject(some))
    return subjects


def label_of(name: str) -> "str | _StrPromise":
    """The words for a kind; its bare name when the app that knew it is gone."""
    known = _kinds.get(name)
    return known.label if known else name
