"""Who they are: customers, the sources they came from, what was said with them, and how they come
and go.

Belongs here: the customer and how to find one (`search`, `suggest`, `search_index`), how they are
reached (`contacts`), what was said and promised (`interactions`, `desk`, `due`, `reminders`,
`calendar`, `timeline`), which of them are meant (`list_filters`, `selection`) and what is done with
many (`bulk`), how files become customers (`imports`, `drops`) and customers files (`exports`), where
a value comes from (`provenance`), how many there are (`tallies`), people for trying out (`demo`).
Does not belong here: what we do for customers (sales, marketing, service), how a value is cleaned
(quality) or protected (encryption).
"""
