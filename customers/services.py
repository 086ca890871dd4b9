"""What is done with customers as a whole: on to another stage, into somebody's care, into the bin
and back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.context import acting, current
from customers.contacts import held
from customers.errors import NotPossible
from customers.models import Customer, CustomerQuerySet
from customers.models.choices import Stage
from staff.models import User


@transaction.atomic
def bin_customers(*, actor: User, customers: CustomerQuerySet, reason: str) -> int:
    """Move customers to the bin; those already there stay as they are. Returns how many moved.

    Nothing of them is lost: names, numbers, sources and history come back with them.
    """
    with acting(actor=actor, door=current().door, reason=reason):
        return customers.visible().audited_set(binned_at=timezone.now())


@transaction.atomic
def restore_customers(*, actor: User, customers: CustomerQuerySet, reason: str = "") -> int:
    """Bring customers back from the bin, whole. Returns how many came back."""
    with acting(actor=actor, door=current().door, reason=reason):
        return customers.in_bin().audited_set(binned_at=None)


def set_stage(*, actor: User, customer: Customer, stage: str, shown: str) -> None:
    """Move a customer to a stage, from the one that was shown to whoever decided it.

    Raises NotPossible when somebody moved them elsewhere meanwhile.
    """
    with held(customer.pk, actor) as present:
        if present.stage == stage:
            return
        if present.stage != shown:
            words = _("Somebody moved this customer to “%(stage)s” meanwhile. Decide again.")
            raise NotPossible(words % {"stage": Stage(present.stage).label})
        present.stage = stage
        present.save()


def look_after(*, actor: User, customer: Customer) -> None:
    """Become the owner of a customer whom nobody owns. Raises NotPossible when somebody does."""
    with held(customer.pk, actor) as present:
        if present.owner_id == actor.pk:
            return
        if present.owner_id is not None:
            words = _("%(owner)s looks after this customer since a moment ago.")
            raise NotPossible(words % {"owner": present.owner})
        present.owner = actor
        present.save()
