"""What a database would read to answer a query: whole tables, or what an index points at."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

ALIASES = re.compile(r'(?:FROM|JOIN) "(\w+)"(?: (?:AS )?"?(?!ON\b|WHERE\b|ORDER\b)(\w+)"?)?')
# Partial indexes that hold what waits: reading all of one is reading little.
OF_FEW = ("rows_that_wait", "rows_by_identity")
# By the reckoning of PostgreSQL.
CHEAP = 50
MANY = 2000


@dataclass(frozen=True)
class Plan:
    """`whole`: tables that are read from the first row to the last. `sorted`: those of which more
    rows are sorted than an index had narrowed them down to. `text` is what the database said."""

    whole: frozenset[str]
    sorted: frozenset[str]
    text: str


def plan_of(sql: str, params: Any = ()) -> Plan:
    """The plan of a SELECT, as the database would carry it out now."""
    if connection.vendor == "sqlite":
        return _sqlite(sql, params)
    return _postgresql(sql, params)


def _sqlite(sql: str, params: Any) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        lines = [str(row[3]) for row in cursor.fetchall()]
    tables = {alias or table: table for table, alias in ALIASES.findall(sql)}
    scanned = [
        line.split() for line in lines if line.startswith("SCAN ") and not line.endswith(OF_FEW)
    ]
    sorts = any("TEMP B-TREE FOR ORDER BY" in line for line in lines)
    ends_early = " LIMIT " in sql and not sorts
    whole = {
        tables.get(words[1], words[1])
        for words in scanned
        if not ends_early or (len(words) == 2 and " WHERE " in sql)
    }
    read = {tables.get(words[1], words[1]) for words in scanned}
    return Plan(frozenset(whole), frozenset(read if sorts else ()), "\n".join(lines))


def _postgresql(sql: str, params: Any) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params or None)
        found = cursor.fetchone()[0]
    top = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    nodes = list(_costly(top))
    whole = {
        node["Relation Name"]
        for node in nodes
        if node["Node Type"] == "Seq Scan" and node["Total Cost"] > CHEAP
    }
    sorts = [node for node in nodes if node["Node Type"] == "Sort" and node["Plan Rows"] > MANY]
    read = {
        one["Relation Name"] for sort in sorts for one in _costly(sort) if "Relation Name" in one
    }
    return Plan(frozenset(whole), frozenset(read), "\n".join(_lines(top)))


def _costly(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below it, but for what a limit ends early."""
    if node["Node Type"] == "Limit":
        early = node["Total Cost"] < node["Plans"][0]["Total Cost"] / 2
        if early and not any(one["Node Type"] == "Sort" for one in _below(node)):
            return
    yield node
    for below in node.get("Plans", ()):
        yield from _costly(below)


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in node.get("Plans", ()):
        yield one
        yield from _below(one)


def _lines(node: dict[str, Any], depth: int = 0) -> Iterator[str]:
    names = (node.get("Relation Name"), node.get("Index Name"), node.get("Index Cond"))
    told = " · ".join(str(name) for name in names if name)
    yield f"{'  ' * depth}{node['Node Type']} {told} ({node['Plan Rows']} rows, cost {node['Total Cost']})"
    for below in node.get("Plans", ()):
        yield from _lines(below, depth + 1)
