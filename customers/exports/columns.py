"""The columns an export may have, and what a reader gets of each.

Columns go by the names an import knows them by, so that a file that went out can come in again.
Protected ones are disclosed row by row by the same matrix as the pages: how near a customer is to
somebody depends on who owns the customer, so it is settled once for each owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.disclosure import Level, is_protected, level
from customers.models import Address, ContactPoint, Customer
from staff.models import User

TEXT, NUMBER, MOMENT = "text", "number", "moment"


@dataclass(frozen=True)
class Column:
    """`path` is what is read of the customer, empty for what stands in other tables.

    `protected` is the model and field whose class decides what is disclosed. `permission` is
    asked beside the one to export.
    """

    name: str
    label: str | Promise
    group: str | Promise
    path: str = ""
    kind: str = TEXT
    protected: tuple[type[Model], str] | None = None
    permission: str = ""
    usual: bool = False


WHO, REACH, WHERE, WORK, DESK = (
    _("Who"),
    _("How they are reached"),
    _("Where they live"),
    _("What we know"),
    _("What was said"),
)


def _of(
    name: str, group: Any, *, path: str = "", kind: str = TEXT, usual: bool = False, label: Any = ""
) -> Column:
    """A column of the customer's own table."""
    field = Customer._meta.get_field(name)
    return Column(
        name,
        label or capfirst(getattr(field, "verbose_name", name)),
        group,
        path or name,
        kind,
        (Customer, name) if is_protected(field) else None,
        usual=usual,
    )


def _points(name: str, label: Any) -> Column:
    return Column(
        name, label, REACH, protected=(ContactPoint, "value"),
        permission="customers.view_contactpoint",
    )  # fmt: skip


COLUMNS: tuple[Column, ...] = (
    _of("number", WHO, usual=True),
    _of("kind", WHO, usual=True),
    _of("given_name", WHO, usual=True),
    _of("family_name", WHO, usual=True),
    _of("organisation_name", WHO, usual=True),
    _of("gender", WHO),
    _of("birth_date", WHO),
    _of("national_id_type", WHO),
    _of("national_id", WHO),
    _of("email", REACH, usual=True),
    _of("phone", REACH, usual=True),
    _points("further_email", _("Further e-mails")),
    _points("further_phone", _("Further phones")),
    _points("messenger", _("Messengers")),
    _of("preferred_channel", REACH),
    _of("language", REACH),
    _of("street", WHERE),
    _of("postal_code", WHERE),
    _of("city", WHERE, usual=True),
    _of("region", WHERE),
    _of("country", WHERE, usual=True),
    Column(
        "further_addresses", _("Further addresses"), WHERE, protected=(Address, "street"),
        permission="customers.view_address",
    ),
    _of("job_title", WORK),
    _of("employer", WORK, path="employer__organisation_name"),
    _of("stage", WORK, usual=True),
    _of("tags", WORK),
    _of("owner", WORK, path="owner__username", usual=True),
    _of("source", WORK, path="source__name"),
    _of("notes", WORK),
    _of("last_confirmed_at", WORK, kind=MOMENT),
    _of("created_at", WORK, kind=MOMENT),
    _of("updated_at", WORK, kind=MOMENT),
    Column(
        "last_interaction", _("Last interaction"), DESK, kind=MOMENT,
        permission="customers.view_interaction",
    ),
    Column(
        "interactions", _("Number of interactions"), DESK, kind=NUMBER,
        permission="customers.view_interaction",
    ),
    Column(
        "open_follow_ups", _("Open follow-ups"), DESK, kind=NUMBER,
        permission="customers.view_followup",
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
USUAL = tuple(column.name for column in COLUMNS if column.usual)


def chosen_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these names in the order of the table; LookupError for an unknown name."""
    wanted = set(names)
    if unknown := sorted(wanted - set(BY_NAME)):
        raise LookupError(", ".join(unknown))
    return tuple(column for column in COLUMNS if column.name in wanted)


def offered(user: User) -> tuple[Column, ...]:
    """The columns somebody may choose at all."""
    return tuple(
        column for column in COLUMNS if not column.permission or user.has_perm(column.permission)
    )


class Disclosure:
    """How much of each protected column one reader gets, by the owner of the customer."""

    def __init__(self, reader: User, columns: Iterable[Column]) -> None:
        self.reader = reader
        self.protected = {
            column.name: column.protected for column in columns if column.protected is not None
        }
        self._by_owner: dict[UUID | None, dict[str, Level]] = {}

    def of_owner(self, owner: UUID | None) -> dict[str, Level]:
        """Level by column for customers of this owner; None is nobody."""
        if owner not in self._by_owner:
            self._by_owner[owner] = self._levels(owner)
        return self._by_owner[owner]

    def _levels(self, owner: UUID | None) -> dict[str, Level]:
        customer = Customer(owner_id=owner)
        stand_ins: dict[type[Model], Model] = {
            Customer: customer,
            ContactPoint: ContactPoint(customer=customer),
            Address: Address(customer=customer),
        }
        return {
            name: level(self.reader, model, field, stand_ins[model])
            for name, (model, field) in self.protected.items()
        }

    def in_words(self) -> dict[str, str | Promise]:
        """For each protected column what the reader will get, for whoever chooses columns."""
        near, far = self.of_owner(self.reader.pk), self._far()
        return {name: _WORDS[near[name], far[name]] for name in self.protected}

    def _far(self) -> dict[str, Level]:
        """Of customers that are neither theirs nor their team's."""
        stranger = User.objects.exclude(pk=self.reader.pk)
        if self.reader.team_id is not None:
            stranger = stranger.exclude(team=self.reader.team_id)
        found = stranger.order_by("pk").first()
        return self.of_owner(found.pk) if found else self.of_owner(self.reader.pk)


def _words_of(near: Level, far: Level) -> str | Promise:
    if near is far:
        return {Level.CLEAR: _("clear"), Level.MASKED: _("masked"), Level.HIDDEN: _("left empty")}[
            near
        ]
    if near is Level.CLEAR and far is Level.MASKED:
        return _("clear for customers of yours and your team, else masked")
    return _("more for customers of yours and your team, less for others")


_WORDS = {(near, far): _words_of(near, far) for near in Level for far in Level}


@cache
def field_of(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)
