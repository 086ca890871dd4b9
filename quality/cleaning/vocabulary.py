"""Word lists, written the way people read them: separated by bars."""

from __future__ import annotations


def terms(text: str) -> frozenset[str]:
    """The terms of a bar-separated list."""
    return frozenset(term.strip() for term in text.split("|") if term.strip())


def numbered(*lists: str) -> dict[str, int]:
    """Terms to the number (from 1) of the list they stand in; terms of two lists are dropped."""
    found: dict[str, set[int]] = {}
    for number, text in enumerate(lists, start=1):
        for term in terms(text):
            found.setdefault(term, set()).add(number)
    return {term: next(iter(numbers)) for term, numbers in found.items() if len(numbers) == 1}
