"""Which member of staff a cell names: by user name, or by full name where one alone has it."""

from collections import defaultdict
from uuid import UUID

from customers.models.names import folded_words
from staff.models import User

UNKNOWN = "owner_unknown"
SEVERAL = "owner_several"
LEFT = "owner_left"


class Owners:
    """Staff by their names. Staff are few: all are looked up once for a file."""

    def __init__(self) -> None:
        self._by_username: dict[str, list[UUID]] = defaultdict(list)
        self._by_name: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
        self._active: set[UUID] = set()
        staff = User.objects.filter(is_staff=True).exclude(username="system")
        for key, username, given, family, active in staff.values_list(
            "pk", "username", "first_name", "last_name", "is_active"
        ):
            self._by_username[username.casefold()].append(key)
            for name in {f"{given} {family}", f"{family}{given}"}:
                if words := _sorted(name):
                    self._by_name[words].append(key)
            if active:
                self._active.add(key)

    def find(self, text: str) -> UUID | str:
        """The key of the member of staff, or the reason why nobody is meant."""
        found = self._by_username.get(text.strip().casefold()) or self._by_name.get(_sorted(text))
        if not found:
            return UNKNOWN
        active = [key for key in dict.fromkeys(found) if key in self._active]
        if not active:
            return LEFT
        return active[0] if len(active) == 1 else SEVERAL


def _sorted(name: str) -> tuple[str, ...]:
    """The folded words in no order: "Li Na", "NA, Li" and "li na" are one name."""
    return tuple(sorted(folded_words(name)))
