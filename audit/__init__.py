"""Who did, saw and may see what: history, disclosure, and the base of every admin page.

Belongs here: the record of every change, the rule who sees a protected value, and the
admin base class that applies both.
Does not belong here: keys (encryption), roles themselves (staff), what a good value is (quality).
"""
