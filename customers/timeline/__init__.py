"""Everything about one customer in one line of time, newest first.

What was said, what is to be done, what changed (of the customer, its contact points and addresses),
which imports saw it, and what models of later apps attach by a class attribute `timeline`. Each
source answers the same question, "what is older than this moment?", for one page, so that the whole
costs a constant number of queries and the last page as much as the first.
"""

from customers.timeline.entries import Entry, Kind, Link, Page, TimelineLine
from customers.timeline.paging import timeline_of

__all__ = ["Entry", "Kind", "Link", "Page", "TimelineLine", "timeline_of"]
