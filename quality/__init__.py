"""Is the data right: validators, normal forms of values, and the cleaning of files.

Belongs here: rules about values and rows that know no particular model, and `clean_customers`.
Does not belong here: what happens to a cleaned row (customers imports it).
"""
