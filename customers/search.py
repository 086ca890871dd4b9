"""Finds a customer by whatever somebody has at hand: one box, and it understands what stands in it.

An e-mail, a phone, an ID number and a customer number are looked up whole, through their blind
index, the further ones of a customer as well; a name by the beginning of any of its parts, as it
is written or spoken. No term reaches the database in plain text
where it could be a protected value: the look-ups send digests.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldError
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.facets import distinct_values
from customers.models import ContactPoint, Customer, CustomerName
from customers.models.choices import ContactKind
from customers.models.names import begins_with, readings
from customers.models.numbers import as_number
from quality.cleaning.emails import normal_form
from quality.cleaning.phones import parse_phone
from quality.cleaning.text import plain
from staff.models import User

# Of a beginning that very many names share, the nearest of them: the whole word comes first.
NEAREST = 200
CUSTOMER_NUMBER = re.compile(r"(?:c\s*-?\s*)?0*(\d{1,9})", re.IGNORECASE)
PHONE = re.compile(r"[+(]?[\d\s()./-]*\d[\d\s()./-]{3,}")
ID_NUMBER = re.compile(r"(?=(?:\D*\d){4})[\w\s./-]{5,40}")
LONGEST_TERM = 254


def find_customers(term: str, user: User | AnonymousUser) -> QuerySet[Customer]:
    """Customers outside the bin that `term` may mean; empty for an empty term.

    A term that is somebody's whole e-mail, phone, ID or customer number means only that; any other
    is taken for a name, and for a name in a messenger. Every role that may view customers finds
    all of them (what it sees of their values is another matter).
    """
    term = plain(term[:LONGEST_TERM])
    if not term:
        return Customer.objects.none()
    if (found := identified(term)) or "@" in term[1:]:
        return Customer.objects.filter(pk__in=found)
    if called := in_messengers(term):
        return Customer.objects.filter(Q(pk__in=called) | _named(term))
    return find_by_name(term)


def find_by_name(term: str) -> QuerySet[Customer]:
    """Customers with, for every word of `term`, a part of the name that begins with it."""
    return Customer.objects.filter(_named(term))


def _named(term: str) -> Q:
    """Each reading of the term is asked for by itself: of several ranges at once a database makes
    a heap that it has to sort."""
    named = Q(pk__in=[])
    for words in readings(term):
        named |= Q(pk__in=names_like(words).values("customer")[:NEAREST])
    return named


def names_like(words: Sequence[str], *, at_most: int = 0) -> QuerySet[CustomerName]:
    """The parts of names that begin with one of the words, of customers whom all words fit.

    With `at_most` no more than about so many parts are walked: of very many that begin so, only
    the nearest in the order of the index are looked at.
    """
    words = sorted(words, key=len, reverse=True)
    ends = None
    if at_most:
        words, ends = _rarest_first(words, at_most)
    rarest, *others = words
    names = CustomerName.objects.filter(begins_with(rarest))
    for word in others:
        also = CustomerName.objects.filter(begins_with(word), customer=OuterRef("customer"))
        names = names.filter(Exists(also))
    if ends is not None:
        names = names.filter(part__lte=ends)
    return names.order_by("part", "customer")


def _rarest_first(words: list[str], at_most: int) -> tuple[list[str], bytes | None]:
    """The words with one that few parts begin with in front; if there is none, the part at which
    the walk through those of the first word ends."""
    cuts = []
    for word in words:
        names = CustomerName.objects.filter(begins_with(word)).order_by("part", "customer")
        cut = names.values_list("part", flat=True)[at_most:].first()
        if cut is None:
            return [word, *(other for other in words if other != word)], None
        cuts.append(bytes(cut))
    return words, cuts[0]


def identified(term: str) -> list[UUID]:
    """Customers whose whole e-mail, phone, ID or customer number this is."""
    return [key for meaning in _meanings(term) for key in _keys(meaning)]


def in_messengers(term: str) -> list[UUID]:
    """Customers who are called so in a messenger."""
    try:
        points = ContactPoint.objects.filter(kind=ContactKind.MESSENGER, value=term)
    except FieldError:  # nothing is left of it in its normal form
        return []
    return list(points.values_list("customer", flat=True)[:NEAREST])


def phones_meant(term: str) -> set[str]:
    """Every valid number (E.164) that the digits may mean, dialled in any country we know of."""
    if not PHONE.fullmatch(term):
        return set()
    international = term.startswith(("+", "00"))
    regions = [None] if international else countries_present()
    return {phone for region in regions if (phone := parse_phone(term, region))}


def countries_present() -> list[str]:
    """Countries that customers are in."""
    return distinct_values(Customer, "country", only_null="binned_at")


def _meanings(term: str) -> Iterator[QuerySet[Any]]:
    """What the term means if it is an identifier; nothing if it cannot be one.

    One query for each meaning: of all at once SQLite makes a walk through the whole table.
    """
    customers, points = Customer.objects.values("pk"), ContactPoint.objects.values("customer")
    if "@" in term[1:]:
        written = {term, normal_form(term) or term}
        yield customers.filter(email__in=written)
        yield points.filter(value__in=written)
        return
    if number := CUSTOMER_NUMBER.fullmatch(term):
        yield customers.filter(number=as_number(int(number[1])))
    if phones := phones_meant(term):
        yield customers.filter(phone__in=phones)
        yield points.filter(value__in=phones)
    if ID_NUMBER.fullmatch(term):
        yield customers.filter(national_id=term)


def _keys(meaning: QuerySet[Any]) -> list[UUID]:
    return [key for row in meaning[:NEAREST] for key in row.values()]
