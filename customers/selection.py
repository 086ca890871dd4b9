"""Which customers a deed is meant for: those ticked, or all that fit the filters of the list.

A selection is kept in jobs, so it holds keys and filters, never a search term: what somebody
searched for is selected by the keys of what was found.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.list_filters import FILTERS, ME, Asked, Filter, narrow
from customers.models import Customer, CustomerQuerySet

# What a page of ours never sends: more than a list can tick, filters of another shape, other times.
MOST_KEYS = 10_000
LONGEST_VALUE = 200
YEARS = range(2000, 2200)

__all__ = ["FILTERS", "Asked", "Filter", "Selection", "filters_of", "narrow"]


def filters_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Of the parameters of a link those that narrow the list."""
    return {name: str(parameters[name]) for name in FILTERS if parameters.get(name)}


@dataclass(frozen=True)
class Selection:
    """Either `keys`, or `filters` by name (none of them means everybody), as they were `at`."""

    keys: tuple[UUID, ...] | None = None
    filters: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None

    @classmethod
    def of_keys(cls, keys: Iterable[UUID | str]) -> Self:
        """Exactly these; keys in a form nobody wrote are left out."""
        return cls(keys=tuple(dict.fromkeys(key for text in keys if (key := _key(text)))))

    @classmethod
    def of_filters(cls, parameters: Mapping[str, Any], user: Any) -> Self:
        """All that fit the filters among the parameters of a link, for whoever asks now."""
        filters = filters_of(parameters)
        if filters.get("owner") == ME:
            filters["owner"] = str(user.pk)
        return cls(filters=tuple(sorted(filters.items())), at=timezone.now())

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        if "keys" in kept:
            return cls.of_keys(kept["keys"])
        filters = tuple(sorted((str(name), str(value)) for name, value in kept["filters"].items()))
        at = datetime.fromisoformat(kept["at"])
        return cls(filters=filters, at=timezone.make_aware(at) if timezone.is_naive(at) else at)

    @classmethod
    def from_page(cls, text: str) -> Self:
        """As a page of ours sent it along; ValueError for what somebody made of it on its way.

        A job reads it later, and its words stand in records: what a database cannot keep or a
        calendar not count with is refused here.
        """
        try:
            found = cls.from_json(json.loads(text))
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as problem:
            raise ValueError("no selection") from problem
        if len(found.keys or ()) > MOST_KEYS or (found.at and found.at.year not in YEARS):
            raise ValueError("no selection of ours")
        for part in (part for pair in found.filters for part in pair):
            if len(part) > LONGEST_VALUE or not part.isprintable():
                raise ValueError("no filter of ours")
        return found

    def as_json(self) -> dict[str, Any]:
        if self.keys is not None:
            return {"keys": [str(key) for key in self.keys]}
        return {"filters": dict(self.filters), "at": (self.at or timezone.now()).isoformat()}

    @property
    def is_everybody(self) -> bool:
        return self.keys is None and not self.filters

    def customers(self, user: Any = None) -> CustomerQuerySet:
        """Those meant who are not in the bin, in no order. Every role that may view customers at
        all may list all of them, so `user` narrows nothing today."""
        chosen: Any = Customer.objects.order_by()
        if self.keys is not None:
            return chosen.filter(pk__in=self.keys)
        asked = Asked(user, self.at or timezone.now())
        for name, value in self.filters:
            chosen = narrow(chosen, name, value, asked)
        return chosen

    def count(self) -> int:
        return self.customers().count()

    def words(self) -> str:
        """What is meant, for people: "stage: Lead · owner: Li Na"."""
        if self.keys is not None:
            told = ngettext("%(n)d ticked customer", "%(n)d ticked customers", len(self.keys))
            return told % {"n": len(self.keys)}
        if not self.filters:
            return _("all customers")
        return " · ".join(_words(name, value) for name, value in self.filters)


def _words(name: str, value: str) -> str:
    known = FILTERS.get(name)
    label = known.label(value) if known else None
    return f"{known.title if known else name}: {label or _('(is gone)')}"


def _key(text: UUID | str) -> UUID | None:
    try:
        return text if isinstance(text, UUID) else UUID(text)
    except ValueError:
        return None
