"""What the encryption app announces."""

from django.dispatch import Signal

# `loaddata` has saved its rows: `rows` is a dict of keys by model, `using` the database. Sent in
# the transaction of the load, after the last row.
rows_loaded = Signal()
