"""What was said: the log box's door, the timeline, and correcting an entry."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit.admin import AuditedAdmin
from customers.admin.desk_forms import InteractionForm, LogForm
from customers.admin.desk_page import log_context, timeline_context
from customers.admin.desk_parts import customer_seen, refuse, tell
from customers.admin.keeping import kept, token_is_stale, wants_fragment
from customers.admin.links import link_to, page_of
from customers.errors import NotPossible
from customers.interactions import (
    Logged,
    log_interaction,
    may_change_interaction,
)
from customers.models import Customer, Interaction
from staff.pages import ago, own_page
from staff.requests import member


class WhoseFilter(SimpleListFilter):
    """Mine first: what colleagues wrote down is read on the customer's page."""

    title = _("who of us")
    parameter_name = "whose"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("everybody"))]

    def choices(self, changelist: Any) -> Any:
        stock = list(super().choices(changelist))
        return [{**stock[0], "display": _("me")}, *stock[1:]]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset if self.value() == "all" else queryset.filter(staff=request.user)


@admin.register(Interaction)
class InteractionAdmin(AuditedAdmin):
    form = InteractionForm
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    list_disable_select_all = True
    actions = None

    change_form_template = "customers/desk/interaction.html"

    list_display = ("when", "what", "customer_link", "staff")
    list_filter = (WhoseFilter, "kind")
    list_select_related = ("customer", "staff")
    sortable_by = ()
    ordering = ("-id",)  # as they were written down: the key is the index
    readonly_fields = ("customer_link", "author")
    history_fields = ("staff",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "customer_link",
                    "author",
                    ("kind", "direction"),
                    "happened_at",
                    "minutes",
                    "text",
                )
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("log/<uuid:customer_id>/", self.log_door(), name="customers_interaction_log"),
            path(
                "of/<uuid:customer_id>/",
                view(require_safe(self.timeline_view)),
                name="customers_interaction_timeline",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(customer__binned_at__isnull=True)

    # The log box -----------------------------------------------------------------------------

    def log_door(self) -> Any:
        """`admin_view`, except that what was typed comes back when the session has ended.

        The token is checked here, before anything is done, and by `admin_view` behind it.
        """
        inner = self.admin_site.admin_view(self.log_view)

        @csrf_exempt
        @sensitive_post_parameters("text", "what")
        def door(request: HttpRequest, customer_id: UUID) -> HttpResponse:
            if request.method == "POST":
                if not self.admin_site.has_permission(request):
                    return kept(request, list(LogForm.base_fields))
                if token_is_stale(request):
                    return never_cache(self.log_view)(request, customer_id, stale=True)
            return inner(request, customer_id)

        return door

    def log_view(
        self, request: HttpRequest, customer_id: UUID, stale: bool = False
    ) -> HttpResponse:
        customer = self.customer(request, customer_id)
        user = member(request)
        if not user.has_perm("customers.add_interaction"):
            raise PermissionDenied
        if request.method != "POST":
            return self.log_page(request, customer, LogForm(user=user))
        form = LogForm(request.POST, user=user)
        if stale:
            form.add_error(
                None, _("You signed in again meanwhile. Nothing is lost: press Save once more.")
            )
        elif form.is_valid() and (logged := self.logged(request, customer, form)):
            tell(request, logged)
            return self.onward(request, customer)
        return self.log_page(request, customer, form)

    def logged(self, request: HttpRequest, customer: Customer, form: LogForm) -> Logged | None:
        """What the service made of it; None when it refused, with its reasons in the form."""
        values = form.cleaned_data
        if form.plan and not request.user.has_perm("customers.add_followup"):
            raise PermissionDenied
        try:
            return log_interaction(
                actor=member(request),
                customer=customer,
                kind=values["kind"],
                text=values["text"],
                direction=values["direction"],
                minutes=values["minutes"],
                happened_at=values["happened_at"],
                follow_up=form.plan,
                submission=values["submission"],
            )
        except NotPossible as problem:
            form.add_error(None, str(problem))
        except ValidationError as problem:
            refuse(form, problem)
        return None

    def log_page(self, request: HttpRequest, customer: Customer, form: LogForm) -> HttpResponse:
        """The box alone, for a script; else a page of its own. What was typed stays in it."""
        context = log_context(request, customer, form)
        if context["log_form"] is None:  # meanwhile in the bin: say it where the text stands
            context |= {"log_form": form, "log_url": request.path, "log_customer": customer}
        if wants_fragment(request):
            return TemplateResponse(request, "customers/desk/log_box.html", context)
        title = _g("Log: %(customer)s") % {"customer": customer}
        return self.page(request, "customers/desk/log.html", title, context)

    def onward(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        url = page_of(customer.pk)
        if wants_fragment(request):
            return HttpResponse(status=204, headers={"X-Go-To": url})
        return HttpResponseRedirect(url)

    # The timeline ----------------------------------------------------------------------------

    def timeline_view(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        customer = self.customer(request, customer_id)
        context = timeline_context(
            request,
            customer,
            before=request.GET.get("before", ""),
            kind=request.GET.get("kind", ""),
        )
        if wants_fragment(request):
            return TemplateResponse(request, "customers/desk/timeline.html", context)
        title = _g("Timeline: %(customer)s") % {"customer": customer}
        return self.page(request, "customers/desk/timeline_page.html", title, context)

    # Correcting ------------------------------------------------------------------------------

    def response_change(self, request: HttpRequest, obj: Interaction) -> HttpResponse:
        """Back to where it stands: the page of its customer."""
        if "_continue" in request.POST:
            return super().response_change(request, obj)
        messages.success(request, _g("Changed. What stood there before is in the history."))
        return HttpResponseRedirect(page_of(obj.customer_id))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # only with a customer, by the log box

    def has_change_permission(self, request: HttpRequest, obj: Interaction | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return not obj.customer.in_bin and may_change_interaction(member(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Columns ---------------------------------------------------------------------------------

    @display(description=_("when"))
    def when(self, interaction: Interaction) -> str:
        return ago(interaction.happened_at)

    @display(description=_("what"))
    def what(self, interaction: Interaction) -> str:
        return str(interaction.get_kind_display())

    @display(description=_("customer"))
    def customer_link(self, interaction: Interaction) -> str:
        return link_to(interaction.customer)

    @display(description=_("who of us"))
    def author(self, interaction: Interaction) -> str:
        return str(interaction.staff)

    # What the pages share --------------------------------------------------------------------

    def customer(self, request: HttpRequest, customer_id: UUID) -> Customer:
        """The customer, if this person may see it."""
        return customer_seen(request, self.admin_site, customer_id)

    def page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        return own_page(self, request, template, title, context)
