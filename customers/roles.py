"""Who may do what with customers. What each may *see* of their values is in audit's matrix."""

from staff.roles import Role, register

VIEW = [
    "customers.view_customer",
    "customers.view_source",
    "customers.view_historicalcustomer",
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
        ],
        Role.AUDITOR: VIEW,
        Role.READ_ONLY: VIEW,
    },
)
