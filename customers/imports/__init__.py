"""From a file to customers and back.

`upload` seals what arrives, `mapping` says which column is which field, `plan` decides what
becomes of each row, `write` does it, `run` strings them together as a job that may be killed,
`review` settles what waited, `undo` takes an import back, `expire` forgets what was kept of it.
Cleaning itself is quality's.
"""
