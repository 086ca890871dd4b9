"""Long work that survives: a row per job, claimed, resumed, watched.

Belongs here: the job row, its claim and heartbeat, the wake-up call, its progress page,
how it shares the machine with others.
Does not belong here: what a job does (the app that registers its kind).
"""
