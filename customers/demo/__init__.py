"""Made-up customers: people of many countries with what a desk would know of them.

Belongs here: who they are, what was said with them, and how very many are written quickly. Nothing
outside makes use of it but the command `make_demo` and the first `make run`.
"""
