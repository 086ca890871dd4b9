"""Finds a customer by whatever somebody has at hand: one box, and it understands what stands in it.

An e-mail, a phone, an ID number and a customer number are looked up whole, through their blind
index; a name by the beginning of any of its parts. No term reaches the database in plain text
where it could be a protected value: the look-ups send digests.
"""

import re
from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.facets import distinct_values
from customers.models import Customer, CustomerName
from customers.models.names import begins_with, folded_words
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
    is taken for a name. Every role that may view customers finds all of them (what it sees of
    their values is another matter).
    """
    term = plain(term[:LONGEST_TERM])
    if not term:
        return Customer.objects.none()
    found = [key for meaning in _meanings(term) for key in _keys(meaning)]
    if found or "@" in term:
        return Customer.objects.filter(pk__in=found)
    return find_by_name(term)


def find_by_name(term: str) -> QuerySet[Customer]:
    """Customers with, for every word of `term`, a part of the name that begins with it."""
    words = sorted(set(folded_words(term)), key=len, reverse=True)
    if not words:
        return Customer.objects.none()
    longest, *others = words
    names = CustomerName.objects.filter(begins_with(longest))
    for word in others:
        also = CustomerName.objects.filter(begins_with(word), customer=OuterRef("customer"))
        names = names.filter(Exists(also))
    nearest = names.order_by("part", "customer").values("customer")[:NEAREST]
    return Customer.objects.filter(pk__in=nearest)


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


def _meanings(term: str) -> Iterator[Q]:
    """What the term means if it is an identifier; nothing if it cannot be one."""
    if "@" in term:
        yield Q(email__in={term, normal_form(term) or term})
        return
    if number := CUSTOMER_NUMBER.fullmatch(term):
        yield Q(number=as_number(int(number[1])))
    if phones := phones_meant(term):
        yield Q(phone__in=phones)
    if ID_NUMBER.fullmatch(term):
        yield Q(national_id=term)


def _keys(meaning: Q) -> list[UUID]:
    """One query for each meaning: of all at once SQLite makes a walk through the whole table."""
    return list(Customer.objects.filter(meaning).values_list("pk", flat=True)[:NEAREST])
