"""What waits for somebody: numbers for the sidebar and the home page."""

from __future__ import annotations

from typing import Any

from customers.models import ImportRow
from customers.models.imports import Outcome

# Nobody counts further than that, and the database need not.
MANY = 100


def waiting_for_review() -> Any:
    return ImportRow.objects.filter(outcome=Outcome.REVIEW, decision="")


def rows_to_review(user: Any) -> str:
    """How many rows of imports wait for a decision, for whoever may decide; "" for none."""
    if not user.has_perm("customers.change_importrow"):
        return ""
    count = waiting_for_review().order_by()[:MANY].count()
    return "" if not count else f"{MANY - 1}+" if count >= MANY else str(count)
