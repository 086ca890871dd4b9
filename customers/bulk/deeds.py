"""What a bulk change does to one customer, how that is taken back, and who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.disclosure import Level, level
from customers.models import Customer
from customers.models.bulk import BulkAction, BulkChange
from customers.models.choices import Stage
from customers.models.tags import tag_words, tidy_tags
from staff.models import User

ROOM_FOR_TAGS: int = Customer._meta.get_field("tags").max_length or 0


class NoRoom(Exception):
    """The tags of this customer are as long as they may be."""


class ChangedSince(Exception):
    """What the change left is no longer there, so there is nothing of it to take back."""


@dataclass(frozen=True)
class Deed:
    """The deed of a bulk change, on one field. Values are as they are kept: text or None."""

    action: str
    options: Mapping[str, Any]

    @property
    def field(self) -> str:
        if self.action in (BulkAction.ADD_TAG, BulkAction.REMOVE_TAG):
            return "tags"
        return "stage" if self.action == BulkAction.SET_STAGE else "owner"

    def value(self, customer: Customer) -> str | None:
        """What stands there now."""
        return value_of(customer, self.field)

    def put(self, customer: Customer, value: str | None) -> None:
        put_value(customer, self.field, value)

    def after(self, customer: Customer, nth: int) -> str | None:
        """What should stand there; `nth` counts the customers changed before this one. Raises
        NoRoom."""
        present = self.value(customer)
        if self.action == BulkAction.ADD_TAG:
            return _with_tag(present or "", self.options["tag"])
        if self.action == BulkAction.REMOVE_TAG:
            return _without_tag(present or "", self.options["tag"])
        if self.action == BulkAction.SET_STAGE:
            return str(self.options["stage"])
        if self.action == BulkAction.ASSIGN_OWNER:
            return self.options["owner"] or None
        return self.successor(nth)

    def successor(self, nth: int) -> str:
        """Who is next in turn among those who take over."""
        takers = self.options["to"]
        return str(takers[nth % len(takers)])

    def before(
        self, present: str | None, was: Mapping[str, Any], became: Mapping[str, Any]
    ) -> str | None:
        """What should stand there once this is taken back. Raises ChangedSince.

        Of tags only the one in question goes back, whatever became of the others.
        """
        if present == became[self.field]:
            return was[self.field]
        if present == was[self.field]:
            return present
        if self.action == BulkAction.ADD_TAG:
            without = _without_tag(present or "", self.options["tag"])
            if without != present:
                return without
        if self.action == BulkAction.REMOVE_TAG:
            try:
                with_it = _with_tag(present or "", self.options["tag"])
            except NoRoom:
                raise ChangedSince from None
            if with_it != present:
                return with_it
        raise ChangedSince

    def words(self) -> str:
        """For the history: "stage → Customer"."""
        if self.action == BulkAction.ADD_TAG:
            return _("tag “%(tag)s” added") % {"tag": self.options["tag"]}
        if self.action == BulkAction.REMOVE_TAG:
            return _("tag “%(tag)s” taken away") % {"tag": self.options["tag"]}
        if self.action == BulkAction.SET_STAGE:
            return _("stage → %(stage)s") % {"stage": Stage(self.options["stage"]).label}
        if self.action == BulkAction.ASSIGN_OWNER:
            return _("owner → %(owner)s") % {"owner": name_of(self.options["owner"])}
        return _("handed over from %(one)s to %(others)s") % {
            "one": name_of(self.options["from"]),
            "others": ", ".join(map(name_of, self.options["to"])),
        }


def deed_of(change: BulkChange) -> Deed:
    return Deed(change.action, change.options)


def value_of(row: Any, field: str) -> str | None:
    value = getattr(row, row._meta.get_field(field).attname)
    return str(value) if isinstance(value, UUID) else value


def put_value(row: Any, field: str, value: str | None) -> None:
    if row._meta.get_field(field).is_relation:
        setattr(row, row._meta.get_field(field).attname, UUID(value) if value else None)
    else:
        setattr(row, field, value)


def name_of(key: str | None) -> str:
    """Of a member of staff, by key."""
    user = User.objects.filter(pk=key).first() if key else None
    return str(user) if user else _("nobody")


def may_change(user: User, customer: Customer, action: str) -> bool:
    """As on the customer's own page: also there an owner is given only by whoever reads the
    customer in clear. Else taking them over would be the way to."""
    if customer.in_bin or not user.has_perm("customers.change_customer"):
        return False
    if action in (BulkAction.ASSIGN_OWNER, BulkAction.HAND_OVER):
        if user.has_perm("customers.hand_over_customer"):
            return True
        return level(user, Customer, "email", customer) is Level.CLEAR
    return True


def _with_tag(tags: str, tag: str) -> str:
    if tag_words(tag) <= tag_words(tags):
        return tags
    longer = tidy_tags(f"{tags}, {tag}")
    if len(longer) > ROOM_FOR_TAGS:
        raise NoRoom
    return longer


def _without_tag(tags: str, tag: str) -> str:
    gone = tag_words(tag)
    if not gone & tag_words(tags):
        return tags
    return ", ".join(one for one in tidy_tags(tags).split(", ") if not gone & tag_words(one))
