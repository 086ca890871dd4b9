"""Who may read what happened. Nobody may write it."""

from staff.roles import Role, register

HISTORY_OF_STAFF = ["audit.view_historicaluser", "audit.view_historicalteam"]
OF_THE_DELETED = "audit.view_deleted_history"
# Beside the right to change the object. Only those who answer for the data: putting back brings
# in values that whoever does it may not even see.
PUT_BACK = "audit.restore_version"

register(
    "audit",
    {
        Role.ADMINISTRATOR: [OF_THE_DELETED, PUT_BACK, *HISTORY_OF_STAFF],
        Role.DATA_STEWARD: [PUT_BACK],
        Role.PRIVACY_OFFICER: [OF_THE_DELETED, PUT_BACK, *HISTORY_OF_STAFF],
        Role.AUDITOR: [OF_THE_DELETED, *HISTORY_OF_STAFF],
    },
)
