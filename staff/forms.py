"""The forms of the staff pages: roles in words, and only those that may be given."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from staff import services
from staff.models import User
from staff.roles import Role, roles_of
from staff.validators import validate_readable

LONGEST_KEY = 18


class RolesField(forms.ModelMultipleChoiceField):
    """The groups that are roles, under the names people use."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self) -> None:
        super().__init__(
            Group.objects.filter(name__in=Role.values).order_by("name"),
            label=_("Roles"),
            help_text=_("Several roles add up."),
        )

    def label_from_instance(self, obj: Group) -> str:
        return str(Role(obj.name).label)

    def clean(self, value: Any) -> Any:
        """Keys are counted: one that no database can hold is that of no role."""
        for key in value or ():
            if len(str(key)) > LONGEST_KEY:
                code = "invalid_pk_value"
                raise ValidationError(self.error_messages[code], code=code, params={"pk": "…"})
        return super().clean(value)


class StaffForm(forms.ModelForm):
    """What adding and changing somebody have in common. `actor` is set by the admin."""

    actor: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"first_name", "last_name"} & self.fields.keys():
            self.fields[name].validators.append(validate_readable)
        roles = self.fields.get("roles")
        if isinstance(roles, RolesField):
            may = [role for role in Role if services.may_grant(self.actor, role)]
            roles.queryset = Group.objects.filter(name__in=may).order_by("name")
            if not self.instance._state.adding:
                roles.initial = self.instance.groups.filter(name__in=Role.values)

    def clean_username(self) -> str:
        name = User.normalize_username(self.cleaned_data["username"].strip())
        if name.lower() == services.SYSTEM_USERNAME:
            raise ValidationError(_("This name belongs to the system itself. Choose another one."))
        same = User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError(_("Somebody has this user name already. Choose another one."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        roles = cleaned.get("roles")
        stays = cleaned.get("is_active", True) and (
            roles is None or Role.ADMINISTRATOR in {group.name for group in roles}
        )
        known = None if self.instance._state.adding else User.objects.get(pk=self.instance.pk)
        if known and not stays and services.is_last_administrator(known):
            raise ValidationError(
                _("This is the last administrator. Give somebody else that role first.")
            )
        return cleaned

    def give_roles(self) -> None:
        """Once the person is saved: exactly the roles ticked, and untouched what was not shown."""
        if "roles" not in self.cleaned_data:
            return
        ticked = {Role(group.name) for group in self.cleaned_data["roles"]}
        kept = {r for r in roles_of(self.instance) if not services.may_grant(self.actor, r)}
        services.set_roles(actor=self.actor, user=self.instance, roles=ticked | kept)


class TeamForm(forms.ModelForm):
    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        validate_readable(name)
        return name


class StaffCreationForm(StaffForm, UserCreationForm):
    roles = RolesField()

    class Meta:
        model = User
        fields = ("username",)


class StaffChangeForm(StaffForm, UserChangeForm):
    roles = RolesField()

    class Meta:
        model = User
        fields = ("username",)


class OneTimePasswordForm(AdminPasswordChangeForm):
    """A password set by somebody else is a one-time password."""

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        user.must_change_password = True
        if commit:
            user.save(update_fields=["password", "must_change_password"])
        return user
