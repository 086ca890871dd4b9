"""The people who work here: user, team, the roles registry, sign-in.

Belongs here: who a member of staff is and which role they hold.
Does not belong here: what a role may see of a customer (audit), who did what (audit).
"""
