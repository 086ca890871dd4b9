"""Makes the index of names (and of tags) again, after its rules have changed.

`parts_of` learns something new from time to time: how a name is spoken, another script. Customers
saved from then on are found by it; the others once their rows were made again. That goes batch by
batch, each with the place it got to in one short transaction: killed half-way it goes on from
there. No customer changes, so there is nothing to keep in history.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.apps import apps as installed_apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import Customer, CustomerName, SearchIndex
from customers.models.managers import refresh_index
from customers.models.names import RULES
from jobs.models import Job
from jobs.services import JobHandle, create_job
from jobs.sharing import SharedLock
from staff.models import User
from staff.services import system_user

KIND = "customers.rebuild_index"
FIRST_BATCH = 100
ATTEMPTS = 3
# The one row there is.
ROW = UUID("01936e00-0000-7000-8000-000000000002")
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did. `resumed`: it went on where another had stopped."""

    customers: int
    parts: int
    rules: int
    resumed: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def is_stale() -> bool:
    """Whether somebody may be there who is not found as the present rules promise."""
    made_by = SearchIndex.objects.filter(pk=ROW).values_list("rules", flat=True).first()
    return (made_by or 0) < RULES and Customer.with_bin.exists()


def rebuild(
    *,
    tell: Told = lambda done, total: None,
    inside: Told = lambda done, total: None,
    anew: bool = False,
) -> Rebuilt:
    """Make the rows of every customer again, those in the bin too.

    Goes on where an earlier one stopped, unless `anew`. `inside` is called within each batch's
    transaction, `tell` after it.
    """
    began = timezone.now()
    state = _begin(anew)
    resumed = state.cursor is not None
    total = Customer.with_bin.count()
    lock, size = SharedLock(), FIRST_BATCH
    while keys := _next_keys(state.cursor, size):
        lock.wait()
        with lock:
            _make_again(state, keys, lambda: inside(state.done, total))
        size = lock.fitting(len(keys))
        tell(state.done, total)
    state.rules, state.cursor, state.finished_at = RULES, None, timezone.now()
    state.save(update_fields=["rules", "cursor", "finished_at"])
    took = (timezone.now() - began).total_seconds()
    return Rebuilt(state.done, CustomerName.objects.count(), RULES, resumed, round(took, 1))


def _make_again(state: SearchIndex, keys: list[UUID], finish: Callable[[], None]) -> None:
    """One batch, with the place it ends at. Whoever saves one of these customers at the same
    moment writes the same rows: then once more, with theirs in sight."""
    done = state.done
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            with transaction.atomic():
                refresh_index(keys)
                state.cursor, state.done = keys[-1], done + len(keys)
                state.save(update_fields=["cursor", "done"])
                finish()
            return
        except IntegrityError:
            if not attempts_left:
                raise


def _begin(anew: bool) -> SearchIndex:
    state, _made = SearchIndex.objects.get_or_create(pk=ROW)
    if anew or state.making != RULES or state.cursor is None:
        state.making, state.cursor, state.done = RULES, None, 0
        state.save(update_fields=["making", "cursor", "done"])
    return state


def _next_keys(after: UUID | None, size: int) -> list[UUID]:
    customers = Customer.with_bin.order_by("pk")
    if after is not None:
        customers = customers.filter(pk__gt=after)
    return list(customers.values_list("pk", flat=True)[:size])


# As a job -----------------------------------------------------------------------------------------


def run_rebuild(handle: JobHandle) -> dict[str, Any]:
    """The work of a job of this kind; a resumed one goes on where it was."""

    def inside(done: int, total: int) -> None:
        handle.advance(cursor={"done": done}, done=done, total=total)

    return rebuild(inside=inside).as_dict()


def ask_for_rebuild(actor: User | None = None) -> Job | None:
    """A job that makes the index again, if it has to be and none is waiting already."""
    if not is_stale() or Job.objects.filter(kind=KIND).unfinished().exists():
        return None
    return create_job(actor=actor or system_user(), kind=KIND, params={})


def after_migrate(apps: Any = installed_apps, **signal: Any) -> None:
    """The `post_migrate` door: a new installation is up to date, an old one gets its job, which
    the worker finds when it starts."""
    try:
        for model in ("customers.SearchIndex", "jobs.Job", "staff.User"):
            apps.get_model(model)
    except LookupError:  # migrated only in part: nothing to write to yet
        return
    if Customer.with_bin.exists():
        ask_for_rebuild()
    else:
        SearchIndex.objects.update_or_create(pk=ROW, defaults={"rules": RULES, "cursor": None})
