"""Keys, the cipher, protected fields and the blind indexes that search them.

Belongs here: everything that must know a key, and nothing that knows a customer.
Does not belong here: who may see a value (audit), what a good value is (quality).
"""
