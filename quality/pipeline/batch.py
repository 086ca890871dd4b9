"""Cleans one batch of records, column by column, and puts the rows together again."""

from __future__ import annotations

from collections.abc import Sequence

from quality.cleaning.cards import masked_card_numbers
from quality.cleaning.id_numbers import CN_RESIDENT_ID, recognised_type, resident_id_facts
from quality.cleaning.names import names_are_swapped, split_full_name
from quality.cleaning.outcome import Outcome, Verdict
from quality.cleaning.surnames import is_han
from quality.cleaning.vocabulary import terms
from quality.headers import FURTHER, REPEATED
from quality.pipeline.columns import PERSON_NAMES, Columns
from quality.pipeline.fills import fill
from quality.pipeline.rows import Change, CleanRow, Emptied, Flag, Further, Plan, Record
from quality.pipeline.several import ADDRESS_BOOK, apart, behind_the_first

IDENTITY = PERSON_NAMES | {
    *("organisation_name", "email", "further_email", "phone", "further_phone", "national_id")
}

_JOINED = terms(
    "given_name | family_name | full_name | organisation_name | street | city | region"
    "| job_title | tags | employer | notes | external_id | postal_code"
)


def clean_batch(records: Sequence[Record], plan: Plan) -> list[CleanRow]:
    """The cleaned rows, in the order of the records.

    A cell that cannot be true is emptied and the rest of its row goes through; a row is set
    aside only when its cells cannot be told apart or it has no name, contact point and ID.
    """
    if not records or not plan.header:
        return []
    columns = Columns(_by_column(records, plan.header), plan)
    _swap_names(columns)
    for column, rule in plan.options.fill.items():
        if column in columns.outcomes:
            fill(columns, column, rule)
    events = _Events(columns)
    _flag_contradictions(columns, events)
    cells = _cells(columns)
    values = _values(columns)
    missing = _without_identity(columns)
    further = _further(columns)
    width = len(plan.header)
    return [
        CleanRow(
            record.number,
            cells[row],
            values[row],
            tuple(events.changes.get(row, ())),
            tuple(events.emptied.get(row, ())),
            tuple(events.flags.get(row, ())),
            "too_many_cells" if any(record.cells[width:]) else missing[row],
            further[row],
        )
        for row, record in enumerate(records)
    ]


def _by_column(records: Sequence[Record], header: tuple[str, ...]) -> dict[str, list[str]]:
    width = len(header)
    rows = [
        record.cells if len(record.cells) == width else (*record.cells, *[""] * width)[:width]
        for record in records
    ]
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def _swap_names(columns: Columns) -> None:
    """Given and family name change places where that is proven."""
    givens, families = columns.of_field("given_name"), columns.of_field("family_name")
    if len(givens) != 1 or len(families) != 1:
        return
    given, family = columns.outcomes[givens[0]], columns.outcomes[families[0]]
    emails = columns.values("email")
    for row in range(columns.rows):
        one, other = given[row].text, family[row].text
        if len(one) > 2 or not is_han(one) or not names_are_swapped(one, other, emails[row]):
            continue
        given[row] = Outcome(other, other, "names_swapped")
        family[row] = Outcome(one, one, "names_swapped")


class _Events:
    """What happened to the cells, by row; most rows have none."""

    def __init__(self, columns: Columns) -> None:
        self.changes: dict[int, list[Change]] = {}
        self.emptied: dict[int, list[Emptied]] = {}
        self.flags: dict[int, list[Flag]] = {}
        for column, raw in columns.raw.items():
            for row, (before, outcome) in enumerate(
                zip(raw, columns.outcomes[column], strict=True)
            ):
                if before != outcome.text or outcome.verdict is not Verdict.KEPT:
                    self._note(row, column, before, outcome)

    def _note(self, row: int, column: str, before: str, outcome: Outcome) -> None:
        if outcome.verdict is Verdict.EMPTIED:
            original = masked_card_numbers(before)
            self.emptied.setdefault(row, []).append(Emptied(column, outcome.rule, original))
            return
        if outcome.verdict is Verdict.FLAGGED:
            original = "" if outcome.value else masked_card_numbers(before)
            self.flags.setdefault(row, []).append(Flag(column, outcome.rule, original))
        if before != outcome.text:
            card = outcome.rule == "card_number"
            flagged = outcome.verdict is Verdict.FLAGGED
            as_it_was = flagged and outcome.value is None
            rule = "white_space" if as_it_was or not outcome.rule else outcome.rule
            change = Change(
                column, rule, masked_card_numbers(before) if card else before, outcome.text
            )
            self.changes.setdefault(row, []).append(change)


def _flag_contradictions(columns: Columns, events: _Events) -> None:
    """A valid resident ID says birth date and gender too; which one is wrong, nobody knows."""
    if not columns.of_field("national_id"):
        return
    kinds = columns.values("national_id_type")
    facts = [
        resident_id_facts(number) if number and kind in (None, CN_RESIDENT_ID) else None
        for number, kind in zip(columns.values("national_id"), kinds, strict=True)
    ]
    for field, undecided in (("birth_date", ""), ("gender", "other")):
        for column in columns.of_field(field):
            for row, (fact, outcome) in enumerate(
                zip(facts, columns.outcomes[column], strict=True)
            ):
                if fact is None or not outcome.value or outcome.value == undecided:
                    continue
                if str(getattr(fact, field)) != outcome.value:
                    flag = Flag(column, f"{field}_unlike_id_number")
                    events.flags.setdefault(row, []).append(flag)


def _cells(columns: Columns) -> list[dict[str, str]]:
    header = list(columns.raw)
    lists = [[outcome.text for outcome in columns.outcomes[column]] for column in header]
    return [dict(zip(header, row, strict=True)) for row in zip(*lists, strict=True)]


def _values(columns: Columns) -> list[dict[str, str | None]]:
    """The values by customer field; what follows from them is added."""
    mapped = (columns.plan.mapping.get(column) for column in columns.raw)
    fields = [field for field in dict.fromkeys(mapped) if field and field not in REPEATED]
    if not fields:
        return [{} for _row in range(columns.rows)]
    lists = [_field_values(columns, field) for field in fields]
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*lists, strict=True)]
    splitting = "full_name" in fields
    typing = "national_id" in fields
    for row in rows:
        if splitting and (full := row["full_name"]):
            _split(row, full)
        if typing and not row.get("national_id_type") and (number := row["national_id"]):
            row["national_id_type"] = recognised_type(number)
    return rows


def _further(columns: Columns) -> list[tuple[Further, ...]]:
    """The values of fields that any number of columns may fill, row by row."""
    named = [
        (column, field)
        for column in columns.raw
        if (field := columns.plan.mapping.get(column)) in REPEATED
        or (field in FURTHER and _has_several(columns, column))
    ]
    if not named:
        return [()] * columns.rows
    lists = [columns.outcomes[column] for column, _field in named]
    return [
        tuple(
            Further(column, FURTHER.get(str(field), str(field)), value)
            for (column, field), outcome in zip(named, row, strict=True)
            if outcome.value
            for value in (behind_the_first(outcome) if field in FURTHER else apart(outcome.value))
        )
        for row in zip(*lists, strict=True)
    ]


def _has_several(columns: Columns, column: str) -> bool:
    return any(ADDRESS_BOOK in outcome.text for outcome in columns.outcomes[column])


def _split(row: dict[str, str | None], full: str) -> None:
    """What the columns of the parts leave open, the full name says."""
    given, family = row.get("given_name"), row.get("family_name")
    if not given and not family:
        given, family = split_full_name(full)
    elif given and not family and full.startswith(given + " "):
        family = full.removeprefix(given).strip()
    elif family and not given and full.endswith(" " + family):
        given = full.removesuffix(family).strip()
    row["given_name"], row["family_name"] = given or None, family or None


def _field_values(columns: Columns, field: str) -> list[str | None]:
    names = columns.of_field(field)
    if len(names) == 1:
        return [outcome.value for outcome in columns.outcomes[names[0]]]
    if field not in _JOINED:
        return columns.values(field)
    lists = [columns.outcomes[name] for name in names]
    return [
        " ".join(outcome.value for outcome in row if outcome.value) or None
        for row in zip(*lists, strict=True)
    ]


def _without_identity(columns: Columns) -> list[str | None]:
    """The reason code for each row that names nobody and nothing to reach or know them by."""
    lists = [
        columns.outcomes[column]
        for column in columns.raw
        if columns.plan.mapping.get(column) in IDENTITY
    ]
    if not lists:
        return [None] * columns.rows
    return [
        None if any(outcome.text for outcome in row) else "no_identity"
        for row in zip(*lists, strict=True)
    ]
