"""Who they are: customers, the sources they came from, and the import that brings them in.

Belongs here: the customer, how to find one, how a file becomes customers, and how to undo that.
Does not belong here: what we do for customers (sales, marketing, service), how a value
is cleaned (quality) or protected (encryption).
"""
