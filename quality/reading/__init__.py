"""Reading customer files of any usual format as records of text, or a clear refusal.

Every reader keeps three promises. What comes out is what stood in the file (never mojibake, never
a cell in its neighbour's column); memory is bounded by `Limits`, whatever the file says of itself;
and what cannot be read is named, either the whole file (`UnreadableFile`) or the one record
(`UnreadableRecord`), so that nothing is lost silently.
"""

from quality.reading.basics import Limits, Record, UnreadableFile, UnreadableRecord
from quality.reading.encodings import ENCODINGS
from quality.reading.kinds import ENDINGS, FORMATS
from quality.reading.spreadsheets import Sheet
from quality.reading.tables import Opener, Table, open_table, sheets_of

__all__ = [
    "ENCODINGS",
    "ENDINGS",
    "FORMATS",
    "Limits",
    "Opener",
    "Record",
    "Sheet",
    "Table",
    "UnreadableFile",
    "UnreadableRecord",
    "open_table",
    "sheets_of",
]
