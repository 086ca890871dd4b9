"""Who they are, how they are reached, what was said, and what imports and exports leave behind."""

from customers.models.bulk import BulkChange, BulkRow
from customers.models.contacts import Address, ContactPoint
from customers.models.desk import CalendarFeed, ListLayout, RecentlySeen, SavedView
from customers.models.drops import DropLook, DroppedFile
from customers.models.exports import Export, ExportDownload
from customers.models.imports import ImportBatch, ImportRow, WaitingKey
from customers.models.interactions import FollowUp, Interaction, Reminder
from customers.models.managers import CustomerQuerySet
from customers.models.names import CustomerName
from customers.models.numbers import NumberCounter, allocate_numbers
from customers.models.people import Customer
from customers.models.sources import Source, SourceRecord
from customers.models.tags import CustomerTag
from customers.models.tallies import SearchIndex, Tally

__all__ = [
    "Address",
    "BulkChange",
    "BulkRow",
    "CalendarFeed",
    "ContactPoint",
    "Customer",
    "CustomerName",
    "CustomerQuerySet",
    "CustomerTag",
    "DropLook",
    "DroppedFile",
    "Export",
    "ExportDownload",
    "FollowUp",
    "ImportBatch",
    "ImportRow",
    "Interaction",
    "ListLayout",
    "NumberCounter",
    "RecentlySeen",
    "Reminder",
    "SavedView",
    "SearchIndex",
    "Source",
    "SourceRecord",
    "Tally",
    "WaitingKey",
    "allocate_numbers",
]
