"""A part of the home page: a heading, and the template that shows what is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Part:
    """`name` is its template in crm/home/ and the anchor of its heading."""

    name: str
    title: Any
    shows: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return f"crm/home/{self.name}.html"


def list_of(model: str) -> str:
    """The address of a list in the admin; "" where there is none."""
    try:
        return reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return ""
