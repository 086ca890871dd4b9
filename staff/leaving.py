"""What is still somebody's when they leave. Apps above register what they know of it, so that the
page on which staff are deactivated can say it; this floor knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from staff.models import User


@dataclass(frozen=True)
class Note:
    """A sentence, and where something can be done about it, for whoever may."""

    text: str
    link_text: str = ""
    url: str = ""


Teller = Callable[[User, User], Note | None]
_tellers: list[Teller] = []


def register(teller: Teller) -> Teller:
    """`teller(user, viewer)` answers with a note about `user` for `viewer`, or with None."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def notes_about(user: User, viewer: User) -> list[Note]:
    return [note for teller in _tellers if (note := teller(user, viewer)) is not None]
