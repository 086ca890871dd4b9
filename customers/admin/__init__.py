"""The doors of staff to customers, their sources and their imports."""

from customers.admin.bulk import BulkChangeAdmin
from customers.admin.exports import ExportAdmin
from customers.admin.follow_ups import FollowUpAdmin
from customers.admin.imports import ImportBatchAdmin
from customers.admin.interactions import InteractionAdmin
from customers.admin.people import CustomerAdmin
from customers.admin.sources import SourceAdmin

__all__ = [
    "BulkChangeAdmin",
    "CustomerAdmin",
    "ExportAdmin",
    "FollowUpAdmin",
    "ImportBatchAdmin",
    "InteractionAdmin",
    "SourceAdmin",
]
