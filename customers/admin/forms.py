"""Forms of the customer pages: they tidy what is typed the way an import tidies a cell."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextareaWidget,
)

from audit.disclosure import Level, level
from customers.admin.autocomplete import CustomerSuggest, Suggest
from customers.admin.links import links_to
from customers.admin.lists import tell_who_binned, who_binned
from customers.admin.widgets import Choices, LongSelect, PhoneInput, countries, languages
from customers.contacts import possible_duplicates
from customers.models import Customer
from customers.models.numbers import nobody_else_adds
from customers.models.tags import tidy_tags
from customers.pace import looking, too_fast
from quality.cleaning.emails import clean_email
from quality.cleaning.id_numbers import clean_national_id
from quality.cleaning.phones import clean_phone
from quality.cleaning.text import tidy
from quality.validators import FREE_TEXT
from staff.models import User

LONGEST_NOTES = 50_000
ONE_LINE = (
    "given_name",
    "family_name",
    "organisation_name",
    "street",
    "city",
    "region",
    "postal_code",
    "job_title",
    "tags",
)


class WarnsOnce(forms.BaseModelForm):
    """Mixed into a form with a hidden field `duplicates_seen`."""

    def others_with(self, *reached: tuple[str, str | None, str], but: Any) -> list[Customer]:
        """Who else is reached by what was typed. This answers what a search answers, so it is
        asked no faster: else a script would ask here."""
        asks = any(value for _kind, value, _messenger in reached)
        user = getattr(self, "user", None)
        if asks and user is not None and not looking.allows(user.pk):
            self.add_error(None, too_fast())
            return []
        return possible_duplicates(*reached, but=but)

    def warn_of(self, found: Sequence[Customer], warning: Any) -> None:
        """That these may be the same. Once: whoever saves again has seen it and knows better."""
        numbers = " ".join(customer.number for customer in found)
        seen = self.cleaned_data.get("duplicates_seen", "")
        if not found or set(numbers.split()) <= set(seen.split()):
            return
        data: Any = copy(self.data)
        data["duplicates_seen"] = numbers
        self.data = data
        self.add_error(None, format_html(str(warning), customers=links_to(found)))


class CustomerForm(WarnsOnce, forms.ModelForm):
    """What somebody knows of a customer."""

    employer = CustomerSuggest(
        kind=Customer.Kind.ORGANISATION,
        label=_("Employer"),
        required=False,
        help_text=_("The name or the number of an organisation we know."),
    )
    country = forms.ChoiceField(label=_("Country"), required=False, widget=LongSelect())
    language = forms.ChoiceField(label=_("Language"), required=False, widget=LongSelect())
    duplicates_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Customer
        fields = "__all__"  # noqa: DJ007 - CustomerAdmin.fieldsets says which
        widgets = {
            "email": UnfoldAdminEmailInputWidget,
            "phone": PhoneInput,
            "city": Suggest("city"),
            "tags": Suggest("tag", several=True),
        }

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if isinstance(data, QueryDict):
            data = tidied(data, country=getattr(instance, "country", ""))
        super().__init__(data, *args, **kwargs)
        if instance is not None and "employer" in self.initial:
            self.initial["employer"] = instance.employer
        owner = self.fields.get("owner")
        if isinstance(owner, forms.ModelChoiceField):
            self._offer_owners(owner, getattr(instance, "owner_id", None))
        for name, known in (("country", countries()), ("language", languages())):
            field = self.fields.get(name)
            if isinstance(field, forms.ChoiceField):
                field.choices = with_present(known, getattr(instance, name, ""))

    def _offer_owners(self, owner: forms.ModelChoiceField, present: Any) -> None:
        """Who works here, and whoever it is now. Neither is changed from this page."""
        owner.queryset = User.objects.filter(Q(is_active=True) | Q(pk=present)).order_by("username")
        owner.widget.can_change_related = owner.widget.can_view_related = False
        owner.widget.can_add_related = False
        if not self._may_hand_over():
            owner.disabled = True
            owner.help_text = _(
                "Ask them, their team or a data steward to hand this customer over."
            )

    def _may_hand_over(self) -> bool:
        """Whoever reads a customer in clear: else taking them over would be the way to."""
        user = getattr(self, "user", None)
        if user is None or self.instance._state.adding:
            return True
        return level(user, Customer, "email", self.instance) is Level.CLEAR

    def clean_notes(self) -> str | None:
        """What an import brought may be longer; it does not stop other changes."""
        notes: str | None = self.cleaned_data["notes"]
        if notes and len(notes) > LONGEST_NOTES and "notes" in self.changed_data:
            raise forms.ValidationError(
                _("Write at most %(most)d characters; this is a note, no document."),
                params={"most": LONGEST_NOTES},
            )
        return notes

    def clean_tags(self) -> str:
        return tidy_tags(self.cleaned_data["tags"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.in_bin:
            self.add_error(None, moved_meanwhile(self.instance))
        if not self.errors:
            self._warn_of_duplicates(cleaned)
        return cleaned

    def _warn_of_duplicates(self, cleaned: dict[str, Any]) -> None:
        email, phone = (self._typed(cleaned, name) for name in ("email", "phone"))
        if self.instance._state.adding and (email or phone):
            nobody_else_adds()  # neither an import nor a colleague, until this one is saved
        found = self.others_with(("email", email, ""), ("phone", phone, ""), but=self.instance.pk)
        warning = _(
            "We know somebody with this e-mail or phone already: {customers}. "
            "If this is another customer all the same, save again."
        )
        self.warn_of(found, warning)

    def _typed(self, cleaned: dict[str, Any], name: str) -> str | None:
        """A value that was typed now; the one that stood there before warns of nobody."""
        value = cleaned.get(name)
        return value if value and name in self.changed_data else None


class BinForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=200,
        validators=FREE_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        error_messages={"required": _("Write why: whoever looks for this customer will ask.")},
    )


def moved_meanwhile(customer: Customer) -> str:
    """For whoever saves a form that was open when somebody else threw its customer away."""
    tell_who_binned([customer])
    who, why = who_binned(customer)
    return _(
        "%(who)s moved this customer to the bin: “%(why)s”. Nothing was saved. What you "
        "typed is still here: once the customer was brought back, save again."
    ) % {"who": who, "why": why}


def tidied(typed: QueryDict, *, country: str = "") -> QueryDict:
    """A copy of what was typed, in normal form wherever there is exactly one.

    What has none stays as typed, for the validator to say what is wrong with it.
    """
    data: Any = typed.copy()
    for name in ONE_LINE:
        if name in data:
            data[name], _rule = tidy(data[name])
    if "notes" in data:
        data["notes"], _rule = tidy(data["notes"].replace("\r\n", "\n"), lines=True, prose=True)
    if data.get("email"):
        data["email"] = clean_email(data["email"]).value or data["email"]
    country = data.get("country") or country
    if data.get("phone"):
        data["phone"] = clean_phone(data["phone"], country or None).value or data["phone"]
    if number := data.get("national_id"):
        kind = data.get("national_id_type") or None
        data["national_id"] = clean_national_id(number, kind=kind).value or number
    return data


def with_present(known: Choices, present: str) -> Choices:
    """The choices, and what stands there already even if it is none of them."""
    return known if present in dict(known) else (*known, (present, present))
