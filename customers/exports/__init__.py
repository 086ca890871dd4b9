"""Customers leave the house in a file: who may take what, written sealed, fetched once asked for.

Here: the columns, what each reader gets of them, the formats, the sealed files and their end. Not
here: which customers are meant (`customers/selection.py`) and the pages (`customers/admin/`).
"""
