"""The doors of staff to customers, their sources and their imports."""

from customers.admin.imports import ImportBatchAdmin
from customers.admin.people import CustomerAdmin
from customers.admin.sources import SourceAdmin

__all__ = ["CustomerAdmin", "ImportBatchAdmin", "SourceAdmin"]
