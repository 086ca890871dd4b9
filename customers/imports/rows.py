"""One row of the file as the import sees it: typed values, what it is recognised by, what is left.

Cleaning gives text that is right by the rules of quality; here it becomes what the columns of a
customer hold. What no column can hold (too long, not one of the choices, shaped like a sealed
value) is emptied like any other cell that cannot be true.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.utils import timezone

from customers.imports import further
from customers.imports.further import Further
from customers.imports.names import Name
from customers.imports.owners import UNKNOWN, Owners
from customers.models import Customer
from customers.models.choices import Kind
from customers.models.sources import identity_of_external_id, identity_of_row
from customers.models.tags import tidy_tags
from encryption.cipher import is_token
from encryption.keyring import keyed_digest
from quality.cleaning.cards import without_card_numbers
from quality.pipeline import CleanRow

NOT_COLUMNS = frozenset({"employer", "owner", "external_id", "full_name"})
CHOICES: dict[str, frozenset[str]] = {
    column.name: frozenset(value for value, _label in column.choices)
    for column in Customer._meta.concrete_fields
    if column.choices
}
LONGEST = {
    column.name: column.max_length
    for column in Customer._meta.concrete_fields
    if getattr(column, "max_length", None)
}
NAMES = ("given_name", "family_name", "organisation_name")
KEYS = ("email", "national_id", "phone")
_INDEXES: dict[str, Any] = {name: Customer._meta.get_field(f"{name}_index") for name in KEYS}
LONGEST_EXTERNAL_ID = 200
NOBODY = "no_identity"
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(slots=True)
class LeftOut:
    """A cell whose content did not get in, and why; the original is personal data."""

    column: str
    rule: str
    original: str


@dataclass(slots=True, eq=False)
class FileRow:
    """A row, ready to be planned."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    employer: str = ""
    external_id: str = ""
    identity: bytes = b""
    digest: bytes = b""
    # Blind indexes under every index key in use, the active key's first.
    keys: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    set_aside: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    further: list[Further] = field(default_factory=list)
    # Of `values` those that are further ones, for want of a main one.
    promoted: frozenset[str] = frozenset()
    # How a record that could not be read begins.
    raw: str = ""
    # The cleaned cells, for the score of the import.
    said: dict[str, str] | None = None

    def looks(self) -> Iterator[tuple[str, tuple[bytes, ...]]]:
        """Everything somebody may be recognised by: kind and blind indexes, each once."""
        yield from self.keys.items()
        for one in self.further:
            if one.main_digests and self.keys.get(one.kind) != one.main_digests:
                yield one.kind, one.main_digests

    @property
    def name(self) -> Name:
        return Name(*(self.values.get(name, "") for name in NAMES))

    def payload(self) -> str:
        """What has to be kept of this row, as the text that is sealed."""
        kept: dict[str, Any] = {"values": self.stated()}
        if self.employer:
            kept["employer"] = self.employer
        if self.external_id:
            kept["external_id"] = self.external_id
        if self.further:
            kept["further"] = [one.as_list() for one in self.further]
        if self.left_out:
            kept["left_out"] = [[cell.column, cell.rule, cell.original] for cell in self.left_out]
        if self.cells:
            kept["cells"] = self.cells
        if self.raw:
            kept["raw"] = self.raw
        return json.dumps(kept, ensure_ascii=False)

    def stated(self) -> dict[str, str]:
        """The values as text, in the order of their names; not what only follows from others."""
        return {
            name: _as_text(self.values[name])
            for name in sorted(self.values)
            if name not in self.promoted
        }


def row_from_payload(text: str, number: int, source: UUID) -> FileRow:
    """The row again, from what was kept of it."""
    kept = json.loads(text)
    row = FileRow(number=number, external_id=kept.get("external_id", ""))
    row.employer = kept.get("employer", "")
    row.left_out = [LeftOut(*cell) for cell in kept.get("left_out", ())]
    row.cells = kept.get("cells", {})
    row.values = {name: _typed(name, value) for name, value in kept["values"].items()}
    _take_further(row, [Further(*one) for one in kept.get("further", ())])
    _recognise(row, source)
    return row


def name_in(payload: str | None) -> Name:
    """The name in what was kept of a row."""
    values = json.loads(payload)["values"] if payload else {}
    return Name(*(values.get(name, "") for name in NAMES))


def rows_from(
    clean: Iterable[CleanRow],
    *,
    source: UUID,
    columns: dict[str, str],
    originals: Callable[[int], dict[str, str]],
    identifiers: dict[int, str],
    owners: Owners | None = None,
) -> list[FileRow]:
    """Cleaned rows as rows of the import.

    `columns` names the column of each field, for the reasons; `originals` gives the raw cells of a
    record, kept only of rows that are set aside; `identifiers` are external identifiers that
    come from a column of another field; `owners` finds the staff a column of owners names.
    """
    rows = []
    for cleaned in clean:
        row = _row(cleaned, columns, owners)
        if identifier := identifiers.get(row.number):
            _take(row, "external_id", identifier, columns.get("external_id", "external_id"))
        if row.set_aside:
            row.cells = originals(row.number)
        else:
            _recognise(row, source)
        rows.append(row)
    return rows


def unreadable_row(number: int, reason: str, text: str) -> FileRow:
    """A record that could not be read at all; `text` is how it begins in the file."""
    whole = text.replace("\x00", "").encode(errors="replace").decode()
    return FileRow(number=number, set_aside=reason, raw=without_card_numbers(whole))


def _row(cleaned: CleanRow, columns: dict[str, str], owners: Owners | None) -> FileRow:
    row = FileRow(number=cleaned.number, said=cleaned.cells)
    row.left_out = [LeftOut(cell.column, cell.rule, cell.original) for cell in cleaned.emptied]
    row.left_out += [
        LeftOut(flag.column, flag.rule, flag.original) for flag in cleaned.flags if flag.original
    ]
    if cleaned.set_aside:
        row.set_aside = cleaned.set_aside
        return row
    for name, text in cleaned.values.items():
        if text:
            _take(row, name, text, columns.get(name, name), owners)
    if cleaned.further:
        _take_further(row, _further(row, cleaned))
    _settle_kind(row, columns)
    if not any(row.values.get(name) for name in (*KEYS, *NAMES)):
        row.set_aside = NOBODY
    return row


def _further(row: FileRow, cleaned: CleanRow) -> Iterator[Further]:
    """The further contact points of a row that a contact point can hold."""
    for cell in cleaned.further:
        country = row.values.get("country", "")
        one = further.further_from(cell, cleaned.cells, country)
        longest = further.LONGEST.get(one.kind, further.LONGEST_VALUE)
        if rule := _impossible(one.value, longest):
            row.left_out.append(LeftOut(cell.column, rule, cell.value))
        else:
            yield one


def _take_further(row: FileRow, stated: Iterable[Further]) -> None:
    row.further = further.settle(stated)
    firsts = further.promoted(row.values, row.further)
    row.values |= firsts
    row.promoted = frozenset(firsts)


def _impossible(text: str, longest: int | None) -> str:
    """Why no column can hold this text, or ''."""
    if is_token(text):
        return "sealed_token"
    if longest and len(text) > longest:
        return "too_long"
    return "half_a_character" if not text.isascii() and not _is_whole(text) else ""


def _take(row: FileRow, name: str, text: str, column: str, owners: Owners | None = None) -> None:
    if name == "full_name":
        return
    longest = LONGEST_EXTERNAL_ID if name == "external_id" else LONGEST.get(name)
    rule = ""
    if is_token(text) or (longest and len(text) > longest) or not text.isascii():
        rule = _impossible(text, longest)  # few texts are looked at that closely
    if rule:
        pass
    elif name in CHOICES and text not in CHOICES[name]:
        rule = "unknown_choice"
    elif name == "country" and not COUNTRY.fullmatch(text):
        rule = "unknown_country"
    elif name == "owner":
        found = owners.find(text) if owners else UNKNOWN
        if isinstance(found, UUID):
            row.values["owner_id"] = found
            return
        rule = found
    if not rule and name not in NOT_COLUMNS:
        try:
            row.values[name] = _typed(name, text)
            return
        except ValueError:
            rule = "impossible_date"
    if rule:
        row.left_out.append(LeftOut(column, rule, text))
    elif name == "employer":
        row.employer = text
    else:
        row.external_id = text


def _is_whole(text: str) -> bool:
    """Whether UTF-8 can carry it: half of a surrogate pair cannot be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _settle_kind(row: FileRow, columns: dict[str, str]) -> None:
    """A row with the name of an organisation and of nobody is an organisation."""
    values = row.values
    person = values.get("given_name") or values.get("family_name")
    if values.get("kind") == Kind.ORGANISATION and not values.get("organisation_name"):
        words = (values.pop("given_name", ""), values.pop("family_name", ""))
        if name := " ".join(filter(None, words)):
            values["organisation_name"] = name
        else:
            del values["kind"]
    elif "kind" not in values and values.get("organisation_name") and not person:
        values["kind"] = Kind.ORGANISATION.value
    if row.employer and values.get("kind") == Kind.ORGANISATION:
        column = columns.get("employer", "employer")
        row.left_out.append(LeftOut(column, "organisation_has_no_employer", row.employer))
        row.employer = ""


def _recognise(row: FileRow, source: UUID) -> None:
    """What the row is known by: its identifier there, else what it says; and its look-up keys."""
    text = json.dumps([row.stated(), row.employer], ensure_ascii=False)
    said = (text + further.as_text(row.further) if row.further else text).encode()
    if row.external_id:
        row.identity = identity_of_external_id(source, row.external_id)
        row.digest = keyed_digest("customers.import.row", said)[:16]
    else:
        row.identity = identity_of_row(source, said)
        row.digest = row.identity[:16]
    row.keys = {
        name: digests
        for name in KEYS
        if name in row.values and (digests := _INDEXES[name].digests(row.values[name]))
    }


def _typed(name: str, text: str) -> Any:
    if name == "birth_date":
        return date.fromisoformat(text)
    if name == "last_confirmed_at":
        return _moment(text)
    if name == "owner_id":
        return UUID(text)
    return tidy_tags(text) if name == "tags" else text


def _moment(text: str) -> datetime:
    """A day as the moment it began here; what was kept of a row has the moment already."""
    if "T" in text:
        return datetime.fromisoformat(text)
    return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
