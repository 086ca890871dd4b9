"""What undoing an import would do to each customer it touched, read from their history.

Every history row of an import carries the batch's id as its request. So the history of a customer
says whether the import made it, what it was before, and whether anybody else changed it since.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from customers.imports.batches import UNDO
from customers.models import Customer, SourceRecord
from customers.models.imports import BatchState, ImportBatch
from jobs.models import Job

HISTORY: Any = Customer.history.model


@dataclass(frozen=True, slots=True)
class Kept:
    """A customer that stays as it is, because somebody changed it since."""

    customer: UUID
    who: str
    when: datetime


@dataclass(slots=True)
class TakingBack:
    """What is to be done with some customers."""

    delete: list[UUID] = field(default_factory=list)
    # Customer to the history row it goes back to.
    revert: dict[UUID, UUID] = field(default_factory=dict)
    keep: list[Kept] = field(default_factory=list)
    # Customer to what still needs it.
    blocked: dict[UUID, str] = field(default_factory=dict)

    @property
    def staying(self) -> set[UUID]:
        """Customers that stay as this import left them."""
        return {kept.customer for kept in self.keep} | set(self.blocked)


def decide(
    batch: ImportBatch, keys: Collection[UUID], *, undo: UUID, gone: Collection[UUID] = ()
) -> TakingBack:
    """What to do with these customers. `undo` is the request that takes the batch back; `gone`
    are customers that a dry run counts as deleted already."""
    trails: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    history = HISTORY.objects.filter(id__in=keys).order_by("history_date", "history_id")
    for entry in history.values_list(
        "id", "history_id", "history_request_id", "history_actor", "history_date"
    ):
        trails[entry[0]].append(entry)
    requests = {entry[2] for trail in trails.values() for entry in trail}
    settled = _taken_back(requests - {batch.pk}) | {undo}
    taking = TakingBack()
    for key, trail in trails.items():
        _judge(taking, key, trail, batch.pk, undo, settled)
    _keep_known_elsewhere(taking, batch)
    _block_needed(taking, set(gone))
    return taking


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
    trail: list[tuple[Any, ...]],
    batch: UUID,
    undo: UUID,
    settled: Collection[UUID],
) -> None:
    requests = [entry[2] for entry in trail]
    if batch not in requests or requests[-1] == undo:
        return
    first = requests.index(batch)
    foreign = [entry for entry in trail[first:] if entry[2] != batch and entry[2] not in settled]
    if foreign:
        taking.keep.append(Kept(key, foreign[-1][3], foreign[-1][4]))
    elif first == 0:
        taking.delete.append(key)
    else:
        taking.revert[key] = trail[first - 1][1]


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
    taking.keep += known.values()
    taking.delete = [key for key in taking.delete if key not in known]


def _block_needed(taking: TakingBack, gone: set[UUID]) -> None:
    """What other rows point to cannot go: an employer, a customer somebody works with."""
    for relation in Customer._meta.related_objects:
        model: Any = relation.related_model
        if relation.on_delete is not models.PROTECT or model is SourceRecord or not taking.delete:
            continue
        name = relation.field.name
        pointing = model._base_manager.filter(**{f"{name}__in": taking.delete})
        for holder, needed in pointing.values_list("pk", f"{name}_id"):
            if holder not in gone and holder not in taking.delete:
                taking.blocked[needed] = str(model._meta.verbose_name)
    taking.delete = [key for key in taking.delete if key not in taking.blocked]
