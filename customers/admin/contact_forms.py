"""The two small forms of a customer's page: a further contact point, a further address."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget as Select
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
from unfold.widgets import UnfoldBooleanWidget as Tick

from customers.admin.forms import ONE_LINE, WarnsOnce, with_present
from customers.admin.summary import spaced
from customers.admin.widgets import LongSelect, countries
from customers.contact_values import contact_value
from customers.models import Address, ContactPoint, Customer
from customers.models.choices import ContactKind, ContactUse, Messenger
from encryption.normal_forms import contact_v1
from quality.cleaning.text import tidy


class ValueInput(TextInput):
    """A telephone number as one reads it out; everything else as it is."""

    def format_value(self, value: Any) -> str | None:
        written = super().format_value(value)
        return spaced(written) if written else written


class RowForm(forms.ModelForm):
    """What the forms of both have in common: whose row it is, and that it is saved later."""

    def __init__(self, data: Any = None, *args: Any, customer: Customer, **kwargs: Any) -> None:
        self.customer = customer
        if isinstance(data, QueryDict):
            data = self.tidied(data.copy())
        # The form of the customer is on the same page, with fields of the same names.
        super().__init__(data, *args, **kwargs | {"auto_id": "row_%s"})
        self.instance.customer = customer
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def tidied(self, data: Any) -> Any:
        raise NotImplementedError


class ContactPointForm(WarnsOnce, RowForm):
    duplicates_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ContactPoint
        fields = ("kind", "messenger", "value", "use", "primary")
        widgets = {
            "kind": Select,
            "messenger": Select,
            "value": ValueInput(attrs={"spellcheck": "false"}),
            "use": Select,
            "primary": Tick,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = [("", "—")]
        for name, choices in (
            ("kind", ContactKind.choices),
            ("messenger", nothing + Messenger.choices),
            ("use", nothing + ContactUse.choices),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        if self.instance._state.adding:
            self.initial["kind"] = ContactKind.EMAIL

    def tidied(self, data: Any) -> Any:
        if data.get("value"):
            data["value"] = contact_value(
                data.get("kind", ""),
                data["value"],
                messenger=data.get("messenger", ""),
                country=self.customer.country,
            )
        if data.get("kind") != ContactKind.MESSENGER:
            data["messenger"] = ""
        return data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        value = cleaned.get("value")  # not there when it is hidden and stays as it is
        if value and not contact_v1(value):
            self.add_error("value", _("Write the address, the number or the name."))
        if value and not self.errors and {"value", "kind"} & set(self.changed_data):
            others = self.others_with(
                (cleaned["kind"], value, cleaned.get("messenger", "")), but=self.customer.pk
            )
            self.warn_of(
                others,
                _(
                    "We know somebody with this already: {customers}. "
                    "If it belongs to both all the same, save again."
                ),
            )
        return cleaned


class AddressForm(RowForm):
    country = forms.ChoiceField(label=_("Country"), required=False, widget=LongSelect())

    class Meta:
        model = Address
        fields = ("use", "street", "postal_code", "city", "region", "country")
        widgets = {
            "use": Select,
            "street": TextInput,
            "postal_code": TextInput,
            "city": TextInput,
            "region": TextInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["country"]
        if isinstance(field, forms.ChoiceField):
            present = self.instance.country or self.customer.country
            field.choices = with_present(countries(), present)
            if self.instance._state.adding:
                self.initial["country"] = self.customer.country

    def tidied(self, data: Any) -> Any:
        for name in ONE_LINE:
            if name in data:
                data[name], _rule = tidy(data[name])
        return data
