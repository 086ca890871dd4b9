"""Who they are: customers, the sources they came from, what was said, how they come and go.

Belongs here: the customer, who might be meant (search, selection), how they are reached, the desk
(talk, follow-ups, timeline), what is done with many, and files: imports, drops, exports. Not here:
what we do for customers (sales, marketing, service), how a value is cleaned or protected.
"""
