"""Every page that the desk works with, as somebody asks for it. Not a test itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from customers.admin.columns import DEFAULT
from customers.list_filters import FILTERS, Asked
from customers.models import Customer, Interaction
from customers.pace import looking

ORDERS = ("", "number", "-number", "city", "-city", "updated", "-updated")
TERMS = ("Anna", "anna mü", "a", "an be", "zhang", "张", "C-000017", "C-00", "nobody@example.org",
         "+49 160 1234567", "0160 1234567", "110105194912310021", "@ann", "gmbh", "müller berlin")  # fmt: skip
SHOWN = 10


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    sent: dict[str, str] = field(default_factory=dict)
    posted: bool = False
    # It says how many fit, which no index answers for every filter.
    counts: bool = False

    def open(self, browser):
        looking.clear()
        answer = (browser.post if self.posted else browser.get)(self.url, self.sent)
        assert answer.status_code == 200, (self.name, answer.status_code)
        return answer


def every_page(user) -> Iterator[Page]:
    """For whoever may see them; there are some demo customers and colleagues."""
    yield Page("home", reverse("admin:index"))
    yield from lists_of_customers(user)
    yield from found_and_suggested()
    yield from one_customer(user)
    yield from other_lists(user)


def lists_of_customers(user) -> Iterator[Page]:
    url = reverse("admin:customers_customer_changelist")
    columns = list(DEFAULT)
    orders = {
        name: {"o": f"{'-' * name.startswith('-')}{columns.index(name.strip('-')) + 1}"}
        for name in ORDERS
        if name
    } | {"": {}}
    for order, sent in orders.items():
        yield Page(f"list by {order or 'default'}", url, sent)
        yield Page(f"third page by {order or 'default'}", url, sent | {"p": "3"})
    asked = Asked(user, timezone.now())
    for name, one in FILTERS.items():
        values = [value for value, _label in one.offered(asked)]
        for value in [*values[:SHOWN], *values[SHOWN:][-1:]]:
            yield Page(f"list, {name}={value}", url, {name: value})
        for order, sent in orders.items():
            yield Page(f"list, {name}={values[0]}, by {order}", url, sent | {name: values[0]})
    several = {"stage__exact": "customer", "country": "DE", "owner": "me"}
    yield Page("list, three filters", url, several)
    yield Page("list, tag and last contact", url, {"tag": "vip", "last_contact": "over90"})
    if user.has_perm("customers.restore_customer"):
        yield Page("the bin", url, {"bin": "yes"})
    if user.has_perm("customers.add_bulkchange"):
        do = reverse("admin:customers_customer_bulk", args=["add_tag"])
        for filters in ("{}", '{"stage__exact": "lead"}', '{"last_contact": "over90"}'):
            kept = f'{{"filters": {filters}, "at": "{timezone.now().isoformat()}"}}'
            sent = {"selection": kept, "tag": ""}
            yield Page(f"bulk change of {filters}", do, sent, posted=True, counts=True)


def found_and_suggested() -> Iterator[Page]:
    search = reverse("admin:customers_customer_search")
    suggest = reverse("admin:customers_customer_suggest")
    for term in TERMS:
        yield Page(f"search {term}", search, {"term": term}, posted=True)
        for kind in ("", "person", "organisation"):
            sent = {"term": term, "kind": kind}
            yield Page(f"suggest {term} {kind}", suggest, sent, posted=True)
    for what in ("city", "tag"):
        for term in ("", "b", "new", "vi"):
            sent = {"what": what, "term": term}
            yield Page(f"suggest {what} {term}", suggest, sent, posted=True)


def one_customer(user) -> Iterator[Page]:
    talked = Interaction.objects.order_by("-pk").values_list("customer", flat=True).first()
    owned = Customer.objects.filter(owner=user).values_list("pk", flat=True).first()
    for key in filter(None, (talked, owned)):
        yield Page("customer", reverse("admin:customers_customer_change", args=[key]))
        yield Page("history", reverse("admin:customers_customer_history", args=[key]))
        yield Page("origins", reverse("admin:customers_customer_origins", args=[key]))
        timeline = reverse("admin:customers_interaction_timeline", args=[key])
        for kind in ("", "talk", "change", "follow_up", "import"):
            yield Page(f"timeline {kind}", timeline, {"kind": kind})


def other_lists(user) -> Iterator[Page]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if model is Customer or not user.has_perm(
            f"{model._meta.app_label}.view_{model._meta.model_name}"
        ):
            continue
        yield Page(f"list of {model._meta.model_name}", url)
        yield Page(f"second page of {model._meta.model_name}", url, {"p": "2"})
    due = reverse("admin:customers_followup_changelist")
    for value in ("overdue", "today", "this_week", "done"):
        yield Page(f"follow-ups {value}", due, {"due": value})
        yield Page(f"follow-ups of everybody {value}", due, {"due": value, "who": "all"})
    yield Page("my calendar", reverse("admin:customers_followup_calendar"))
