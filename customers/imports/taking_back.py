"""What undoing an import would do to each customer it touched, read from their history.

Every history row of an import carries the batch's id as its request. So the history of a customer
and of its contact points says whether the import made it, what it was before, and whether anybody
else changed it since.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import models

from audit.recording import DELETED
from customers.imports.batches import UNDO
from customers.models import ContactPoint, Customer, SourceRecord
from customers.models.imports import BatchState, ImportBatch
from jobs.models import Job

HISTORY: Any = Customer.history.model
POINT_HISTORY: Any = ContactPoint.history.model


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history: in which request, by whom, when, what."""

    request: UUID
    who: str
    when: datetime
    row: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A customer that stays as it is, because somebody changed it since or works with it."""

    customer: UUID
    who: str
    when: datetime


@dataclass(slots=True)
class TakingBack:
    """What is to be done with some customers."""

    delete: list[UUID] = field(default_factory=list)
    # Customer to the history row it goes back to.
    revert: dict[UUID, UUID] = field(default_factory=dict)
    # Customer to the contact points that go.
    points: dict[UUID, list[UUID]] = field(default_factory=dict)
    keep: list[Kept] = field(default_factory=list)
    # Customer to what still needs it.
    blocked: dict[UUID, str] = field(default_factory=dict)

    @property
    def staying(self) -> set[UUID]:
        """Customers that stay as this import left them."""
        return {kept.customer for kept in self.keep} | set(self.blocked)

    @property
    def reversed(self) -> set[UUID]:
        """Customers that are as if the import had never been."""
        return {*self.delete, *self.revert, *self.points} - self.staying

    def keep_instead(self, kept: Kept) -> None:
        """Not deleted after all."""
        self.delete.remove(kept.customer)
        self.points.pop(kept.customer, None)
        self.keep.append(kept)


@dataclass(slots=True)
class Trail:
    """What happened to one customer, and to each contact point it has or had."""

    customer: list[Entry] = field(default_factory=list)
    points: dict[UUID, list[Entry]] = field(default_factory=lambda: defaultdict(list))


def decide(
    batch: ImportBatch, keys: Collection[UUID], *, undo: UUID, gone: Collection[UUID] = ()
) -> TakingBack:
    """What to do with these customers. `undo` is the request that takes the batch back; `gone`
    are customers that a dry run counts as deleted already."""
    trails = _trails(keys)
    requests = {
        entry.request
        for trail in trails.values()
        for entry in chain(trail.customer, *trail.points.values())
    }
    settled = _taken_back(requests - {batch.pk}) | {undo}
    taking = TakingBack()
    for key, trail in trails.items():
        _judge(taking, key, trail, batch.pk, undo, settled)
    _keep_known_elsewhere(taking, batch)
    _keep_worked_with(taking)
    _block_needed(taking, set(gone))
    return taking


def _trails(keys: Collection[UUID]) -> dict[UUID, Trail]:
    trails: dict[UUID, Trail] = defaultdict(Trail)
    who_and_when = ("history_request_id", "history_actor", "history_date", "history_id")
    history = HISTORY.objects.filter(id__in=keys).order_by("history_date", "history_id")
    for key, *entry in history.values_list("id", *who_and_when, "history_type"):
        trails[key].customer.append(Entry(*entry))
    points = POINT_HISTORY.objects.filter(customer_id__in=keys)
    points = points.order_by("history_date", "history_id")
    for key, point, *entry in points.values_list(
        "customer_id", "id", *who_and_when, "history_type"
    ):
        trails[key].points[point].append(Entry(*entry))
    return trails


def _taken_back(requests: Collection[UUID]) -> set[UUID]:
    """Of these, other imports that were undone and the undoing itself: together they are nothing.

    A customer such an undo kept was changed by yet another, who counts.
    """
    undone = ImportBatch.objects.filter(pk__in=requests, state=BatchState.UNDONE)
    undoing = Job.objects.filter(pk__in=requests, kind=UNDO)
    return {*undone.values_list("pk", flat=True), *undoing.values_list("pk", flat=True)}


def _judge(
    taking: TakingBack,
    key: UUID,
    trail: Trail,
    batch: UUID,
    undo: UUID,
    settled: Collection[UUID],
) -> None:
    requests = [entry.request for entry in trail.customer]
    made = {point: of for point, of in trail.points.items() if of[0].request == batch}
    if (batch not in requests and not made) or (requests and requests[-1] == undo):
        return
    first = requests.index(batch) if batch in requests else len(requests)
    # Whoever adds a contact point to a customer we made works with that customer.
    watched = trail.points if first == 0 else made
    since = chain(trail.customer[first:], *watched.values())
    foreign = [one for one in since if one.request != batch and one.request not in settled]
    if foreign:
        last = max(foreign, key=lambda entry: entry.when)
        taking.keep.append(Kept(key, last.who, last.when))
        return
    if first == 0:
        taking.delete.append(key)
    elif first < len(requests):
        taking.revert[key] = trail.customer[first - 1].row
    if present := [point for point, of in made.items() if of[-1].kind != DELETED]:
        taking.points[key] = present


def _keep_known_elsewhere(taking: TakingBack, batch: ImportBatch) -> None:
    """A customer that another import recognised as its own since then is no more ours to delete."""
    ours = {"source": batch.source_id, "first_seen": batch.started_at}
    others = SourceRecord.objects.filter(customer__in=taking.delete).exclude(**ours)
    known = {
        customer: Kept(customer, source, seen)
        for customer, source, seen in others.values_list(
            "customer_id", "source__name", "first_seen"
        )
    }
    for kept in known.values():
        taking.keep_instead(kept)


def _keep_worked_with(taking: TakingBack) -> None:
    """Whoever logged a call with a customer, promised something or added an address is named."""
    for model, name in _pointing():
        if model is Customer or not hasattr(model, "history") or not taking.delete:
            continue
        pointing = model._base_manager.filter(**{f"{name}__in": taking.delete})
        holders = dict(pointing.values_list("pk", f"{name}_id"))
        known = model.history.model.objects.filter(**{f"{model._meta.pk.attname}__in": holders})
        kept = {
            holders[holder]: Kept(holders[holder], who, when)
            for holder, who, when in known.order_by("history_date", "history_id").values_list(
                model._meta.pk.attname, "history_actor", "history_date"
            )
        }
        for one in kept.values():
            taking.keep_instead(one)


def _block_needed(taking: TakingBack, gone: set[UUID]) -> None:
    """What other rows point to cannot go: an employer, a customer something else needs."""
    for model, name in _pointing():
        if not taking.delete:
            return
        pointing = model._base_manager.filter(**{f"{name}__in": taking.delete})
        for holder, needed in pointing.values_list("pk", f"{name}_id"):
            if holder not in gone and holder not in taking.delete:
                taking.blocked[needed] = str(model._meta.verbose_name)
    taking.delete = [key for key in taking.delete if key not in taking.blocked]
    for key in taking.blocked:
        taking.points.pop(key, None)


def _pointing() -> list[tuple[Any, str]]:
    """Models that keep a customer from being deleted, whatever app they are of, each with the
    field. Source records and contact points of an import go with it, and are judged as such."""
    return [
        (relation.related_model, relation.field.name)
        for relation in Customer._meta.related_objects
        if relation.on_delete is models.PROTECT
        and relation.related_model not in (SourceRecord, ContactPoint)
    ]
