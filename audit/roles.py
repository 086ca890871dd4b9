"""Who may read what happened. Nobody may write it."""

from staff.roles import Role, register

HISTORY_OF_STAFF = ["audit.view_historicaluser", "audit.view_historicalteam"]
OF_THE_DELETED = "audit.view_deleted_history"

register(
    "audit",
    {
        Role.ADMINISTRATOR: [OF_THE_DELETED, *HISTORY_OF_STAFF],
        Role.PRIVACY_OFFICER: [OF_THE_DELETED, *HISTORY_OF_STAFF],
        Role.AUDITOR: [OF_THE_DELETED, *HISTORY_OF_STAFF],
    },
)
