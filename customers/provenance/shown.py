"""The origins of one customer's values as somebody may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.changes import Wording
from audit.disclosure import EMPTY, Level, is_protected, level, shown
from customers.models import Customer
from customers.provenance.deeds import Way
from customers.provenance.origins import FIELDS, FieldOrigin, Return, origins_of
from encryption.sealed import sealed_values
from staff.models import User


@dataclass(frozen=True)
class ShownOrigin:
    """One line: what stands there, and where it came from.

    `source` is the system, or nothing for what was entered here; `batch_url` is empty for whoever
    may not open imports; `back` tells of an undo or a restoration that brought the value back.
    """

    field: str
    label: str
    value_shown: str
    source: str
    batch_url: str
    file_name: str
    row: int | None
    who: str
    when: datetime | None
    how: str
    back: str
    history_url: str


def provenance_of(customer: Customer, user: User) -> list[ShownOrigin]:
    """Field by field, in the order of the page; nothing of what this person may not see at all."""
    found = {origin.field: origin for origin in origins_of([customer.pk]).get(customer.pk, [])}
    with sealed_values():
        now = {field.attname: getattr(customer, field.attname) for field in FIELDS}
    plain = [field for field in FIELDS if field.name in found and not is_protected(field)]
    wording = Wording(plain, [now], customer.pk)
    return [
        _line(field, found[field.name], customer, user, wording, now)
        for field in FIELDS
        if field.name in found and level(user, Customer, field.name, customer) is not Level.HIDDEN
    ]


def _line(
    field: Any,
    origin: FieldOrigin,
    customer: Customer,
    user: User,
    wording: Wording,
    now: dict[str, Any],
) -> ShownOrigin:
    if is_protected(field):
        value = shown(user, customer, field.name)
    else:
        value = wording.value(field, now[field.attname])
    file = origin.file
    return ShownOrigin(
        field=field.name,
        label=str(capfirst(field.verbose_name)),
        value_shown=EMPTY if origin.empty else value or EMPTY,
        source=file.source if file else "",
        batch_url=_batch_url(origin, user),
        file_name=file.name if file else "",
        row=file.row if file else None,
        who=origin.who,
        when=origin.when,
        how=_how(origin),
        back=_back(origin.returned),
        history_url=_history_url(customer, field.name),
    )


def _batch_url(origin: FieldOrigin, user: User) -> str:
    if origin.file is None or not user.has_perm("customers.view_importbatch"):
        return ""
    return reverse("admin:customers_importbatch_change", args=[origin.file.batch])


def _history_url(customer: Customer, name: str) -> str:
    try:
        url = reverse("admin:customers_customer_history", args=[customer.pk])
    except NoReverseMatch:  # where there is no admin
        return ""
    return f"{url}?field={name}"


def _how(origin: FieldOrigin) -> str:
    if origin.way is Way.OUTSIDE and origin.when is None:
        return _("changed outside the application: nothing is recorded of it")
    if origin.file is not None:
        how = _("import #%(number)d") % {"number": origin.file.number}
        if origin.way is Way.REVIEW:
            how = _("%(how)s, decided in review") % {"how": how}
    elif origin.bulk is not None:
        how = _("bulk change #%(number)d") % {"number": origin.bulk}
    else:
        how = str(origin.way.label)
    return _("%(how)s (emptied)") % {"how": how} if origin.empty else how


def _back(returned: Return | None) -> str:
    if returned is None:
        return ""
    return _("brought back by %(who)s: %(how)s") % {
        "who": returned.who,
        "how": returned.way.label,
    }
