"""One page out of all sources."""

from itertools import chain

from django.utils.text import capfirst

from customers.models import Customer
from customers.timeline.changes import changes_of_customer, changes_of_parts
from customers.timeline.entries import Entry, Kind, Looking, Page, Place, Source
from customers.timeline.follow_ups import follow_ups
from customers.timeline.imports import unchanged_by_imports
from customers.timeline.others import attached, lines_of
from customers.timeline.talk import talk
from staff.models import User

LIMIT = 20
SOURCES: dict[str, tuple[Source, ...]] = {
    Kind.TALK: (talk,),
    Kind.FOLLOW_UP: (follow_ups,),
    Kind.CHANGE: (changes_of_customer, changes_of_parts),
    Kind.IMPORT: (changes_of_customer, unchanged_by_imports),
}


def timeline_of(
    customer: Customer,
    user: User,
    *,
    before: str | None = None,
    limit: int = LIMIT,
    kind: str = "",
) -> Page:
    """The newest entries that `user` may see, or those older than `before`, a page's `next_before`.

    `kind` narrows it to one of `kinds_of()`; anything else shows all.
    """
    offered = dict(kinds_of(user))
    only = kind if kind in offered else ""
    place = Place.read(before)
    looking = Looking(customer, user, place, limit + 1, only)
    found: list[Entry] = list(chain.from_iterable(source(looking) for source in _sources(only)))
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = found[:limit]
    more = str(Place(*shown[-1].place)) if len(found) > limit else ""
    return Page(shown, more, only, first=place is None)


def kinds_of(user: User) -> list[tuple[str, str]]:
    """What the timeline may be narrowed to, as value and label."""
    own = [(kind.value, str(kind.label)) for kind in Kind]
    return own + [
        (model._meta.label_lower, str(capfirst(model._meta.verbose_name_plural)))
        for model, _field in lines_of(user)
    ]


def _sources(only: str) -> tuple[Source, ...]:
    if only in SOURCES:
        return SOURCES[only]
    if only:
        return (attached,)
    every = dict.fromkeys(chain.from_iterable(SOURCES.values()))
    return (*every, attached)
