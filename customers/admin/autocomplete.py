"""Suggestions while one types: what is typed comes in the body of a POST and stays there.

Every box with suggestions is a plain text box without them: whoever writes a name or a number and
sends the form gets the same.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from audit.admin import AuditedAdmin
from customers.admin.links import page_of
from customers.models import Customer
from customers.models.choices import Kind
from customers.pace import looking, too_fast
from customers.search import find_by_name
from customers.suggest import Suggestion, suggest_cities, suggest_customers, suggest_tags
from quality.validators import fold_name
from staff.requests import member

WORDS: dict[str, Callable[[str], list[str]]] = {"tag": suggest_tags, "city": suggest_cities}
SUGGEST_URL = reverse_lazy("admin:customers_customer_suggest")


class SuggestDoors(AuditedAdmin):
    """The address that answers what is typed: `what` is customer (default), tag or city."""

    def get_urls(self) -> list[Any]:
        suggest = self.admin_site.admin_view(self.suggest_view)
        return [path("suggest/", suggest, name="customers_customer_suggest"), *super().get_urls()]

    @method_decorator([sensitive_post_parameters("term"), never_cache, require_POST])
    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        user = member(request)
        if not looking.allows(user.pk):
            return JsonResponse({"problem": too_fast()}, status=429)
        term = request.POST.get("term", "")
        what = request.POST.get("what", "customer")
        if what in WORDS:
            return _answer([{"value": word} for word in WORDS[what](term)])
        kind = request.POST.get("kind", "")
        found = suggest_customers(term, user, kind=kind if kind in Kind.values else "")
        nobody = gettext(
            "Nobody is called so. E-mails, phones and ID numbers are found once they are whole."
        )
        return _answer([_told(one) for one in found], nobody if term.strip() else "")


def _answer(found: list[dict[str, str]], nothing: str = "") -> JsonResponse:
    """What was found, and the words a screen reader says of it."""
    said = ngettext(
        "One suggestion. Choose it with the arrow keys.",
        "%(n)d suggestions. Choose with the arrow keys.",
        len(found),
    ) % {"n": len(found)}
    return JsonResponse({"found": found, "said": said if found else nothing})


def _told(one: Suggestion) -> dict[str, str]:
    return {
        "value": f"{one.number} {one.name}".strip(),
        "name": one.name or "—",
        "number": one.number,
        "detail": one.detail,
        "url": page_of(one.key),
    }


class Suggest(UnfoldAdminTextInputWidget):
    """A text box that suggests: customers (perhaps of one kind), tags or cities."""

    class Media:
        css = {"all": ["customers/suggest.css"]}
        js = ["customers/suggest.js"]

    def __init__(
        self,
        what: str = "customer",
        *,
        kind: str = "",
        several: bool = False,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        told = {
            "data-suggest": what,
            "data-suggest-url": SUGGEST_URL,
            "data-suggest-failed": _("No suggestions just now. Write the whole of it."),
            "autocomplete": "off",
        }
        if kind:
            told["data-suggest-kind"] = kind
        if several:
            told["data-suggest-several"] = "yes"
        super().__init__(attrs={**told, "spellcheck": "false", **(attrs or {})})


class CustomerSuggest(forms.CharField):
    """A customer, written by name or number or chosen while one types; cleans to the `Customer`.

    What is written travels in the form alone. `kind` takes only persons or only organisations.
    """

    def __init__(self, *, kind: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Customer"))
        kwargs.setdefault("help_text", _("Their name or number."))
        kwargs.setdefault("max_length", 250)
        self.kind = kind
        super().__init__(widget=Suggest(kind=kind), **kwargs)

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, UUID):
            value = Customer.with_bin.filter(pk=value).first()
        return "" if value is None else str(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != (data or "").strip()

    def clean(self, value: Any) -> Customer | None:
        written = super().clean(value).strip()
        return customer_meant(written, kind=self.kind) if written else None


def customer_meant(written: str, *, kind: str = "") -> Customer:
    """The one customer of this name, or of the number that comes first."""
    customers = Customer.with_bin.filter(kind=kind) if kind else Customer.with_bin.all()
    by_number = customers.filter(number=written.split()[0].upper()).first()
    if by_number is not None:
        return by_number
    near = find_by_name(written)
    near = near.filter(kind=kind) if kind else near
    called = [one for one in near if fold_name(one.display_name) == fold_name(written)]
    if len(called) == 1:
        return called[0]
    organisation = kind == Kind.ORGANISATION
    if called:
        which = ", ".join(f"{one.number} ({one.city or '—'})" for one in called[:5])
        text = (
            _("Several organisations are called so: %(which)s. Write the number of the right one.")
            if organisation
            else _("Several customers are called so: %(which)s. Write the number of the right one.")
        )
        raise forms.ValidationError(text, params={"which": which})
    raise forms.ValidationError(
        _("We know no organisation of this name. Add it as a customer first, or leave this empty.")
        if organisation
        else _("We know no customer of this name. Write the number, or the whole name.")
    )
