"""Who may do what with customers. What each may *see* of their values is in audit's matrix."""

from staff.roles import Role, register

VIEW = [
    "customers.view_customer",
    "customers.view_source",
    "customers.view_historicalcustomer",
    "customers.view_sourcerecord",
    "customers.view_contactpoint",
    "customers.view_address",
    "customers.view_interaction",
    "customers.view_followup",
    "customers.view_savedview",
    "customers.add_savedview",
    "customers.change_savedview",
    "customers.delete_savedview",
]
SEE_IMPORTS = ["customers.view_importbatch", "customers.view_importrow"]
# Undoing an import takes back what it did: whoever may bring a file in may undo it.
IMPORT = [
    *SEE_IMPORTS,
    "customers.add_importbatch",
    "customers.change_importbatch",
    "customers.change_importrow",
]
WORK = [
    *VIEW,
    "customers.add_customer",
    "customers.change_customer",
    "customers.add_contactpoint",
    "customers.change_contactpoint",
    "customers.delete_contactpoint",
    "customers.add_address",
    "customers.change_address",
    "customers.delete_address",
    "customers.add_interaction",
    "customers.change_interaction",
    "customers.add_followup",
    "customers.change_followup",
    "customers.view_bulkchange",
    "customers.add_bulkchange",
    "customers.change_bulkchange",
]
# What leaves the house leaves our protection: few may take customers along in a file.
EXPORT = ["customers.export_customer", "customers.view_export", "customers.add_export"]
# What others took along, and why; never the files.
WATCH_EXPORTS = ["customers.view_export", "customers.view_all_exports"]

register(
    "customers",
    {
        Role.DATA_STEWARD: [
            *WORK,
            "customers.delete_customer",
            "customers.restore_customer",
            "customers.add_source",
            "customers.change_source",
            "customers.view_droppedfile",
            "customers.hand_over_customer",
            *IMPORT,
            *EXPORT,
        ],
        # The bin loses nothing, and what one person throws away a steward brings back.
        Role.SALES: [*WORK, "customers.delete_customer"],
        Role.SERVICE: WORK,
        Role.MARKETING: VIEW,
        Role.PRIVACY_OFFICER: [
            *VIEW,
            "customers.change_customer",
            "customers.delete_customer",
            "customers.restore_customer",
            *SEE_IMPORTS,
            *EXPORT,
            *WATCH_EXPORTS,
        ],
        Role.AUDITOR: [
            *VIEW,
            *SEE_IMPORTS,
            "customers.view_bulkchange",
            *WATCH_EXPORTS,
            "customers.view_droppedfile",
        ],
        Role.READ_ONLY: VIEW,
    },
)
