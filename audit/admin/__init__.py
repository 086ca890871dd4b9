"""The base of every admin page of ours."""

from audit.admin.base import AuditedAdmin
from audit.admin.columns import protected_column
from audit.admin.history_page import HistoryPage
from audit.admin.inlines import AuditedStackedInline, AuditedTabularInline
from audit.admin.staff import TeamWithHistory, UserWithHistory

__all__ = [
    "AuditedAdmin",
    "AuditedStackedInline",
    "AuditedTabularInline",
    "HistoryPage",
    "TeamWithHistory",
    "UserWithHistory",
    "protected_column",
]
