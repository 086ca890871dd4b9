"""The columns somebody may choose for the list of customers.

Each is read from the customer itself, by one join, or by one query for the whole page; none asks
once for each row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin import AuditedAdmin
from audit.admin.columns import columns_for
from customers.admin.widgets import languages
from customers.models import Customer, FollowUp, Interaction, ListLayout
from customers.models.choices import country_name
from staff.pages import EMPTY, ago

DEFAULT = ("name", "number", "email", "phone", "city", "stage_label", "owner", "updated")
FIRST = "name"  # carries the link to the customer, so it stays and stands first
MOST = 12


@dataclass(frozen=True)
class Column:
    """`joins` is what to select along with a customer; `gathered` reads the page's values of
    something else and puts them beside each customer, under the column's name."""

    name: str
    title: str | Promise
    joins: str = ""
    gathered: Callable[[Sequence[Any]], dict[Any, Any]] | None = None


def last_contacts(keys: Sequence[Any]) -> dict[Any, Any]:
    talks = Interaction.objects.filter(customer__in=keys).order_by()
    return dict(
        talks.values("customer").annotate(at=Max("happened_at")).values_list("customer", "at")
    )


def next_follow_ups(keys: Sequence[Any]) -> dict[Any, Any]:
    rows = FollowUp.objects.filter(customer__in=keys, done_at__isnull=True).order_by()
    return dict(rows.values("customer").annotate(at=Min("due_at")).values_list("customer", "at"))


_ALL = (
    Column("name", _("name")),
    Column("number", _("number")),
    Column("email", _("e-mail")),
    Column("phone", _("phone")),
    Column("city", _("city")),
    Column("region", _("region")),
    Column("country_label", _("country")),
    Column("stage_label", _("stage")),
    Column("owner", _("owner"), joins="owner"),
    Column("source", _("source"), joins="source"),
    Column("tag_list", _("tags")),
    Column("last_contact", _("last contact"), gathered=last_contacts),
    Column("next_follow_up", _("next follow-up"), gathered=next_follow_ups),
    Column("last_confirmed", _("last confirmed")),
    Column("created", _("created")),
    Column("updated", _("updated")),
    Column("employer_label", _("employer"), joins="employer"),
    Column("job_title", _("job title")),
    Column("language_label", _("language")),
    Column("channel_label", _("preferred channel")),
)
COLUMNS: dict[str, Column] = {column.name: column for column in _ALL}


def known_columns(names: Iterable[Any]) -> list[str]:
    """Of these names the columns there are, each once, the name first; the usual ones for none."""
    chosen = [name for name in dict.fromkeys(map(str, names)) if name in COLUMNS]
    if not chosen:
        return list(DEFAULT)
    return [FIRST, *(name for name in chosen if name != FIRST)][:MOST]


def shown_names(columns: Sequence[str], user: Any) -> list[str]:
    """Without those that are hidden from this person."""
    shown = columns_for(Customer, columns, user, "list")
    return [one if isinstance(one, str) else one.name for one in shown]


def joins_of(names: Iterable[Any]) -> list[str]:
    wanted = (COLUMNS[name].joins for name in names if isinstance(name, str) and name in COLUMNS)
    return [join for join in wanted if join]


def gather(names: Iterable[Any], customers: Sequence[Customer]) -> None:
    """Put beside each customer of the page what stands elsewhere: one query for each column."""
    for name in names:
        column = COLUMNS.get(name) if isinstance(name, str) else None
        if column is not None and column.gathered is not None and customers:
            found = column.gathered([customer.pk for customer in customers])
            for customer in customers:
                setattr(customer, f"_{name}", found.get(customer.pk))


def layout_of(user: Any) -> ListLayout | None:
    return ListLayout.objects.filter(user=user).first()


class ListColumns(AuditedAdmin):
    """Part of the list of customers: how each column is shown."""

    @display(description=_("name"))
    def name(self, customer: Customer) -> str:
        name = customer.display_name or customer.number
        if customer.kind != Customer.Kind.ORGANISATION:
            return name
        return format_html('{} <small class="customer-kind">{}</small>', name, _("organisation"))

    @display(description=_("stage"))
    def stage_label(self, customer: Customer) -> str:
        return format_html(
            '<span class="customer-stage customer-stage-{}">{}</span>',
            customer.stage,
            customer.get_stage_display(),
        )

    @display(description=_("country"))
    def country_label(self, customer: Customer) -> str:
        return country_name(customer.country) or EMPTY

    @display(description=_("tags"))
    def tag_list(self, customer: Customer) -> str:
        return customer.tags or EMPTY

    @display(description=_("last contact"))
    def last_contact(self, customer: Customer) -> str:
        return ago(getattr(customer, "_last_contact", None))

    @display(description=_("next follow-up"))
    def next_follow_up(self, customer: Customer) -> str:
        return ago(getattr(customer, "_next_follow_up", None))

    @display(description=_("last confirmed"))
    def last_confirmed(self, customer: Customer) -> str:
        return ago(customer.last_confirmed_at)

    @display(description=_("created"))
    def created(self, customer: Customer) -> str:
        return ago(customer.created_at)

    @display(description=_("updated"), ordering="updated_at")
    def updated(self, customer: Customer) -> str:
        return ago(customer.updated_at)

    @display(description=_("employer"))
    def employer_label(self, customer: Customer) -> str:
        return customer.employer.display_name if customer.employer else EMPTY

    @display(description=_("language"))
    def language_label(self, customer: Customer) -> str:
        return dict(languages()).get(customer.language, customer.language) or EMPTY

    @display(description=_("preferred channel"))
    def channel_label(self, customer: Customer) -> str:
        return customer.get_preferred_channel_display() or EMPTY
