"""Gives the staff pages their history: staff stands below audit and cannot know of it."""

from django.contrib import admin

from audit.admin.history_page import HistoryPage
from staff.admin import TeamAdmin, UserAdmin
from staff.models import Team, User


class UserWithHistory(HistoryPage, UserAdmin):
    pass


class TeamWithHistory(HistoryPage, TeamAdmin):  # type: ignore[misc]
    pass


for model, page in ((User, UserWithHistory), (Team, TeamWithHistory)):
    admin.site.unregister(model)
    admin.site.register(model, page)
