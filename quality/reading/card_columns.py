"""The properties of a card as cells of a row, under names that are recognised as our fields."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

_BASIC_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T.*)?")
_DATE_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T.*")
_KINDS = {"individual": "person", "org": "organisation"}
_ADDRESS = ("street", "city", "region", "postal_code", "country")
#: Properties that say something about the card, not about the customer.
_IDLE = frozenset({"VERSION", "PRODID", "X-ABLABEL", "X-ABADR", "CLIENTPIDMAP", "XML", "AGENT"})
_MESSENGERS = re.compile(
    r"X-(?:\w+-)?(AIM|ICQ|JABBER|MSN|YAHOO|SKYPE|QQ|WECHAT|WHATSAPP|GTALK|LINE)(?:-\w+)?"
)
_PLAIN = {
    "TITLE": "job_title",
    "BDAY": "birth_date",
    "UID": "external_id",
    "NICKNAME": "nickname",
    "ROLE": "role",
    "LANG": "language",
    "REV": "card_changed",
}
_IDLE_TYPES = frozenset({"internet", "pref", "voice", "text", "dom", "intl", "postal", "parcel"})


class Property(Protocol):
    name: str
    group: str
    types: tuple[str, ...]
    text: str
    values: list[str]


def cells_of_card(properties: Sequence[Property]) -> dict[str, str]:
    """Column -> text. What prefers to be used comes first among several of its kind."""
    labels = {found.group: found.text for found in properties if found.name == "X-ABLABEL"}
    cells = _names(properties)
    _numbered(cells, "phone", _preferred(properties, "TEL"), labels)
    _numbered(cells, "email", _preferred(properties, "EMAIL"), labels)
    _addresses(cells, _preferred(properties, "ADR"), labels)
    _messengers(cells, properties)
    for found in properties:
        if found.name in _TAKEN or not found.text or _MESSENGERS.fullmatch(found.name):
            continue
        if found.name == "NOTE":
            _append(cells, "notes", found.text, "\n")
        elif found.name == "CATEGORIES":
            _append(cells, "tags", found.text, ", ")
        elif found.name == "GENDER":
            _append(cells, "gender", found.values[0], ", ")
        elif found.name == "URL":
            _append(cells, "website", found.text, ", ")
        elif found.name == "KIND":
            _append(cells, "kind", _KINDS.get(found.text.lower(), found.text), ", ")
        elif found.name == "BDAY":
            cells.setdefault("birth_date", _date(found.text))
        else:
            column = _PLAIN.get(found.name, found.name.lower().replace("-", "_"))
            _append(cells, column, found.text, ", ")
    return cells


_TAKEN = _IDLE | {"N", "FN", "ORG", "TEL", "EMAIL", "ADR", "IMPP"}


def _names(properties: Sequence[Property]) -> dict[str, str]:
    """The parts of the name; the formatted name only where there are none."""
    cells: dict[str, str] = {}
    parts = next((found.values for found in properties if found.name == "N"), [])
    parts = [_listed(part) for part in parts] + [""] * (5 - len(parts))
    formatted = next((found.text.strip() for found in properties if found.name == "FN"), "")
    organisation = next((found.values for found in properties if found.name == "ORG"), [])
    if parts[0] or parts[1]:
        named = (parts[3], parts[1], parts[2], parts[0], parts[4])
        columns = ("name_prefix", "given_name", "middle_name", "family_name", "name_suffix")
        cells |= {column: part for column, part in zip(columns, named, strict=True) if part}
    elif formatted and (not organisation or formatted != organisation[0].strip()):
        cells["full_name"] = formatted
    if organisation and organisation[0].strip():
        # A card of a person says where that person works, any other whose card it is.
        person = "full_name" in cells or "given_name" in cells or "family_name" in cells
        cells["employer" if person else "organisation_name"] = organisation[0].strip()
        if department := ", ".join(unit.strip() for unit in organisation[1:] if unit.strip()):
            cells["department"] = department
    return cells


def _preferred(properties: Sequence[Property], name: str) -> list[Property]:
    found = [one for one in properties if one.name == name and one.text.strip(" ;")]
    return sorted(found, key=lambda one: "pref" not in one.types)


def _numbered(
    cells: dict[str, str], column: str, found: Iterable[Property], labels: dict[str, str]
) -> None:
    """`phone`, `phone_2`, …, each value once, and what kind each is."""
    values: dict[str, str] = {}
    for one in found:
        text = re.sub(r"^(?:tel|mailto):", "", one.text.strip(), flags=re.IGNORECASE)
        if text != one.text.strip():  # an address of the web, with parameters behind it
            text = re.sub(r";ext=(\d+)", r" ext. \1", text).partition(";")[0]
        values.setdefault(text, _type(one, labels))
    for number, (text, kind) in enumerate(values.items(), start=1):
        name = column if number == 1 else f"{column}_{number}"
        cells[name] = text
        if kind:
            cells[f"{name}_type"] = kind


def _addresses(cells: dict[str, str], found: Iterable[Property], labels: dict[str, str]) -> None:
    """The first address under the names of our fields, others as `address_2_street` and so on."""
    for number, one in enumerate(found, start=1):
        prefix = "" if number == 1 else f"address_{number}_"
        parts = [_listed(part) for part in one.values] + [""] * 7
        box, extended, street, *rest = parts[:7]
        lines = [line for line in (street, extended, box) if line]
        for column, text in zip(_ADDRESS, ["\n".join(lines), *rest], strict=True):
            if text:
                cells[prefix + column] = text
        if kind := _type(one, labels):
            cells[prefix + ("address_type" if number == 1 else "type")] = kind


def _messengers(cells: dict[str, str], properties: Sequence[Property]) -> None:
    found: dict[str, None] = {}
    for one in properties:
        if one.name == "IMPP":
            found[one.text.strip()] = None
        elif match := _MESSENGERS.fullmatch(one.name):
            found[f"{match[1].lower()}:{one.text.strip()}"] = None
    for number, text in enumerate(found, start=1):
        cells["messenger" if number == 1 else f"messenger_{number}"] = text


def _type(one: Property, labels: dict[str, str]) -> str:
    label = labels.get(one.group, "") if one.group else ""
    words = [label.removeprefix("_$!<").removesuffix(">!$_").lower()] if label else []
    words += [word for word in one.types if word not in _IDLE_TYPES]
    return " ".join(dict.fromkeys(words))


def _listed(part: str) -> str:
    return " ".join(part.replace("\n", " ").split())


def _append(cells: dict[str, str], column: str, text: str, between: str) -> None:
    text = text.strip()
    if text and (before := cells.get(column)):
        text = before + between + text
    if text:
        cells[column] = text


def _date(text: str) -> str:
    """An ISO date out of the short form; what has no year stays as it stands."""
    if match := _BASIC_DATE.fullmatch(text.strip()):
        return "-".join(match.groups())
    match = _DATE_AND_TIME.fullmatch(text.strip())
    return match[1] if match else text
