"""What somebody may mean while they still type: a few customers, or words that are in use.

A suggestion shows what every list shows: name, number, city, stage. Each key that is pressed asks
once, so the work is bounded whatever was typed: of a beginning that very many share, the first
are looked at; whoever writes on sees the others.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from customers.models import Customer, CustomerTag
from customers.models.names import folded_words, readings
from customers.search import LONGEST_TERM, identified, in_messengers, names_like
from quality.cleaning.text import plain
from quality.validators import fold_name
from staff.models import User

SHOWN = 8
# Names that are looked at, in the order of the index, before the nearest are picked.
CANDIDATES = 40
# Parts of names that are walked at most for that, where another word or the kind has to fit.
STEPS = 10_000
STEPS_OF_KIND = 4_000
FIELDS = (
    *("number", "kind", "given_name", "family_name", "organisation_name"),
    *("city", "stage", "owner_id", "binned_at"),
)
LONGEST_WORD = 100
HOPS = 3 * SHOWN


class Suggestion(NamedTuple):
    """A customer as a suggestion shows it."""

    key: UUID
    number: str
    name: str
    detail: str


def suggest_customers(term: str, user: User, *, kind: str = "") -> list[Suggestion]:
    """The customers that a term, perhaps unfinished, most likely means: at most `SHOWN`.

    Whoever is called exactly so comes first, then one's own customers, then in the order of names.
    `kind` narrows to persons or to organisations.
    """
    term = plain(term[:LONGEST_TERM])
    if not term:
        return []
    keys = identified(term) or in_messengers(term)
    if "@" not in term[1:]:
        keys += _called(term, kind)
    found = _customers(keys, kind)
    whole = "".join(folded_words(term))
    place = {key: position for position, key in reversed(list(enumerate(keys)))}
    found.sort(
        key=lambda one: (
            "".join(folded_words(one.display_name)) != whole,
            one.owner_id != user.pk,
            place[one.pk],
        )
    )
    return [_suggestion(customer) for customer in found[:SHOWN]]


def _called(term: str, kind: str) -> list[UUID]:
    """The customers whose names begin so, each once, the nearest first."""
    found: list[UUID] = []
    for words in _ways(term):
        names = names_like(words, at_most=STEPS_OF_KIND if kind else STEPS)
        if kind:
            names = names.filter(customer__kind=kind)
        found += names.values_list("customer", flat=True)[:CANDIDATES]
    return list(dict.fromkeys(found))


def _ways(term: str) -> Iterator[tuple[str, ...]]:
    """The words of a term; two of them also as one, in either order: whoever is called 张伟 is
    not to be looked for among all who are called Zhang."""
    for words in readings(term):
        if len(words) == 2:
            yield from (("".join(words),), ("".join(reversed(words)),))
        yield words


def _customers(keys: Iterable[UUID], kind: str) -> list[Customer]:
    customers = Customer.objects.filter(pk__in=set(keys)).only(*FIELDS)
    return list(customers.filter(kind=kind) if kind else customers)


def _suggestion(customer: Customer) -> Suggestion:
    stage = str(customer.get_stage_display())
    detail = " · ".join(filter(None, (customer.city, stage)))
    return Suggestion(customer.pk, customer.number, customer.display_name, detail)


def suggest_tags(term: str) -> list[str]:
    """Tags in use that begin so, in alphabetical order; any for an empty term."""
    return _words(CustomerTag.objects.all(), "word", " ".join(term.split()).casefold())


def suggest_cities(term: str) -> list[str]:
    """Cities of customers that begin so; case and accents are as they are stored."""
    written = " ".join(term.split())
    found: dict[str, str] = {}
    for beginning in dict.fromkeys((written, written.capitalize(), written.title())):
        for city in _words(Customer.objects.all(), "city", beginning) if beginning else ():
            found.setdefault(fold_name(city), city)
    return list(found.values())[:SHOWN]


def _words(rows: Any, column: str, beginning: str) -> list[str]:
    """The next values of an indexed column, one hop each: no value is read twice."""
    found: list[str] = []
    beginning = beginning[:LONGEST_WORD]
    if not beginning.isprintable():  # nobody types it, and some of it no database takes
        return found
    rows = rows.order_by(column).values_list(column, flat=True)
    after = {f"{column}__gte": beginning} if beginning else {f"{column}__gt": ""}
    for _hop in range(HOPS):
        value = rows.filter(**after).first()
        if value is None or len(found) == SHOWN:
            break
        # A database may sort "new york" between "new" and "newsletter": what does not fit is
        # stepped over, not the end.
        if value.startswith(beginning):
            found.append(value)
        elif value > beginning and found:
            break
        after = {f"{column}__gt": value}
    return found
