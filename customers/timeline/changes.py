"""What changed about a customer, its further contact points and its addresses, in words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.changes import door_in_words
from audit.versions import may_put_back, url_of_restore
from customers.models import Address, ContactPoint, Customer
from customers.timeline.deeds import Deeds, deeds_behind
from customers.timeline.entries import Entry, Kind, Link, Looking
from customers.timeline.imports import batches_of
from customers.timeline.stories import Chapter, chapters

# What the entry says in its title, or what says nothing.
SAID_OTHERWISE = {"binned_at", "number"}
NAMED_IN_TITLE = 3


def changes_of_customer(looking: Looking) -> list[Entry]:
    found_by = Q(id=looking.customer.pk)
    if looking.only == Kind.IMPORT:
        found_by &= Q(history_request_id__in=batches_of(looking.customer))
    told = chapters(Customer, looking, found_by, but=SAID_OTHERWISE)
    deeds = deeds_behind(looking, told)
    entries = [_of_customer(one, deeds) for one in told]
    if not may_put_back(looking.user, looking.customer):
        return entries
    return [_offered(entry, one, looking) for entry, one in zip(entries, told, strict=True)]


def _offered(entry: Entry, chapter: Chapter, looking: Looking) -> Entry:
    """With the way back to what was before this step, which begins with a preview."""
    if chapter.created or chapter.deleted or not chapter.changes:
        return entry
    url = url_of_restore(looking.customer, chapter.row["history_id"], undo=True)
    return replace(entry, links=[*entry.links, Link(_("Take this back…"), url)])


def changes_of_parts(looking: Looking) -> list[Entry]:
    entries = []
    for model, what, icon in _parts():
        if looking.user.has_perm(f"customers.view_{model._meta.model_name}"):
            found_by = Q(customer_id=looking.customer.pk)
            told = chapters(model, looking, found_by, but={"customer"})
            deeds = deeds_behind(looking, told)
            entries += [_of_part(one, what, icon, deeds) for one in told]
    return entries


def _parts() -> Iterable[tuple[Any, str, str]]:
    yield ContactPoint, _("contact point"), "alternate_email"
    yield Address, _("further address"), "home_pin"


def _of_customer(chapter: Chapter, deeds: Deeds) -> Entry:
    if chapter.created:
        icon, title = "person_add", _("Created")
    elif chapter.deleted:
        icon, title = "person_off", _("Deleted")
    elif chapter.changed("binned_at"):
        binned = chapter.row["binned_at"] is not None
        icon = "delete" if binned else "restore_from_trash"
        title = _("Moved to the bin") if binned else _("Brought back from the bin")
    else:
        icon, title = "edit", _changed_title(chapter)
    return _entry(chapter, icon, title, deeds)


def _of_part(chapter: Chapter, what: str, icon: str, deeds: Deeds) -> Entry:
    if chapter.created:
        title = _("%(what)s added")
    elif chapter.deleted:
        title = _("%(what)s removed")
    else:
        title = _("%(what)s changed")
    return _entry(chapter, icon, capfirst(title % {"what": what}), deeds)


def _changed_title(chapter: Chapter) -> str:
    labels = [change.label for change in chapter.changes]
    if not labels:
        return _("Changed")
    named = ", ".join(labels[:NAMED_IN_TITLE])
    if len(labels) > NAMED_IN_TITLE:
        named = _("%(some)s and %(more)d more") % {
            "some": named,
            "more": len(labels) - NAMED_IN_TITLE,
        }
    return _("%(fields)s changed") % {"fields": capfirst(named)}


def _entry(chapter: Chapter, icon: str, title: str, deeds: Deeds) -> Entry:
    row = chapter.row
    link = deeds.link_of(row)
    who = f"{row['history_actor']} {door_in_words(row['history_door'])}"
    return Entry(
        when=row["history_date"],
        key=row["history_id"],
        kind=Kind.CHANGE,
        icon=icon,
        title=title,
        who=who,
        why="" if link else row["history_change_reason"] or "",
        changes=chapter.changes,
        folded=chapter.created,
        links=[link] if link else [],
    )
