"""Who sees other people's jobs. One's own are everybody's to see, to cancel and to retry."""

from staff.roles import Role, register

register(
    "jobs",
    {
        Role.DATA_STEWARD: ["jobs.view_job", "jobs.change_job"],
        Role.AUDITOR: ["jobs.view_job"],
    },
)
