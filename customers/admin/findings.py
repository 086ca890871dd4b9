"""What is missing or in doubt about one customer, in words, each with the tab where it is mended.

Told from what the page has read already: no query of its own. Nothing is told that its reader
could not see by looking: whether a masked value fits another is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.admin.contact_rows import Place, Reach
from customers.models import Customer
from customers.models.choices import ContactKind

# Who was asked, or came, within this time need not be asked again.
FRESH = timedelta(days=365)


@dataclass(frozen=True)
class Finding:
    """`slug` names the tab."""

    text: str
    slug: str


def findings_of(
    customer: Customer, reaches: Sequence[Reach] | None, places: Sequence[Place] | None
) -> list[Finding]:
    """The worst first. `reaches` and `places` are None for whoever may not see them."""
    broken = sorted(customer.unopenable_fields())
    labels = (customer._meta.get_field(name).verbose_name for name in broken)  # type: ignore[union-attr]
    found = [
        Finding(
            _("%(field)s cannot be opened. Tell an administrator.") % {"field": label}, "details"
        )
        for label in map(capfirst, map(str, labels))
    ]
    if reaches is not None:
        found += [Finding(text, "contact-points") for text in _no_way(reaches)]
    if places is not None and not places:
        found.append(Finding(_("No address is known."), "addresses"))
    since = customer.last_confirmed_at or customer.created_at
    if since < timezone.now() - FRESH:
        found.append(
            Finding(_("Nobody confirmed this for a year. Ask when you talk next."), "details")
        )
    return found


def _no_way(reaches: Sequence[Reach]) -> list[str]:
    kinds = {reach.kind for reach in reaches}
    if not kinds:
        return [_("No e-mail address, phone number or messenger is known.")]
    missing = {
        ContactKind.EMAIL: _("No e-mail address is known."),
        ContactKind.PHONE: _("No phone number is known."),
    }
    return [text for kind, text in missing.items() if kind not in kinds]
