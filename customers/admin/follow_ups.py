"""What is to be done: the list, one follow-up, and ticking it off."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit.admin import AuditedAdmin
from audit.context import current
from audit.disclosure import shown
from customers import due
from customers.admin.calendar_link import CalendarDoors
from customers.admin.desk_forms import FollowUpForm, PlanForm
from customers.admin.desk_page import BACK, way_back
from customers.admin.desk_parts import (
    customer_seen,
    refuse,
    warn_of_past,
)
from customers.admin.links import link_to, page_of
from customers.errors import NotPossible
from customers.interactions import (
    complete_follow_up,
    may_change_follow_up,
    may_plan,
    plan_follow_up,
    postpone_follow_up,
    reopen_follow_up,
)
from customers.models import Customer, FollowUp
from staff.pages import ago, own_page
from staff.requests import member


class DefaultFilter(SimpleListFilter):
    """A filter whose first answer is not "all"."""

    default_label: Any = ""

    def choices(self, changelist: Any) -> Any:
        stock = list(super().choices(changelist))
        return [{**stock[0], "display": self.default_label}, *stock[1:]]


class WhoFilter(DefaultFilter):
    title = _("who")
    parameter_name = "who"
    default_label = _("me")

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("everybody")), ("left", _("colleagues who left"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        if self.value() == "left":
            return queryset.filter(assigned_to__is_active=False)
        return queryset.filter(assigned_to=request.user)


class DueFilter(DefaultFilter):
    title = _("when")
    parameter_name = "due"
    default_label = _("open")

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("overdue")),
            ("today", _("today")),
            ("this_week", _("later this week")),
            ("done", _("done")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        here = due.bounds()
        if self.value() == "done":
            return queryset.filter(done_at__isnull=False)
        narrowed = {
            "overdue": {"due_at__lt": here.now},
            "today": {"due_at__gte": here.now, "due_at__lte": here.end_of_today},
            "this_week": {"due_at__gt": here.end_of_today, "due_at__lte": here.end_of_week},
        }.get(self.value() or "", {})
        return queryset.filter(done_at__isnull=True, **narrowed)


@admin.register(FollowUp)
class FollowUpAdmin(CalendarDoors, AuditedAdmin):
    form = FollowUpForm
    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    list_disable_select_all = True
    change_list_template = "customers/desk/follow_up_list.html"
    change_form_template = "customers/desk/follow_up.html"
    # The form asks for none of these, and the history tells of them.
    history_fields = ("done_at", "done_by")

    list_display = ("due_label", "task", "customer_link", "assigned_to", "state")
    list_filter = (WhoFilter, DueFilter)
    list_select_related = ("customer__owner", "assigned_to")
    sortable_by = ()
    ordering = ("due_at", "id")
    readonly_fields = ("customer_link", "done_label")
    fieldsets = (
        (None, {"fields": ("customer_link", "what", "due_at", "assigned_to", "done_label")}),
    )
    actions = ("complete",)

    def get_urls(self) -> list[Any]:
        def post(route: str, view: Any, name: str) -> Any:
            door = self.admin_site.admin_view(require_POST(view))
            return path(f"<uuid:key>/{route}/", door, name=f"customers_followup_{name}")

        plan = self.admin_site.admin_view(self.plan_view)
        return [
            path("plan/<uuid:customer_id>/", plan, name="customers_followup_plan"),
            post("done", self.done_view, "done"),
            post("reopen", self.reopen_view, "reopen"),
            post("postpone", self.postpone_view, "postpone"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without those of customers in the bin, who take theirs along and bring them back."""
        return super().get_queryset(request).filter(customer__binned_at__isnull=True)

    # Doors -----------------------------------------------------------------------------------

    def done_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        follow_up = self.workable(request, key)
        if complete_follow_up(actor=member(request), follow_up=follow_up):
            messages.success(request, _g("Done."))
        else:
            messages.info(request, _g("This was done already."))
        return HttpResponseRedirect(way_back(request, page_of(follow_up.customer_id)))

    def reopen_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        follow_up = self.workable(request, key)
        if reopen_follow_up(actor=member(request), follow_up=follow_up):
            messages.success(request, _g("It is open again."))
        return HttpResponseRedirect(way_back(request, page_of(follow_up.customer_id)))

    def postpone_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        follow_up = self.workable(request, key)
        day = due.day_of(request.POST.get("when", ""))
        if day is None:
            messages.warning(request, _g("Say until when."))
        else:
            try:
                postpone_follow_up(
                    actor=member(request), follow_up=follow_up, due_at=due.whole_day(day)
                )
                messages.success(
                    request, _g("Due %(day)s now.") % {"day": due.in_words(due.whole_day(day))}
                )
            except NotPossible as problem:
                messages.warning(request, str(problem))
        return HttpResponseRedirect(way_back(request, page_of(follow_up.customer_id)))

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def complete(self, request: HttpRequest, queryset: Any) -> None:
        user = member(request)
        mine = [one for one in queryset if may_change_follow_up(user, one)]
        done = sum(complete_follow_up(actor=user, follow_up=one) for one in mine)
        told = ngettext("%(n)d follow-up done.", "%(n)d follow-ups done.", done)
        self.message_user(request, told % {"n": done}, messages.SUCCESS)

    def plan_view(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        customer = customer_seen(request, self.admin_site, customer_id)
        user = member(request)
        if not may_plan(user, customer):
            raise PermissionDenied
        form = PlanForm(request.POST or None, user=user)
        if request.method == "POST" and form.is_valid() and self.planned(request, customer, form):
            return HttpResponseRedirect(page_of(customer.pk))
        title = _g("Follow-up: %(customer)s") % {"customer": customer}
        context = {"form": form, "back_url": page_of(customer.pk)}
        return own_page(self, request, "customers/desk/plan.html", title, context)

    def planned(self, request: HttpRequest, customer: Customer, form: PlanForm) -> bool:
        if form.plan is None:
            return False
        try:
            one, again = plan_follow_up(
                actor=member(request),
                customer=customer,
                plan=form.plan,
                submission=form.cleaned_data["submission"],
            )
        except NotPossible as problem:
            form.add_error(None, str(problem))
            return False
        except ValidationError as problem:
            refuse(form, problem)
            return False
        told = (
            _g("Follow-up planned already: %(day)s, %(who)s.")
            if again
            else _g("Follow-up planned: %(day)s, %(who)s.")
        )
        words = {"day": due.in_words(one.due_at), "who": one.assigned_to}
        messages.success(request, told % words)
        warn_of_past(request, one)
        return True

    def workable(self, request: HttpRequest, key: UUID) -> FollowUp:
        """The follow-up, if this person may work on it."""
        found = FollowUp.objects.select_related("customer__owner").filter(pk=key).first()
        if found is None:
            raise Http404(_g("There is no such follow-up."))
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    # One follow-up ---------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: FollowUp, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "due_at" in form.changed_data:
            warn_of_past(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kw: Any
    ) -> HttpResponse:
        if obj is not None:
            context["follow_up_open"] = obj.done_at is None
            context["follow_up_workable"] = self.has_change_permission(request, obj)
            context["postpone_choices"] = [
                (choice.value, choice.label) for choice in due.When if choice != due.When.PICK
            ]
        return super().render_change_form(request, context, *args, obj=obj, **kw)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # only with a customer

    def has_change_permission(self, request: HttpRequest, obj: FollowUp | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return not obj.customer.in_bin and may_change_follow_up(member(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Columns ---------------------------------------------------------------------------------

    @display(description=_("due"))
    def due_label(self, one: FollowUp) -> str:
        classes = "desk-overdue" if one.overdue else ""
        return format_html(
            '<time class="{}" datetime="{}" title="{}">{}</time>',
            classes,
            one.due_at.isoformat(),
            due.exactly(one.due_at),
            due.in_words(one.due_at),
        )

    @display(description=_("what"))
    def task(self, one: FollowUp) -> str:
        """One's own in clear: it is what one has to do. Others as every list shows them."""
        viewer = current().actor
        mine = viewer is not None and one.assigned_to_id == viewer.pk
        return shown(viewer, one, "what", where="page" if mine else "list") or "—"

    @display(description=_("customer"))
    def customer_link(self, one: FollowUp) -> str:
        return link_to(one.customer)

    @display(description=_("state"))
    def state(self, one: FollowUp) -> str:
        if one.done_at is not None:
            return format_html("{} {}", _("done"), ago(one.done_at))
        return format_html(
            '<button type="submit" class="desk-tick" name="next" value="{}" formaction="{}" '
            'formmethod="post">{}</button>',
            BACK,
            reverse("admin:customers_followup_done", args=[one.pk]),
            _("Done"),
        )

    @display(description=_("done"))
    def done_label(self, one: FollowUp) -> str:
        if one.done_at is None:
            return _g("not yet")
        return format_html("{}, {}", ago(one.done_at), one.done_by or "")
