"""Columns that say which of several addresses, or whose telephone, they hold.

Address books, shops and sales systems write an address in many columns and have room for several:
"Business Street" and "Home Street", "Ort geschäftlich", "Rue (bureau)", "Address 1 - City",
`billing_address.city`. A row of ours has room for one, so which columns belong together has to be
known: a street here with the city of another address is worse than none.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from quality.headers import fold

ADDRESS = frozenset({"street", "city", "region", "postal_code", "country"})
#: What a name is asked for once its qualifier is taken off.
QUALIFIABLE = ADDRESS | {"email", "phone"}
_BEFORE = re.compile(
    r"(?P<whose>(?:default|billing|shipping|mailing|delivery|home|business|work|other|private)"
    r" address|address [1-9]|business|work|office|home|private|personal|other|mailing|billing|"
    r"shipping|delivery|default|weiteres?|weiterer) (?P<rest>.+)"
)
_BEHIND = re.compile(
    r"(?P<rest>.+?) (?P<whose>geschaftlich|dienstlich|privat|bureau|domicile|autre|travail|"
    r"(?:del? )?trabajo|(?:del? )?domicilio|particular|otro|otra|uff|ufficio|abitazione|"
    r"business|work|home|other|billing|shipping|mailing)(?P<place> [1-9])?"
)
_LEAVES = {"extended address": "street", "po box": "street", "address": "street"}


def _words(name: str) -> str:
    """The folded name with what stands in brackets: "Rue (bureau)" is "rue bureau"."""
    return fold(re.sub(r"[()\[\]]", " ", name[:200]))


@lru_cache(maxsize=4_096)
def qualified(name: str) -> tuple[str, str]:
    """Which address a column belongs to, and the name it would have as the only one; or "", ""."""
    *outer, leaf = name.split(".")
    if outer:
        group = fold(outer[-1])
        return (".".join(map(fold, outer)), _leaf(leaf)) if group in _GROUPS else ("", "")
    words = _words(name)
    if found := _BEFORE.fullmatch(words):
        return found["whose"], _leaf(found["rest"])
    if found := _BEHIND.fullmatch(words):
        return found["whose"], _leaf(found["rest"]) + (found["place"] or "")
    return "", ""


_GROUPS = frozenset(
    f"{whose} address"
    for whose in ("default", "billing", "shipping", "mailing", "delivery", "business", "work")
)


def _leaf(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[1-9]$)", " ", fold(name))
    return _LEAVES.get(words, words)


def one_address(found: Mapping[str, str]) -> dict[str, str]:
    """The columns without those of further addresses.

    The address without a qualifier is the customer's, else the first that has more than one
    column. A lone column ("Home address" beside "City") completes it.
    """
    groups: dict[str, set[str]] = {}
    for column, field in found.items():
        if field in ADDRESS:
            groups.setdefault(_group(column), set()).add(field)
    chosen = _chosen(groups)
    taken = groups.get(chosen, set())
    return {
        column: field
        for column, field in found.items()
        if field not in ADDRESS
        or (group := _group(column)) == chosen
        or (len(groups[group]) == 1 and field not in taken)
    }


def _group(column: str) -> str:
    whose, _rest = qualified(column)
    return whose


def _chosen(groups: Mapping[str, Iterable[str]]) -> str:
    if {"street", "city"} & set(groups.get("", ())):
        return ""
    several = [group for group, fields in groups.items() if len(set(fields)) > 1]
    return next(iter([*several, *groups]), "")
