"""How somebody is reached from a page: numbers as one reads them out, links that call or write."""

from urllib.parse import quote

import phonenumbers

from audit.disclosure import Level, level
from customers.models import Customer
from encryption.errors import CannotOpen
from staff.models import User


def link_for(customer: Customer, user: User, field: str, scheme: str) -> str:
    """A link that calls or writes, for whoever may see the value in clear; else nothing."""
    if level(user, Customer, field, customer) is not Level.CLEAR:
        return ""
    try:
        value = getattr(customer, field)
    except CannotOpen:
        return ""
    return f"{scheme}:{quote(value, safe='+@')}" if value else ""


def spaced(phone: str) -> str:
    """A number as one reads it out: +86 138 1234 5678. Whatever is none stays as it is."""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != phone:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
