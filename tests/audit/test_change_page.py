"""What stands in a form, for whom, and what becomes of it when it is posted."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from staff.models import User
from tests.audit.testapp.models import Member, Visit

pytestmark = pytest.mark.django_db

CLEAR_VALUES = ("wei@example.com", "13800000001", "330106199001011234")


def somebody(username, role, *permissions):
    user = User.objects.create_user(username, is_staff=True, first_name=username.title())
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    user.user_permissions.add(
        *Permission.objects.filter(content_type__app_label="testaudit", codename__in=permissions)
    )
    return user


EVERYTHING = (
    "view_member",
    "change_member",
    "add_member",
    "view_club",
    "view_visit",
    "change_visit",
)


@pytest.fixture
def sales(db):
    return somebody("rep", "sales", *EVERYTHING)


@pytest.fixture
def marketing(db):
    return somebody("mark", "marketing", *EVERYTHING)


@pytest.fixture
def viewer(db):
    return somebody("viewer", "read_only", "view_member")


@pytest.fixture
def zhang(db):
    return Member.objects.create(
        name="Zhang Wei",
        city="Berlin",
        email="wei@example.com",
        phone="13800000001",
        national_id="330106199001011234",
        birth_date="1990-01-01",
    )


def page_of(obj, page="change"):
    return reverse(f"admin:testaudit_{obj._meta.model_name}_{page}", args=[obj.pk])


def inputs(html):
    """What a browser would post if nobody touched the form."""
    form = html[html.index('id="member_form"') :]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attrs = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attrs.get("name") and attrs.get("type") not in ("checkbox", "submit"):
            data[attrs["name"]] = attrs.get("value", "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        data[name] = chosen.group(1) if chosen else ""
    return {name: value for name, value in data.items() if not name.startswith("_save")}


def opened(client, user, obj):
    client.force_login(user)
    return client.get(page_of(obj)).content.decode()


def post(client, obj, data, **changes):
    return client.post(page_of(obj), data | changes)


def stored(column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM testaudit_member")
        return cursor.fetchone()[0]


def test_sales_see_contact_data_in_their_scope_in_clear_and_the_id_masked(client, sales, zhang):
    html = opened(client, sales, zhang)
    assert 'value="wei@example.com"' in html
    assert 'value="13800000001"' in html
    assert "330106199001011234" not in html
    assert "••••1234" in html


def test_out_of_scope_contact_data_is_masked(client, sales, zhang):
    zhang.owner = somebody("other", "sales")
    zhang.save()
    html = opened(client, sales, zhang)
    assert "wei@example.com" not in html
    assert "w***@example.com" in html


def test_whoever_may_not_see_a_value_finds_only_its_mask_in_the_page(client, marketing, zhang):
    html = opened(client, marketing, zhang)
    assert not any(value in html for value in CLEAR_VALUES)
    assert 'placeholder="w***@example.com"' in html
    assert 'placeholder="138****0001"' in html


def test_a_masked_field_left_blank_stays_what_it_was(client, marketing, zhang):
    before = stored("email")
    response = post(client, zhang, inputs(opened(client, marketing, zhang)), city="Bern")
    assert response.status_code == 302
    now = Member.objects.get()
    assert (now.city, now.email, now.national_id) == (
        "Bern",
        "wei@example.com",
        "330106199001011234",
    )
    assert stored("email") == before


def test_a_masked_field_can_be_overwritten(client, marketing, zhang):
    data = inputs(opened(client, marketing, zhang))
    assert post(client, zhang, data, email="new@example.com").status_code == 302
    assert Member.objects.get().email == "new@example.com"
    assert Member.objects.get(email="new@example.com") == zhang


def test_a_masked_value_is_cleared_only_by_its_own_tick(client, marketing, zhang):
    data = inputs(opened(client, marketing, zhang))
    assert post(client, zhang, data, **{"email-clear": "1"}).status_code == 302
    now = Member.objects.get()
    assert (now.email, now.phone) == (None, "13800000001")
    assert now.email_index is None


def test_a_new_value_and_the_tick_together_are_a_question(client, marketing, zhang):
    data = inputs(opened(client, marketing, zhang))
    response = post(client, zhang, data, email="new@example.com", **{"email-clear": "1"})
    assert "not both" in response.content.decode()
    assert Member.objects.get().email == "wei@example.com"


def test_a_page_with_an_unopenable_value_works_and_keeps_it_byte_for_byte(client, sales, zhang):
    broken = "p1.k0000000." + "A" * 60
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testaudit_member SET email = %s", [broken])
    html = opened(client, sales, zhang)
    assert "cannot be opened" in html
    assert 'value="13800000001"' in html
    data = inputs(html) | {"email": "attacker@example.com", "email-clear": "1"}
    assert post(client, zhang, data, city="Bern").status_code == 302
    assert (stored("city"), stored("email")) == ("Bern", broken)


def test_lists_mask_for_everybody_and_say_what_cannot_be_opened(client, sales, zhang):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testaudit_member SET phone = %s", ["p1.k0000000." + "A" * 60])
    client.force_login(sales)
    html = client.get(reverse("admin:testaudit_member_changelist")).content.decode()
    assert "w***@example.com" in html
    assert "cannot be opened" in html
    assert not any(value in html for value in CLEAR_VALUES)


def test_a_view_only_page_is_masked_too(client, viewer, zhang):
    html = opened(client, viewer, zhang)
    assert "w***@example.com" in html
    assert not any(value in html for value in CLEAR_VALUES)
    assert post(client, zhang, {"name": "Mallory"}).status_code == 403


def test_a_readonly_field_is_shown_as_disclosed(client, marketing, zhang, monkeypatch):
    from tests.audit.testapp.admin import MemberAdmin

    monkeypatch.setattr(MemberAdmin, "readonly_fields", ("email",))
    html = opened(client, marketing, zhang)
    assert "w***@example.com" in html
    assert not any(value in html for value in CLEAR_VALUES)


def test_hidden_fields_are_left_out_of_form_list_and_page(client, marketing, zhang, monkeypatch):
    from audit import disclosure
    from audit.disclosure import Level

    asked = disclosure._allowed
    monkeypatch.setattr(
        disclosure,
        "_allowed",
        lambda user, kind, obj: Level.HIDDEN if kind == "contact" else asked(user, kind, obj),
    )
    html = opened(client, marketing, zhang)
    assert 'name="email"' not in html
    assert "example.com" not in html
    assert post(client, zhang, inputs(html), city="Bern", email="x@example.com").status_code == 302
    assert Member.objects.get().email == "wei@example.com"
    listed = client.get(reverse("admin:testaudit_member_changelist")).content.decode()
    assert "example.com" not in listed


def test_a_token_copied_from_the_database_is_refused_and_not_opened(client, marketing, zhang):
    data = inputs(opened(client, marketing, zhang))
    response = post(client, zhang, data, phone=stored("email"))
    assert response.status_code == 200
    assert "wei@example.com" not in response.content.decode()


def test_a_protected_term_is_refused_in_a_url(client, sales, zhang):
    client.force_login(sales)
    url = reverse("admin:testaudit_member_changelist")
    for query in ("email=wei@example.com", "email__exact=x", "email_index=00", "phone__isnull=1"):
        assert client.get(f"{url}?{query}").status_code == 400
    added = client.get(reverse("admin:testaudit_member_add") + "?phone=13800000001&city=Rome")
    assert "13800000001" not in added.content.decode()
    assert 'value="Rome"' in added.content.decode()


def test_a_search_term_is_not_carried_into_other_urls(client, sales, zhang):
    client.force_login(sales)
    url = reverse("admin:testaudit_member_changelist")
    html = client.get(f"{url}?q=wei%40example.com&city=Berlin").content.decode()
    links = re.findall(r'href="([^"]*/change/[^"]*)"', html)
    html += client.get(
        page_of(zhang) + "?_changelist_filters=q%3Dwei%2540example.com"
    ).content.decode()
    links += re.findall(r'href="([^"]*_changelist_filters[^"]*)"', html)
    assert not any("wei" in link for link in links)


def test_a_masked_date_can_be_replaced(client, marketing, zhang):
    html = opened(client, marketing, zhang)
    assert 'placeholder="1990"' in html
    post(client, zhang, inputs(html), birth_date="1991-02-03")
    assert Member.objects.get().birth_date.isoformat() == "1991-02-03"


def test_a_refusal_of_the_model_about_a_field_not_in_the_form_is_told_above_it(
    client, sales, zhang, monkeypatch
):
    def refuse(self):
        raise ValidationError({"secret_note": "This cannot be."})

    monkeypatch.setattr(Member, "clean", refuse)
    response = post(client, zhang, inputs(opened(client, sales, zhang)), city="Bern")
    assert "This cannot be." in response.content.decode()


def test_a_new_object_is_typed_in_clear_by_anybody_who_may_add(client, marketing):
    client.force_login(marketing)
    data = {"name": "New", "stage": "lead", "email": "n@example.com", "phone": ""}
    assert client.post(reverse("admin:testaudit_member_add"), data).status_code == 302
    member = Member.objects.get(email="n@example.com")
    row = member.history.get()
    assert (row.history_actor, row.history_door) == (str(marketing), "admin")
    assert row.history_actor_id == marketing.pk


def test_an_invalid_value_is_refused_without_repeating_it(client, sales, zhang):
    data = inputs(opened(client, sales, zhang))
    response = post(client, zhang, data, birth_date="1990-99-99")
    assert response.status_code == 200
    assert not any(
        "1990-99-99" in str(e) for e in response.context["adminform"].form.errors.values()
    )


def test_djangos_own_log_holds_no_value(client, marketing, zhang):
    data = inputs(opened(client, marketing, zhang))
    post(client, zhang, data, email="new@example.com")
    entry = LogEntry.objects.get()
    assert "example" not in entry.change_message + entry.object_repr


def test_saving_an_untouched_form_writes_nothing(client, sales, zhang):
    post(client, zhang, inputs(opened(client, sales, zhang)))
    assert zhang.history.count() == 1


def test_a_name_with_markup_is_text_everywhere(client, sales, zhang):
    zhang.name = "<script>alert(1)</script>"
    zhang.save()
    client.force_login(sales)
    for url in (
        page_of(zhang),
        page_of(zhang, "history"),
        reverse("admin:testaudit_member_changelist"),
    ):
        assert "<script>alert(1)" not in client.get(url).content.decode()


# Two people ------------------------------------------------------------------------------------


def test_what_the_other_changed_and_i_did_not_touch_is_kept(client, sales, zhang, lina):
    data = inputs(opened(client, sales, zhang))
    change_as(lina, zhang, city="Bern", phone="13900005678")
    response = client.post(page_of(zhang), data | {"name": "Zhang Weiwei"}, follow=True)
    now = Member.objects.get()
    assert (now.name, now.city, now.phone) == ("Zhang Weiwei", "Bern", "13900005678")
    html = response.content.decode()
    assert "Na Li changed City from Berlin to Bern" in html
    assert "138****0001" in html
    assert "13900005678" not in html


def test_a_field_both_changed_is_asked_about_and_the_second_save_wins(client, sales, zhang, lina):
    data = inputs(opened(client, sales, zhang))
    change_as(lina, zhang, city="Bern", stage="customer")
    response = post(client, zhang, data, city="Rome", name="Zhang Weiwei")
    html = response.content.decode()
    assert "Na Li changed this from Berlin to Bern at" in html
    assert "Na Li changed Stage from Lead to Regular customer" in html
    assert Member.objects.get().city == "Bern"
    again = inputs(html)
    assert (again["city"], again["name"]) == ("Rome", "Zhang Weiwei")
    saved = client.post(page_of(zhang), again, follow=True)
    assert "changed Stage from" not in saved.content.decode()
    now = Member.objects.get()
    assert (now.city, now.name, now.stage) == ("Rome", "Zhang Weiwei", "customer")


def test_a_third_change_between_question_and_answer_is_asked_about_again(
    client, sales, zhang, lina
):
    data = inputs(opened(client, sales, zhang))
    change_as(lina, zhang, city="Bern")
    again = inputs(post(client, zhang, data, city="Rome").content.decode())
    change_as(lina, zhang, city="Basel")
    html = client.post(page_of(zhang), again).content.decode()
    assert "from Berlin to Basel" in html
    assert Member.objects.get().city == "Basel"
    assert client.post(page_of(zhang), inputs(html)).status_code == 302
    assert Member.objects.get().city == "Rome"


def test_both_changing_to_the_same_is_no_conflict(client, sales, zhang, lina):
    data = inputs(opened(client, sales, zhang))
    change_as(lina, zhang, city="Bern")
    assert post(client, zhang, data, city="Bern").status_code == 302


def test_a_conflict_over_a_masked_value_is_told_masked(client, marketing, zhang, lina):
    data = inputs(opened(client, marketing, zhang))
    change_as(lina, zhang, phone="13900005678", email="z@example.com")
    html = post(client, zhang, data, phone="13700009999").content.decode()
    assert "from 138****0001 to 139****5678" in html
    assert "13900005678" not in html
    assert client.post(page_of(zhang), inputs(html)).status_code == 302
    now = Member.objects.get()
    assert (now.phone, now.email) == ("13700009999", "z@example.com")


@pytest.mark.parametrize("guess", ["13900005678", "13800000001", "13700009999"])
def test_nobody_tries_values_until_one_fits_what_is_hidden(client, marketing, zhang, lina, guess):
    """The value of now, the one of before and a wrong one are answered alike, and none is saved."""
    data = inputs(opened(client, marketing, zhang))
    change_as(lina, zhang, phone="13900005678")
    steps = zhang.history.count()
    response = post(client, zhang, data, phone=guess)
    assert "Na Li changed this from 138****0001 to 139****5678" in response.content.decode()
    assert list(response.context["adminform"].form.errors) == ["phone"]
    assert zhang.history.count() == steps


def test_clearing_what_the_other_changed_is_a_conflict(client, marketing, zhang, lina):
    data = inputs(opened(client, marketing, zhang))
    change_as(lina, zhang, phone="13900005678")
    html = post(client, zhang, data, **{"phone-clear": "1"}).content.decode()
    assert "from 138****0001 to 139****5678" in html
    assert Member.objects.get().phone == "13900005678"


def test_a_forged_version_changes_nothing_for_others(client, sales, zhang):
    data = inputs(opened(client, sales, zhang)) | {"city": "Bern"}
    for version in ("nonsense", "01890000-0000-7000-8000-000000000000", ""):
        assert client.post(page_of(zhang), data | {"_seen_version": version}).status_code == 302
    assert Member.objects.get().city == "Bern"


def change_as(user, member, **values):
    from audit.context import acting

    with acting(actor=user, door="admin"):
        other = Member.objects.get(pk=member.pk)
        for name, value in values.items():
            setattr(other, name, value)
        other.save()


# Inlines ---------------------------------------------------------------------------------------


def test_an_inline_that_would_show_protected_values_is_refused(rf, sales, zhang):
    from django.contrib import admin
    from django.core.exceptions import ImproperlyConfigured
    from unfold.admin import TabularInline

    from tests.audit.testapp.admin import ClubAdmin
    from tests.audit.testapp.models import Club

    class Careless(TabularInline):
        model = Member

    class WithInline(ClubAdmin):
        inlines = (Careless,)

    request = rf.get("/")
    request.user = sales
    with pytest.raises(ImproperlyConfigured, match="AuditedTabularInline"):
        WithInline(Club, admin.site).get_inline_instances(request)


def test_visits_keep_their_history_when_edited_inside_a_form(zhang):
    visit = Visit.objects.create(member=zhang, place="Hall")
    assert visit.history.count() == 1
