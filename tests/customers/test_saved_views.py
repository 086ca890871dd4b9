"""Saved views: a filtered, sorted list under a name, one's own or for everybody."""

import pytest
from django.urls import reverse

from customers.models import ListLayout, SavedView
from staff.roles import Role
from tests.customers.people import person, somebody_acts, staff

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_customer_changelist")
KEEP = reverse("admin:customers_customer_view_keep")
FIRST = reverse("admin:customers_customer_view_first")
ALL = f"{LIST}?view=all"


@pytest.fixture
def li(client):
    member = staff("li", Role.SALES)
    client.force_login(member)
    return member


@pytest.fixture
def wang():
    return staff("wang", Role.SALES)


def view_of(owner, name="Mine", query="owner=me&stage__exact=lead", **values):
    view = SavedView(owner=owner, name=name, query=query, **values)
    with somebody_acts():
        view.save()
    return view


def change(view):
    return reverse("admin:customers_customer_view_change", args=[view.pk])


def delete(view):
    return reverse("admin:customers_customer_view_delete", args=[view.pk])


def names(response):
    return [one.display_name for one in response.context_data["cl"].result_list]


def test_the_list_as_it_is_is_kept_under_a_name_and_opened_again(client, li, wang):
    for name, city in (("Aa", "Bern"), ("Bb", "Aachen")):
        person(given_name=name, family_name="", city=city, owner=li)
    person(given_name="Cc", family_name="", owner=wang)
    columns = ["name", "city", "tag_list"]
    here = f"owner={li.pk}&o=2&p=3&q=secret&term=secret&stage__exact="
    answer = client.post(KEEP, {"name": "  My  towns ", "here": here, "column": columns})
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.shared) == ("My towns", li, False)
    assert view.query == "owner=me&sort=city"
    assert view.columns == columns
    shown = client.get(answer["Location"])
    assert names(shown) == ["Bb", "Aa"]
    assert "My towns" in shown.text
    assert 'aria-current="page"' in shown.text


def test_an_order_follows_its_column_wherever_that_stands(client, li):
    view = view_of(li, query="sort=-city", columns=["name", "number", "phone", "city"])
    tab = next(tab for tab in client.get(ALL).context_data["view_tabs"] if tab["view"] == view)
    assert "o=-4" in tab["url"]
    view.columns = ["name", "city"]
    with somebody_acts():
        view.save()
    tab = client.get(ALL).context_data["view_tabs"][0]
    assert "o=-2" in tab["url"]
    view.columns = ["name", "phone"]
    with somebody_acts():
        view.save()
    assert "o=" not in client.get(ALL).context_data["view_tabs"][0]["url"]


def test_a_shared_view_shows_everybody_their_own(client, li, wang):
    person(given_name="Of Li", family_name="", owner=li)
    person(given_name="Of Wang", family_name="", owner=wang)
    view_of(wang, "Ours", "owner=me", shared=True)
    tab = client.get(ALL).context_data["view_tabs"][0]
    assert tab["others"]
    assert names(client.get(tab["url"])) == ["Of Li"]


def test_a_view_of_ones_own_is_nobody_elses(client, li, wang):
    view = view_of(wang)
    page = client.get(f"{LIST}?view={view.pk}")
    assert page.context_data["view_tabs"] == []
    assert "This view is gone" in page.text
    assert client.post(FIRST, {"view": str(view.pk)}).status_code == 404


def test_only_its_owner_changes_or_deletes_a_shared_view(client, li, wang):
    view = view_of(wang, shared=True)
    assert client.post(change(view), {"name": "Hijacked"}).status_code == 403
    assert client.post(delete(view)).status_code == 403
    assert client.post(KEEP, {"view": str(view.pk), "here": ""}).status_code == 403
    view.refresh_from_db()
    assert view.name == "Mine"


def test_a_view_is_renamed_shared_and_deleted(client, li):
    view = view_of(li)
    client.post(change(view), {"name": "Leads", "shared": "yes"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Leads", True)
    assert client.post(delete(view))["Location"] == ALL
    assert not SavedView.objects.exists()
    assert SavedView.history.filter(history_type="-").count() == 1


def test_what_the_list_shows_now_goes_into_ones_own_view(client, li):
    view = view_of(li)
    told = {"view": str(view.pk), "here": "country=DE&o=-5", "column": ["name", "number"]}
    client.post(KEEP, told)
    view.refresh_from_db()
    assert (view.name, view.query, view.columns) == ("Mine", "country=DE", ["name", "number"])


@pytest.mark.parametrize(
    "name", ["", "   ", "mine", "x" * 61, "\u202eknab", "a\x00b", "4111 1111 1111 1111"]
)
def test_a_name_that_is_taken_or_impossible_is_refused_in_words(client, li, name):
    view_of(li, "Mine")
    answer = client.post(KEEP, {"name": name, "here": "stage__exact=lead"}, follow=True)
    assert SavedView.objects.count() == 1
    assert [str(message) for message in answer.context["messages"]]
    assert answer.request["QUERY_STRING"] == "stage__exact=lead"


def test_a_filter_longer_than_any_is_refused_in_words(client, li):
    told = {"name": "Mine", "here": f"stage__exact=lead&tag={'x' * 2000}"}
    answer = client.post(KEEP, told, follow=True)
    assert not SavedView.objects.exists()
    assert "at most 1000 characters" in answer.text


def test_a_shared_view_cannot_be_forged_into_an_address_that_is_none(client, li):
    client.post(KEEP, {"name": "Mine", "here": "tag=a%00b", "shared": "yes"})
    assert SavedView.objects.get().query == "tag=ab"


def test_two_people_may_use_the_same_name(client, li, wang):
    view_of(wang, "Mine")
    client.post(KEEP, {"name": "Mine", "here": ""})
    assert SavedView.objects.count() == 2


def test_the_list_begins_with_the_view_one_chose(client, li):
    view = view_of(li)
    client.post(FIRST, {"view": str(view.pk)})
    first = client.get(LIST)
    assert first.status_code == 302
    assert f"view={view.pk}" in first["Location"]
    assert client.get(ALL).status_code == 200
    assert client.get(LIST, {"stage__exact": "lead"}).status_code == 200
    client.post(FIRST, {})
    assert client.get(LIST).status_code == 200


def test_a_first_view_that_is_gone_is_no_dead_end(client, li, wang):
    view = view_of(wang, shared=True)
    client.post(FIRST, {"view": str(view.pk)})
    assert client.get(LIST).status_code == 302
    with somebody_acts():
        view.delete()
    assert client.get(LIST).status_code == 200
    assert ListLayout.objects.get().user == li


@pytest.mark.parametrize(
    "query", ["tag=gone", "owner=01936e00-0000-7000-8000-00000000dead", "source=x"]
)
def test_a_view_whose_filter_value_vanished_says_so(client, li, query):
    person()
    view = view_of(li, query=query)
    page = client.get(client.get(ALL).context_data["view_tabs"][0]["url"])
    assert page.status_code == 200
    assert "is gone, so nobody fits" in page.text
    assert names(page) == []
    assert view.name in page.text


def test_a_view_of_a_filter_we_no_longer_have_still_opens(client, li):
    view_of(li, query="colour=red&stage__exact=lead&sort=-colour")
    tab = client.get(ALL).context_data["view_tabs"][0]
    assert "colour" not in tab["url"]
    assert client.get(tab["url"]).status_code == 200


@pytest.mark.parametrize("junk", ["all", "x", "", "%1F", "01936e00-0000-7000-8000-00000000dead"])
def test_a_link_to_no_view_shows_the_list(client, li, junk):
    person()
    assert client.get(f"{LIST}?view={junk}").status_code == 200


def test_views_change_by_post_alone(client, li):
    view = view_of(li)
    for url in (KEEP, FIRST, change(view), delete(view)):
        assert client.get(url).status_code == 405


def test_a_stranger_keeps_no_view(client):
    for url in (KEEP, FIRST):
        assert client.post(url, {"name": "x"}).status_code == 302
    assert not SavedView.objects.exists()


def test_markup_in_the_name_of_a_view_stays_text(client, li):
    view_of(li, "<script>alert(1)</script>", shared=True)
    text = client.get(client.get(ALL).context_data["view_tabs"][0]["url"]).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_twenty_views_cost_as_many_queries_as_one(client, li, wang, django_assert_max_num_queries):
    view_of(li)
    client.get(ALL)
    with django_assert_max_num_queries(15) as one:
        client.get(ALL)
    for number in range(20):
        view_of(wang, f"View {number}", shared=True)
    with django_assert_max_num_queries(15) as twenty:
        client.get(ALL)
    assert len(one.captured_queries) == len(twenty.captured_queries)
