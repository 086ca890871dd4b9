"""Can we get it back: the backup engine, set up so that nothing leaves it unencrypted.

Belongs here: connectors, storage, strategies, restore, drills.
Does not belong here: what the data means (quality checks it after a restore), and the key ring: a
backup is sealed with it, so it must be kept somewhere else.
"""
