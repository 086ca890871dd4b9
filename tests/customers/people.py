"""People for the tests, and somebody who acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from audit.context import acting
from customers.models import Customer
from staff.models import User
from staff.roles import Role
from staff.services import create_staff, system_user

ZHANG_WEI = {
    "given_name": "伟",
    "family_name": "张",
    "email": "zhang.wei@example.com",
    "phone": "+8613812345678",
    "city": "杭州",
    "country": "CN",
}


@contextmanager
def somebody_acts(actor: User | None = None, reason: str = "") -> Iterator[None]:
    with acting(actor=actor, door="system", reason=reason):
        yield


def staff(username: str, *roles: Role, **values: Any) -> User:
    with somebody_acts():
        member, _password = create_staff(
            actor=system_user(),
            username=username,
            roles=list(roles) or [Role.READ_ONLY],
            must_change_password=False,
            **values,
        )
    return member


def person(**values: Any) -> Customer:
    customer = Customer(**({"given_name": "Anna", "family_name": "Müller"} | values))
    with somebody_acts():
        customer.save()
    return customer


def organisation(name: str = "Quantum Optics AG", **values: Any) -> Customer:
    customer = Customer(kind=Customer.Kind.ORGANISATION, organisation_name=name, **values)
    with somebody_acts():
        customer.save()
    return customer
