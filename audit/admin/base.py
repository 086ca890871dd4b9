"""AuditedAdmin: history, disclosure and concurrent edits for every model page."""

from __future__ import annotations

from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from audit.admin.history_page import HistoryPage


class AuditedAdmin(HistoryPage, SimpleHistoryAdmin, ModelAdmin):
    """Base of all our ModelAdmins."""
