"""Fills empty cells of the columns the person named, and only those.

`derive` takes what follows from the same row: birth date and gender from a valid Chinese
resident ID, the country from a phone number in E.164. `default` and `forward` invent, and are
there for who asks for them; a cell that held something impossible is not theirs to fill.
"""

from __future__ import annotations

from quality.cleaning.id_numbers import resident_id_facts
from quality.cleaning.outcome import Outcome, Verdict
from quality.cleaning.phones import country_of_phone
from quality.pipeline.columns import Columns, is_missing
from quality.pipeline.rows import FillRule, Plan

DERIVABLE = frozenset(["birth_date", "gender", "country"])


def fill(columns: Columns, column: str, rule: FillRule) -> None:
    """Fill the empty cells of one column of the batch."""
    if rule.kind == "derive":
        _derive(columns, column)
    elif rule.kind == "default":
        _default(columns, column, rule.value)
    else:
        _forward(columns, column)


def is_possible_default(column: str, rule: FillRule, plan: Plan) -> bool:
    """Whether the value can stand in the column at all."""
    raw = {name: [rule.value if name == column else ""] for name in plan.header}
    outcome = Columns(raw, plan).outcomes[column][0]
    return bool(outcome.text) and outcome.verdict is not Verdict.EMPTIED


def derived(field: str | None, national_id: str | None, phone: str | None) -> str | None:
    """What ID number and phone of a row prove about a field of it."""
    if field == "country" and phone:
        return country_of_phone(phone)
    facts = resident_id_facts(national_id or "")
    if facts and field == "birth_date":
        return facts.birth_date.isoformat()
    if facts and field == "gender":
        return facts.gender
    return None


def _derive(columns: Columns, column: str) -> None:
    field = columns.plan.mapping.get(column)
    if field not in DERIVABLE:
        return
    outcomes = columns.outcomes[column]
    numbers, phones = columns.values("national_id"), columns.values("phone")
    for row, outcome in enumerate(outcomes):
        if not outcome.text and (found := derived(field, numbers[row], phones[row])):
            outcomes[row] = Outcome(found, found, "filled_from_row")


def _default(columns: Columns, column: str, value: str) -> None:
    field = columns.plan.mapping.get(column)
    clean = columns.cleaner(column)
    beside = columns.beside(field)
    outcomes = columns.outcomes[column]
    for row, outcome in enumerate(outcomes):
        if is_missing(columns.raw[column][row], outcome):
            found = clean(value, *(values[row] for values in beside))
            outcomes[row] = Outcome(found.text, found.value, "filled_with_default")


def _forward(columns: Columns, column: str) -> None:
    carried = columns.plan.carried
    outcomes = columns.outcomes[column]
    last = carried.get(column)
    for row, outcome in enumerate(outcomes):
        if outcome.value:
            last = outcome.value
        elif last is not None and is_missing(columns.raw[column][row], outcome):
            outcomes[row] = Outcome(last, last, "filled_forward")
    if last is not None:
        carried[column] = last
