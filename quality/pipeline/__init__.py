"""Cleans a file batch by batch: evidence first, then column by column.

evidence = ColumnEvidence.gather(batches, header, mapping)
plan = Plan(header, mapping, Options(country="CN"), evidence)
for records in batches:
    for row in clean_batch(records, plan): ...
"""

from quality.pipeline.batch import clean_batch
from quality.pipeline.evidence import ColumnEvidence
from quality.pipeline.rows import (
    Change,
    CleanRow,
    Emptied,
    FillRule,
    Flag,
    Further,
    Mapping,
    Options,
    Plan,
    Record,
)

__all__ = [
    "Change",
    "CleanRow",
    "ColumnEvidence",
    "Emptied",
    "FillRule",
    "Flag",
    "Further",
    "Mapping",
    "Options",
    "Plan",
    "Record",
    "clean_batch",
]
