"""Where each value of a customer comes from: which source, file and row, or which person, and when.

Read from the history whenever somebody asks, and stored nowhere (docs/decisions/0009).
"""

from customers.provenance.deeds import Way
from customers.provenance.origins import FieldOrigin, origins_of, walk_origins
from customers.provenance.shown import ShownOrigin, provenance_of

__all__ = ["FieldOrigin", "ShownOrigin", "Way", "origins_of", "provenance_of", "walk_origins"]
