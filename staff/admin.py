"""The staff pages: who works here, in which team, in which roles.

Group pages are taken away: roles are code (staff/roles.py), and a group edited by hand would be
put right by the next `migrate` anyway.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from staff import services
from staff.forms import OneTimePasswordForm, StaffChangeForm, StaffCreationForm, TeamForm
from staff.leaving import notes_about
from staff.models import Team, User
from staff.requests import member
from staff.roles import Role

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    add_form_template = None
    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = OneTimePasswordForm
    change_form_before_template = "staff/deactivate_note.html"

    list_display = ("username", "name", "role_names", "team", "state", "last_login")
    list_filter = ("is_active", "team", "groups")
    list_filter_submit = False
    list_select_related = ("team",)
    list_per_page = 50
    search_fields = ("username", "first_name", "last_name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("new_password", "must_change_password", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "new_password", "must_change_password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "team")}),
        (_("What they may do"), {"fields": ("is_active", "roles")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (_("Person"), {"fields": ("username", "first_name", "last_name", "email", "team")}),
        (_("What they may do"), {"fields": ("roles",)}),
        (
            _("One-time password"),
            {
                "description": _(
                    "It opens nothing but the page where they choose their own. "
                    "Tell it to them, do not mail it."
                ),
                "fields": ("password1", "password2"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        everyone: QuerySet[User] = super().get_queryset(request)
        return everyone.exclude(username=services.SYSTEM_USERNAME).prefetch_related("groups")

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[Any]:
        # `roles` is a field of the forms, not of the model: where a form shows it is read only,
        # Django must not look for it among the model's fields.
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return (
            (None, {"fields": ("username", "first_name", "last_name", "email", "team")}),
            (_("What they may do"), {"fields": ("is_active", "role_names")}),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_readonly_fields(request, obj)
        return (*found, "role_names") if obj is not None else found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        user = context.get("original")
        if isinstance(user, User):
            context["leaving_notes"] = notes_about(user, member(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.give_roles()

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        # One's own password is changed with the old one, and is no one-time password. Compared as
        # rows: a key can be written in several ways.
        if self.get_object(request, unquote(id)) == request.user:
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    @display(description=_("name"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "—"

    @display(description=_("roles"))
    def role_names(self, user: User) -> str:
        names = {group.name for group in user.groups.all()}
        return ", ".join(str(role.label) for role in Role if role.value in names) or "—"

    @display(
        description=_("state"),
        ordering="is_active",
        label={_("active"): "success", _("must change password"): "warning", _("left"): "danger"},
    )
    def state(self, user: User) -> Any:
        if not user.is_active:
            return _("left")
        return _("must change password") if user.must_change_password else _("active")

    @display(description=_("password"))
    def new_password(self, user: User) -> str:
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, _("Give them a new one-time password"))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return isinstance(request.user, User) and services.may_manage(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # what they did keeps its author; the page says how to deactivate


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    form = TeamForm

    list_display = ("name", "members")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        active = Count("members", filter=Q(members__is_active=True))
        return super().get_queryset(request).annotate(active_members=active)

    @display(description=_("active members"), ordering="active_members")
    def members(self, team: Any) -> int:
        return int(team.active_members)
