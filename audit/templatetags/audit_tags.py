"""What templates of histories need."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value of a key that is not known when the template is written."""
    return None if mapping is None else mapping.get(key)
