"""The base of every admin page of ours."""

from audit.admin.base import AuditedAdmin

__all__ = ["AuditedAdmin"]
