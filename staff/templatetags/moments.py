"""Moments as people say them, in templates of any app."""

from django import template

from staff.pages import ago

register = template.Library()
register.simple_tag(ago, name="ago")
