"""The report of a cleaning: how often each rule acted, and on which rows, without the data.

Values of protected columns are masked, and so is every value that looks like one wherever it
stands, and every value of a column nobody mapped: the report may be sent to whoever supplied the
file, and says where to look, not what stands there.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from encryption.masks import DOTS, masked
from quality.pipeline import CleanRow
from quality.reading import UnreadableRecord

#: Mask per field of the customer; fields that are stored in plain text need none.
MASKS: dict[str, str] = {
    "email": "email",
    "phone": "phone",
    "national_id": "last4",
    "birth_date": "full",
    "street": "full",
    "notes": "full",
    "external_id": "last4",
}
SECTIONS = ("changes", "emptied", "flags", "duplicates", "rejected")
IN_MEMORY = 4 * 1024 * 1024

_LOOKS_PROTECTED = re.compile(r"@|＠|(?:\d[\s().\-/]?){6,}")


class Tally:
    """What happened to the file in numbers."""

    def __init__(self) -> None:
        self.rows = self.written = self.rejected = self.duplicates = self.rows_changed = 0
        self.by_column: dict[str, dict[str, Counter[str]]] = {}
        self.by_row_rule: Counter[str] = Counter()

    def count(self, kind: str, column: str, rule: str) -> None:
        self.by_column.setdefault(column, {}).setdefault(kind, Counter())[rule] += 1

    def total(self, kind: str) -> int:
        return sum(sum(kinds.get(kind, Counter()).values()) for kinds in self.by_column.values())

    def counts(self) -> dict[str, int]:
        """The figures of the last line; written + duplicates + rejected = rows."""
        return {
            "rows": self.rows,
            "written": self.written,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "rows_changed": self.rows_changed,
            "cells_changed": self.total("changes"),
            "cells_emptied": self.total("emptied"),
            "cells_flagged": self.total("flags"),
        }

    def rules(self) -> dict[str, Any]:
        """Counts per column and rule, and of what was decided for whole rows."""
        return {
            "columns": {
                column: {kind: dict(counter.most_common()) for kind, counter in kinds.items()}
                for column, kinds in self.by_column.items()
            },
            "rows": dict(self.by_row_rule.most_common()),
        }


class Report:
    """Collects row by row, counted in memory and listed in spooled files; `write` joins them.

    Lists that grow large go to nameless files in `folder`; without a folder rows are only counted.
    """

    def __init__(self, mapping: Mapping[str, str], *, folder: Path | None) -> None:
        self.tally = Tally()
        self._mapping = mapping
        self._sections: dict[str, SpooledTemporaryFile[str]] = {}
        if folder is not None:
            self._sections = {name: _spool(folder) for name in SECTIONS}

    def row(self, row: CleanRow, flags: tuple[str, ...] = ()) -> None:
        """What cleaning did to one row that goes through, and what its reading had to decide."""
        tally, number = self.tally, row.number
        if row.changes or row.emptied:
            tally.rows_changed += 1
        for change in row.changes:
            tally.count("changes", change.column, change.rule)
            self._cell("changes", number, change.column, change.rule, change.before, change.after)
        for emptied in row.emptied:
            tally.count("emptied", emptied.column, emptied.rule)
            self._cell("emptied", number, emptied.column, emptied.rule, emptied.original)
        for flag in row.flags:
            tally.count("flags", flag.column, flag.rule)
            value = row.cells.get(flag.column, "")
            self._cell("flags", number, flag.column, flag.rule, value)
        for rule in flags:
            tally.by_row_rule[rule] += 1
            self._list("flags", {"_row": number, "rule": rule})

    def duplicate(self, number: int, of: int) -> None:
        self.tally.duplicates += 1
        self._list("duplicates", {"_row": number, "of": of})

    def rejected(self, record: UnreadableRecord) -> None:
        self.tally.rejected += 1
        self.tally.by_row_rule[record.code] += 1
        self._list("rejected", {"_row": record.number, "rule": record.code})

    def write(self, out: IO[str], about: Mapping[str, Any]) -> None:
        """The whole report as one JSON object: `about` first, then counts, then the lists."""
        head = {**about, "counts": self.tally.counts(), "rules": self.tally.rules()}
        out.write(json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}"))
        for name, section in self._sections.items():
            out.write(f',\n "{name}": [')
            section.seek(0)
            for index, line in enumerate(section):
                out.write((",\n  " if index else "\n  ") + line.rstrip("\n"))
            out.write("\n ]")
        out.write("\n}\n")

    def close(self) -> None:
        for section in self._sections.values():
            section.close()

    def _cell(
        self,
        section: str,
        number: int,
        column: str,
        rule: str,
        value: str,
        after: str | None = None,
    ) -> None:
        if not self._sections:
            return
        entry = {"_row": number, "column": column, "rule": rule}
        if after is None:
            entry["value"] = self.shown(column, value)
        else:
            entry |= {"before": self.shown(column, value), "after": self.shown(column, after)}
        self._list(section, entry)

    def _list(self, section: str, entry: Mapping[str, Any]) -> None:
        if self._sections:
            line = json.dumps(entry, ensure_ascii=False)
            # Half a surrogate pair cannot be written as UTF-8; its escape can.
            self._sections[section].write(line.encode("utf-8", "backslashreplace").decode() + "\n")

    def shown(self, column: str, value: str) -> str:
        """The value as the report may show it."""
        field = self._mapping.get(column)
        if not value:
            return ""
        if field is None:
            return DOTS
        if field in MASKS:
            return masked(value.strip(), MASKS[field])
        return DOTS if _LOOKS_PROTECTED.search(value) else value[:200]


def _spool(folder: Path) -> SpooledTemporaryFile[str]:
    return SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8", dir=str(folder))
