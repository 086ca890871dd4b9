"""Rows that wait: what they say beside what we have, and what a person decides."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit.context import acting, current
from audit.disclosure import EMPTY, Level, level, shown, shown_value
from customers.imports import review_points, words
from customers.imports.known import employer_key, load_employers
from customers.imports.review_points import Line
from customers.imports.rows import FileRow, row_from_payload
from customers.models import Customer, SourceRecord
from customers.models.choices import Kind
from customers.models.imports import Decision, ImportRow, Outcome, WaitingKey
from encryption.errors import CannotOpen
from staff.models import User

SHOWN = (
    *("kind", "organisation_name", "family_name", "given_name", "email", "phone", "birth_date"),
    *("gender", "national_id_type", "national_id", "street", "city", "region", "postal_code"),
    *("country", "language", "job_title", "preferred_channel", "stage", "tags", "notes"),
    "last_confirmed_at",
)
CHOICES = frozenset({"kind", "gender", "national_id_type", "preferred_channel", "stage"})


class CannotDecide(ValueError):
    """The decision cannot be carried out; the message says why."""


def rows() -> QuerySet[ImportRow]:
    """Rows that wait or waited, with what their pages show."""
    waited = ImportRow.objects.filter(outcome=Outcome.REVIEW)
    return waited.select_related("batch", "batch__source")


def waiting() -> QuerySet[ImportRow]:
    """Rows nobody decided about yet, the oldest import first."""
    return rows().filter(decision="").order_by("batch", "number")


def candidate_of(row: ImportRow) -> Customer | None:
    """The customer the row looks like, as it is now; also found through the row it looks like."""
    key = row.candidate_key or row.customer_key
    if key is None and row.candidate_row is not None:
        other = ImportRow.objects.filter(batch=row.batch_id, number=row.candidate_row).first()
        key = None if other is None else other.customer_key or other.candidate_key
    return Customer.with_bin.filter(pk=key).first() if key else None


def opened(row: ImportRow) -> FileRow:
    """What the row said. Raises CannotDecide when that is gone or cannot be opened."""
    try:
        if not row.payload or row.batch.source_id is None:
            raise CannotDecide(_("What this row said is no longer kept."))
        return row_from_payload(row.payload, row.number, row.batch.source_id)
    except CannotOpen:
        raise CannotDecide(
            _("What this row said cannot be opened with the keys we have.")
        ) from None


def compare(row: ImportRow, said: FileRow, customer: Customer | None, user: User) -> list[Line]:
    """Field by field; each value as this person may see it."""
    lines = [_line(name, said, customer, user) for name in SHOWN]
    employer = said.employer
    if employer or (customer and customer.employer):
        has = str(customer.employer.organisation_name) if customer and customer.employer else ""
        same = employer_key(employer) == employer_key(has) if employer and has else False
        label = capfirst(str(Customer._meta.get_field("employer").verbose_name))
        lines.append(Line(label, has or EMPTY, employer or EMPTY, same))
    lines.append(_owner_line(said, customer))
    lines += review_points.lines(said, customer, user)
    return [line for line in lines if line.existing != EMPTY or line.incoming != EMPTY]


def _owner_line(said: FileRow, customer: Customer | None) -> Line:
    field: Any = Customer._meta.get_field("owner")
    key = said.values.get("owner_id")
    incoming = User.objects.filter(pk=key).first() if key else None
    has = customer.owner if customer else None
    same = incoming is not None and incoming == has
    label = capfirst(str(field.verbose_name))
    return Line(label, str(has or EMPTY), str(incoming or EMPTY), same)


def _line(name: str, said: FileRow, customer: Customer | None, user: User) -> Line:
    field: Any = Customer._meta.get_field(name)
    incoming = said.values.get(name)
    allowed = level(user, Customer, name, customer)
    existing, has = "", None
    if customer is not None:
        existing = str(
            shown(user, customer, name) if _is_protected(name) else _plain(customer, name)
        )
        try:
            has = getattr(customer, name)
        except CannotOpen:
            has = None
    if incoming is None:
        text = ""
    elif _is_protected(name):
        text = str(shown_value(field, incoming, row=None, allowed=allowed))
        if allowed is not Level.CLEAR and has and has != incoming:
            text = _("{masked} (differs)").format(masked=text)
    else:
        text = _label(name, incoming)
    same = incoming is not None and has == incoming
    return Line(capfirst(str(field.verbose_name)), existing or EMPTY, text or EMPTY, same)


def _is_protected(name: str) -> bool:
    return hasattr(Customer._meta.get_field(name), "data_class")


def _plain(customer: Customer, name: str) -> str:
    return _label(name, getattr(customer, name))


def _label(name: str, value: Any) -> str:
    if name in CHOICES and value:
        field: Any = Customer._meta.get_field(name)
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATE_FORMAT")
    return str(value or "")


def reasons_of(row: ImportRow) -> str:
    return capfirst(words.of_row(row.reasons))


def decide(*, actor: User, row: UUID, decision: str) -> ImportRow:
    """Carry out what a person decided: create, update that customer, or leave the row out.

    The change belongs to the import: undoing it takes this back as well. Raises CannotDecide.
    """
    with transaction.atomic():
        held = ImportRow.objects.select_for_update(of=("self",)).select_related("batch__source")
        waits = held.get(pk=row)
        if waits.outcome != Outcome.REVIEW or waits.decision:
            raise CannotDecide(_("Somebody decided about this row already."))
        reason = _("import #{number}, row {row}, decided in review").format(
            number=waits.batch.number, row=waits.number
        )
        door = current().door
        with acting(actor=actor, door=door, reason=reason, request_id=waits.batch_id):
            customer = _carry_out(waits, decision)
        WaitingKey.objects.filter(row=waits).delete()
        waits.customer_key = customer.pk if customer else waits.customer_key
        waits.decision, waits.decided_by, waits.decided_at = decision, actor, timezone.now()
        waits.payload = None  # type: ignore[assignment]
        waits.save()
    return waits


def _carry_out(row: ImportRow, decision: str) -> Customer | None:
    if decision == Decision.SKIPPED:
        return None
    said = opened(row)
    if decision == Decision.CREATED:
        customer = Customer(source=row.batch.source)
    else:
        found = candidate_of(row)
        if found is None:
            raise CannotDecide(
                _("The customer this row looks like is gone. Create a new one, or leave it out.")
            )
        customer = found
        _refuse_unopenable(customer, said)
    for name, value in said.values.items():
        if name not in said.promoted or not getattr(customer, name):
            setattr(customer, name, value)
    if said.employer:
        customer.employer = _employer(said.employer, row)
    _refuse_contradiction(customer)
    if customer.in_bin:
        customer.binned_at = None
    customer.save()
    row.points = review_points.add(said, customer)
    _link(row, said, customer)
    return customer


def _refuse_unopenable(customer: Customer, said: FileRow) -> None:
    """What cannot be opened is never written over: it may be right, and the key come back."""
    names = customer.unopenable_fields() & said.values.keys()
    if names:
        fields = (field for field in Customer._meta.fields if field.name in names)
        labels = (str(field.verbose_name) for field in fields)
        raise CannotDecide(
            _(
                "What stands at the customer cannot be opened with the keys we have: {fields}. It "
                "is not written over. Bring the key back first, or leave the row out."
            ).format(fields=", ".join(labels))
        )


def _refuse_contradiction(customer: Customer) -> None:
    if customer.kind == Kind.ORGANISATION and (
        not customer.organisation_name or customer.employer_id
    ):
        raise CannotDecide(
            _(
                "This would make an organisation of a person who has an employer or no "
                "organisation name. Create a new customer, or leave the row out."
            )
        )


def _employer(name: str, row: ImportRow) -> Customer:
    known = load_employers({employer_key(name)}).get(employer_key(name))
    if known:
        return Customer.objects.get(pk=known)
    made = Customer(kind=Kind.ORGANISATION, organisation_name=name, source=row.batch.source)
    made.save()
    row.employer_key = made.pk
    return made


def _link(row: ImportRow, said: FileRow, customer: Customer) -> None:
    """From now on the source knows this customer; an undo takes the link back."""
    stamp = row.batch.started_at or timezone.now()
    _record, row.record_created = SourceRecord.objects.get_or_create(
        source=row.batch.source,
        identity=said.identity,
        defaults={
            "customer": customer,
            "external_id": said.external_id or None,
            "first_seen": stamp,
            "last_seen": stamp,
        },
    )
