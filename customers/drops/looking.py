"""Looks into a drop place: what is new there, and is it whole?

A file is whole when two looks some time apart met it with the same size and time. Looking is
cheap and leaves no job behind; only when something is whole a job is asked for, which takes it in
(`taking`).
"""

import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import InvalidStorageError, storages
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.drops.addresses import PREFIX
from customers.drops.met import Met, Place, PlaceProblem
from customers.models import DropLook, DroppedFile, Source
from customers.models.drops import DropState
from jobs.models import Job
from jobs.services import create_job
from staff.models import User

TAKE = "customers.drop"
QUIET = timedelta(seconds=20)
BUSY_FOR = timedelta(minutes=2)
AT_ONCE = 400
# Names under which programs write what is not finished yet.
UNFINISHED = (".*", "~*", "*.part", "*.partial", "*.tmp", "*.filepart", "*.crdownload")
OPEN = frozenset({DropState.ARRIVING, DropState.WHOLE, DropState.IMPORTING})


@dataclass(frozen=True, slots=True)
class Look:
    """What one look met. `whole` counts all files that wait for their turn."""

    met: int = 0
    new: int = 0
    whole: int = 0
    problem: str = ""


def sources_with_drops() -> Iterable[Source]:
    """Sources to look after, by name."""
    return Source.objects.exclude(drop="").filter(drop_paused=False).order_by("name")


def look_into(source: Source, *, quiet: timedelta = QUIET) -> Look | None:
    """Look once; None while somebody else is looking. A place that does not answer is noted with
    the source and tried again the next time."""
    if not _claim(source):
        return None
    try:
        met, new = _Looking(source, place_of(source), quiet).run()
        look = Look(met, new, _whole(source))
    except FileNotFoundError:
        look = Look(whole=_whole(source), problem=_no_folder())
    except PlaceProblem as problem:
        look = Look(whole=_whole(source), problem=str(problem))
    _note(source, look.problem)
    return look


def what_is_new(source: Source) -> list[Met]:
    """The files that an import would take, were they whole; writes nothing.

    Raises PlaceProblem, FileNotFoundError.
    """
    looking = _Looking(source, place_of(source), QUIET)
    met = [one for one in looking.listed() if not one.problem]
    settled = {
        (file.name, file.size, file.modified_at)
        for start in range(0, len(met), AT_ONCE)
        for file in DroppedFile.objects.filter(
            source=source, name__in=[one.name for one in met[start : start + AT_ONCE]]
        ).exclude(state__in=OPEN | {DropState.GONE})
    }
    return [one for one in met if (one.name, one.size, one.modified) not in settled]


def in_words(result: Mapping[str, Any]) -> str:
    """The counts of a look or a job, as one line."""
    counts = [f"{result[state]} {state.label}" for state in DropState if result.get(state.value)]
    return ", ".join(counts) or str(_("nothing new"))


def ask_to_take(*, actor: User, source: Source, look: bool = False) -> Job | None:
    """The job of taking in what is whole; None while one is at it. With `look` it looks first,
    twice if there is something new."""
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).lock()
        noted, _made = DropLook.objects.select_related("job").get_or_create(source=source)
        if noted.job is not None and not noted.job.is_finished:
            return None
        job = create_job(actor=actor, kind=TAKE, params={"source": str(source.pk), "look": look})
        DropLook.objects.filter(pk=noted.pk).update(job=job)
    return job


def place_of(source: Source) -> Place:
    """The storage of a source's drop place. Raises PlaceProblem."""
    try:
        place: Any = storages[PREFIX + source.drop]
    except InvalidStorageError:
        raise PlaceProblem(
            _("There is no drop place “{name}”: no operator named it in CRM_DROPS.").format(
                name=source.drop
            )
        ) from None
    return place


def place_names() -> list[str]:
    """The drop places operators set up."""
    names = storages.backends
    return sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))


class _Looking:
    def __init__(self, source: Source, place: Place, quiet: timedelta) -> None:
        self.source = source
        self.place = place
        self.quiet = quiet
        self.began = timezone.now()

    def run(self) -> tuple[int, int]:
        """How many files were met, how many of them for the first time."""
        met, new = 0, 0
        listed = self.listed()
        while some := list(islice(listed, AT_ONCE)):
            met += len(some)
            new += self._compare(some)
        self._forget_gone()
        return met, new

    def listed(self) -> Iterator[Met]:
        """What lies there under a name that fits."""
        return (one for one in self.place.scan(self.source.drop_folder) if self._fits(one.name))

    def _fits(self, name: str) -> bool:
        small = name.lower()
        if any(fnmatch.fnmatchcase(small, pattern) for pattern in UNFINISHED):
            return False
        pattern = self.source.drop_pattern
        return not pattern or fnmatch.fnmatchcase(small, pattern.lower())

    def _compare(self, some: list[Met]) -> int:
        """Remember these files as they are now, and which of them are whole."""
        known = _newest(self.source, {one.name[:255] for one in some})
        fresh, whole, still = [], [], []
        for one in some:
            before = known.get(one.name[:255])
            if before is None or (before.size, before.modified_at) != (one.size, one.modified):
                fresh.append(self._first_met(one))
            elif before.state == DropState.GONE:
                still.append(before.pk)  # it is back as it was: wait again
            elif before.state != DropState.ARRIVING:
                whole += [before.pk] if before.state == DropState.WHOLE else []
            elif self.began - before.met_at >= self.quiet:
                whole.append(before.pk)
            else:
                still.append(before.pk)
        files, now = DroppedFile.objects, self.began
        files.filter(pk__in=whole).update(state=DropState.WHOLE, looked_at=now)
        files.filter(pk__in=still).update(state=DropState.ARRIVING, looked_at=now)
        files.bulk_create(fresh, ignore_conflicts=True)
        return len(fresh)

    def _first_met(self, one: Met) -> DroppedFile:
        return DroppedFile(
            source=self.source,
            name=one.name[:255],
            size=one.size,
            modified_at=one.modified,
            state=DropState.REFUSED if one.problem else DropState.ARRIVING,
            problem=one.problem,
            met_at=self.began,
            looked_at=self.began,
        )

    def _forget_gone(self) -> None:
        """What was arriving and was not met now is gone, or grew into another row."""
        waiting = Q(state=DropState.ARRIVING) | Q(state=DropState.WHOLE)
        missed = DroppedFile.objects.filter(waiting, source=self.source, looked_at__lt=self.began)
        missed.update(state=DropState.GONE)


def _newest(source: Source, names: Collection[str]) -> dict[str, DroppedFile]:
    """The last that is known of each of these names."""
    rows = DroppedFile.objects.filter(source=source, name__in=names)
    return {row.name: row for row in rows.order_by("met_at", "id")}


def _whole(source: Source) -> int:
    waiting = (DropState.WHOLE, DropState.IMPORTING)
    return DroppedFile.objects.filter(source=source, state__in=waiting).count()


def _claim(source: Source) -> bool:
    """Whether nobody else is looking; who was killed while looking is not waited for long."""
    now = timezone.now()
    DropLook.objects.get_or_create(source=source)
    free = Q(busy_until=None) | Q(busy_until__lt=now)
    look = DropLook.objects.filter(free, source=source)
    return bool(look.update(busy_until=now + BUSY_FOR))


def _note(source: Source, problem: str) -> None:
    """What the page of the source says about its drop place."""
    now = timezone.now()
    noted = DropLook.objects.get(source=source)
    since = (noted.problem_since or now) if problem else None
    DropLook.objects.filter(pk=noted.pk).update(
        looked_at=now, problem=problem[:500], problem_since=since, busy_until=None
    )


def _no_folder() -> str:
    return _("The folder of this source does not exist in its drop place. Make it, or correct it.")
