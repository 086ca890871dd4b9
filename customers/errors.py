"""What the services of customers refuse."""


class NotPossible(Exception):
    """Why this cannot be done, in words for whoever tried."""
