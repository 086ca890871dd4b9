"""Saved views and chosen columns: what each member of staff wants the list of customers to be."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.admin import AuditedAdmin
from customers.admin.bin import list_url
from customers.admin.columns import COLUMNS, FIRST, known_columns, layout_of, shown_names
from customers.admin.lists import VIEW
from customers.list_filters import FILTERS, ME
from customers.models import ListLayout, SavedView
from staff.requests import member

ALL = "all"
ORDER = "sort"
ACTION_CHECKBOX = "action_checkbox"
# The sortable columns, by the names their order is kept under: an index may not mean the same
# column tomorrow.
SORTABLE = ("number", "city", "updated")
AT_MOST = 50
LAYOUT, VIEWS = "_list_layout", "_list_views"


class ViewDoors(AuditedAdmin):
    """Part of the list of customers."""

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            guarded = self.admin_site.admin_view(require_POST(view))
            return path(route, guarded, name=f"customers_customer_{name}")

        return [
            door("views/keep/", self.keep_view, "view_keep"),
            door("views/<uuid:view_id>/change/", self.change_saved_view, "view_change"),
            door("views/<uuid:view_id>/delete/", self.delete_saved_view, "view_delete"),
            door("views/first/", self.first_view, "view_first"),
            door("columns/", self.columns_view, "columns"),
            *super().get_urls(),
        ]

    # What the list asks ----------------------------------------------------------------------

    def list_layout(self, request: HttpRequest) -> ListLayout | None:
        """Read once for each request, however often the list asks."""
        if not hasattr(request, LAYOUT):
            setattr(request, LAYOUT, layout_of(request.user))
        return getattr(request, LAYOUT)

    def list_views(self, request: HttpRequest) -> list[SavedView]:
        """One's own, then those of others that are for everybody."""
        if not hasattr(request, VIEWS):
            found = list(visible_views(request.user).select_related("owner")[:AT_MOST])
            found.sort(key=lambda view: view.owner_id != request.user.pk)
            setattr(request, VIEWS, found)
        return getattr(request, VIEWS)

    def present_view(self, request: HttpRequest) -> SavedView | None:
        wanted = request.GET.get(VIEW)
        if not wanted:
            return None
        return next((view for view in self.list_views(request) if str(view.pk) == wanted), None)

    def list_columns(self, request: HttpRequest) -> list[str]:
        """Those of the view that is shown, else one's own, else the usual ones."""
        view = self.present_view(request)
        if view is not None and view.columns:
            return known_columns(view.columns)
        layout = self.list_layout(request)
        return known_columns(layout.columns if layout else ())

    def first_link(self, request: HttpRequest) -> str:
        """Where a list without any parameter leads; empty when to the list itself."""
        layout = self.list_layout(request)
        if layout is None or layout.default_view is None:
            return ""
        view = next(
            (one for one in self.list_views(request) if one.pk == layout.default_view), None
        )
        return self.view_link(request, view) if view else ""

    def view_link(self, request: HttpRequest, view: SavedView) -> str:
        layout = self.list_layout(request)
        columns = known_columns(view.columns or (layout.columns if layout else ()))
        return link_of(view, self._places(request, columns))

    def _places(self, request: HttpRequest, columns: list[str]) -> list[str]:
        """The columns by their place, as the order of the list counts them."""
        ticks = [ACTION_CHECKBOX] if self.get_actions(request) else []
        return ticks + shown_names(columns, request.user)

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the template needs for the tabs, the sheet of columns and the form of a view."""
        present = self.present_view(request)
        layout = self.list_layout(request)
        chosen = self.list_columns(request)
        mine = present is not None and present.owner_id == request.user.pk
        tabs = [
            {
                "view": view,
                "url": self.view_link(request, view),
                "present": present is not None and view.pk == present.pk,
                "others": view.owner_id != request.user.pk,
            }
            for view in self.list_views(request)
        ]
        return {
            "view_tabs": tabs,
            "all_url": f"{list_url()}?{VIEW}={ALL}",
            "present_view": present,
            "present_is_mine": mine,
            "present_is_first": bool(present and layout and layout.default_view == present.pk),
            "view_is_gone": bool(request.GET.get(VIEW))
            and not present
            and request.GET[VIEW] != ALL,
            "is_narrowed": any(request.GET.get(name) for name in FILTERS),
            "column_choices": [(COLUMNS[name], True) for name in chosen]
            + [(one, False) for name, one in COLUMNS.items() if name not in chosen],
            "first_column": FIRST,
            "columns_now": chosen,
            "here": request.GET.urlencode(),
            "may_keep_views": request.user.has_perm("customers.add_savedview"),
        }

    # Doors -----------------------------------------------------------------------------------

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """The list as it is, under a new name; or, with `view`, into one's own view."""
        columns = self._posted_columns(request)
        before = self._places(request, request.POST.getlist("was") or columns)
        query = kept_query(request.POST.get("here", ""), request.user, before)
        if key := request.POST.get(VIEW):
            view = self._own_view(request, key, "change")
        else:
            if not request.user.has_perm("customers.add_savedview"):
                raise PermissionDenied
            view = SavedView(owner=member(request))
            view.shared = request.POST.get("shared") == "yes"
            view.name = " ".join(request.POST.get("name", "").split())
        view.query, view.columns = query, columns
        return self._save_view(request, view)

    def change_saved_view(self, request: HttpRequest, view_id: UUID) -> HttpResponse:
        """Another name; for everybody or not."""
        view = self._own_view(request, view_id, "change")
        view.name = " ".join(request.POST.get("name", "").split())
        view.shared = request.POST.get("shared") == "yes"
        return self._save_view(request, view)

    def delete_saved_view(self, request: HttpRequest, view_id: UUID) -> HttpResponse:
        view = self._own_view(request, view_id, "delete")
        view.delete()
        messages.success(request, _("The view “%(name)s” is gone.") % {"name": view.name})
        return HttpResponseRedirect(f"{list_url()}?{VIEW}={ALL}")

    def first_view(self, request: HttpRequest) -> HttpResponse:
        """The view the list opens with from now on; with none, all customers."""
        self._may_see_list(request)
        view = None
        if key := request.POST.get(VIEW):
            view = self._visible_view(request, key)
        ListLayout.objects.update_or_create(
            user=member(request), defaults={"default_view": view.pk if view else None}
        )
        if view is None:
            return HttpResponseRedirect(f"{list_url()}?{VIEW}={ALL}")
        return HttpResponseRedirect(self.view_link(request, view))

    def columns_view(self, request: HttpRequest) -> HttpResponse:
        """The columns one wants wherever no view says otherwise, or those of one's own view."""
        self._may_see_list(request)
        columns = self._posted_columns(request)
        if (key := request.POST.get(VIEW)) and request.POST.get("keep_in_view") == "yes":
            view = self._own_view(request, key, "change")
            view.columns = columns
            return self._save_view(request, view)
        usual = columns if request.POST.get("usual") != "yes" else []
        ListLayout.objects.update_or_create(user=member(request), defaults={"columns": usual})
        here = [
            (name, value)
            for name, value in parse_qsl(request.POST.get("here", ""))
            if name in FILTERS or name == "bin"
        ]
        # The order names a column by its place, which may be another one's now.
        return HttpResponseRedirect(f"{list_url()}?{urlencode(here or [(VIEW, ALL)])}")

    def _save_view(self, request: HttpRequest, view: SavedView) -> HttpResponse:
        try:
            view.full_clean(exclude=["columns"])
            view.save()
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return HttpResponseRedirect(self._list_again(request))
        except IntegrityError:
            messages.error(request, _("You have a view of this name already."))
            return HttpResponseRedirect(self._list_again(request))
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
        return HttpResponseRedirect(self.view_link(request, view))

    def _list_again(self, request: HttpRequest) -> str:
        kept = [
            (name, value)
            for name, value in parse_qsl(request.POST.get("here", ""))
            if name in FILTERS or name in (VIEW, "o")
        ]
        return f"{list_url()}?{urlencode(kept or [(VIEW, ALL)])}"

    def _posted_columns(self, request: HttpRequest) -> list[str]:
        return known_columns(request.POST.getlist("column"))

    def _may_see_list(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _visible_view(self, request: HttpRequest, key: Any) -> SavedView:
        try:
            found: Any = visible_views(request.user)
            return found.get(pk=key)
        except (SavedView.DoesNotExist, ValidationError):
            raise Http404(_("There is no such view.")) from None

    def _own_view(self, request: HttpRequest, key: Any, what: str) -> SavedView:
        view = self._visible_view(request, key)
        own = view.owner_id == request.user.pk
        if not own or not request.user.has_perm(f"customers.{what}_savedview"):
            raise PermissionDenied
        return view


def visible_views(user: Any) -> QuerySet[SavedView]:
    if not user.has_perm("customers.view_savedview"):
        return SavedView.objects.none()
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).order_by("name", "pk")


def kept_query(here: str, user: Any, places: list[str]) -> str:
    """The filters and the order of an address; nothing else of it, and never a search term.

    "me" stays "me": in a shared view each sees their own.
    """
    given = dict(parse_qsl(here))
    kept = [(name, given[name]) for name in FILTERS if given.get(name)]
    if order := _order_name(given.get("o", ""), places):
        kept.append((ORDER, order))
    me = str(user.pk)
    return urlencode([(name, ME if value == me else _printable(value)) for name, value in kept])


def _printable(value: str) -> str:
    """Of what somebody forged at least what an address may hold; it still means nothing."""
    return "".join(letter for letter in value if letter.isprintable())


def link_of(view: SavedView, places: list[str]) -> str:
    """The address of a view: its filters, its order as the place of the column it goes by."""
    parameters = []
    for name, value in parse_qsl(view.query):
        if name in FILTERS:
            parameters.append((name, value))
        elif name == ORDER and value.lstrip("-") in places:
            backwards = "-" if value.startswith("-") else ""
            parameters.append(("o", f"{backwards}{places.index(value.lstrip('-'))}"))
    return f"{list_url()}?{urlencode([*parameters, (VIEW, str(view.pk))])}"


def _order_name(place: str, places: list[str]) -> str:
    """The name of the column that stands first in an order such as "-5.2"."""
    first = place.split(".")[0]
    digits = first.lstrip("-")
    if not (digits.isdecimal() and len(digits) < 3 and int(digits) < len(places)):
        return ""
    name = places[int(digits)]
    return ("-" if first.startswith("-") else "") + name if name in SORTABLE else ""
