"""Calls, e-mails, meetings and notes, at the time they happened."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.disclosure import shown
from customers.interactions import may_change_interaction
from customers.models import Interaction
from customers.models.choices import Direction, InteractionKind
from customers.timeline.entries import Entry, Kind, Link, Looking

ICONS = {
    InteractionKind.CALL: "call",
    InteractionKind.EMAIL: "mail",
    InteractionKind.MEETING: "groups",
    InteractionKind.NOTE: "sticky_note_2",
}
# Made and changed are two readings of the clock: so much apart they are one deed.
ONE_DEED = timedelta(seconds=2)


def talk(looking: Looking) -> list[Entry]:
    if not looking.user.has_perm("customers.view_interaction"):
        return []
    rows = Interaction.objects.filter(customer=looking.customer).select_related("staff")
    return [entry_of(one, looking) for one in looking.narrow(rows, "happened_at", "id")]


def entry_of(interaction: Interaction, looking: Looking) -> Entry:
    interaction.customer = looking.customer
    links = []
    if not looking.customer.in_bin and may_change_interaction(looking.user, interaction):
        url = reverse("admin:customers_interaction_change", args=[interaction.pk])
        links.append(Link(_("Change"), url))
    return Entry(
        when=interaction.happened_at,
        key=interaction.pk,
        kind=Kind.TALK,
        icon=ICONS.get(InteractionKind(interaction.kind), "chat"),
        title=title_of(interaction),
        text=shown(looking.user, interaction, "text"),
        who=str(interaction.staff),
        edited=interaction.updated_at - interaction.created_at > ONE_DEED,
        links=links,
    )


def title_of(interaction: Interaction) -> str:
    """ "Call from the customer, 4 min"."""
    words = str(interaction.get_kind_display())
    if interaction.direction == Direction.IN:
        words = _("%(what)s from the customer") % {"what": words}
    elif interaction.direction == Direction.OUT and interaction.kind != InteractionKind.MEETING:
        words = _("%(what)s to the customer") % {"what": words}
    if interaction.minutes:
        length = ngettext("%(n)d min", "%(n)d min", interaction.minutes)
        words = f"{words}, {length % {'n': interaction.minutes}}"
    return words
