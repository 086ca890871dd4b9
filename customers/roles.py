"""Who may do what with customers. What each may *see* of their values is in audit's matrix."""

from staff.roles import Role, register

VIEW = [
    "customers.view_customer",
    "customers.view_source",
    "customers.view_historicalcustomer",
    "customers.view_sourcerecord",
]
SEE_IMPORTS = ["customers.view_importbatch", "customers.view_importrow"]
# Undoing an import takes back what it did: whoever may bring a file in may undo it.
IMPORT = [
    *SEE_IMPORTS,
    "customers.add_importbatch",
    "customers.change_importbatch",
    "customers.change_importrow",
]
WORK = [*VIEW, "customers.add_customer", "customers.change_customer"]

register(
    "customers",
    {
        Role.DATA_STEWARD: [
            *WORK,
            "customers.delete_customer",
            "customers.restore_customer",
            "customers.add_source",
            "customers.change_source",
            *IMPORT,
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
        ],
        Role.AUDITOR: [*VIEW, *SEE_IMPORTS],
        Role.READ_ONLY: VIEW,
    },
)
