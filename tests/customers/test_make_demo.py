"""Demo customers: the same for the same seed, valid in every field, never among real ones."""

import datetime
import io
import json

import phonenumbers
import pytest
from django.core.management import CommandError, call_command

from customers.demo.make import enliven, has_real_customers
from customers.demo.people import Maker
from customers.models import (
    ContactPoint,
    Customer,
    CustomerName,
    CustomerTag,
    FollowUp,
    Interaction,
    Source,
    SourceRecord,
)
from customers.models.choices import Kind, Stage
from staff.models import User
from staff.roles import Role
from staff.services import system_user
from tests.customers.people import person, somebody_acts, staff

TODAY = datetime.date(2026, 11, 21)


def make_demo(*arguments):
    output, errors = io.StringIO(), io.StringIO()
    call_command(
        "make_demo", *arguments, "--today", "2026-11-21", "--json", stdout=output, stderr=errors
    )
    return json.loads(output.getvalue()), errors.getvalue()


def people(seed=1, many=300):
    maker = Maker(seed, TODAY)
    return [maker.one(number) for number in range(many)]


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    assert people() == people()
    assert [one.values for one in people(seed=2)] != [one.values for one in people()]


def test_more_of_them_begin_with_the_same_ones():
    assert people(many=240)[:24] == people(many=24)


def test_birth_dates_and_names_do_not_follow_the_day():
    later = Maker(1, TODAY + datetime.timedelta(days=400))
    for one in people(many=60):
        again = later.one(one.number)
        for name in ("given_name", "birth_date", "national_id", "phone", "email", "city"):
            assert again.values.get(name) == one.values.get(name)


def test_nothing_happened_today_or_later_but_something_is_due():
    midnight = datetime.datetime.combine(TODAY, datetime.time(), tzinfo=datetime.UTC)
    due = []
    for one in people(many=600):
        for name in ("created_at", "updated_at", "last_confirmed_at"):
            assert one.values.get(name, midnight) <= midnight
        for talk in one.talks:
            assert talk.when < midnight
            due += [talk.due] if talk.promised and not talk.done else []
    days = {(when.date() - TODAY).days for when in due}
    assert 0 in days
    assert min(days) < 0 < max(days)


def test_telephone_numbers_are_valid_and_of_the_country_of_the_address():
    numbers = [(one.values["phone"], one.values["country"]) for one in people(many=4000)
               if one.values.get("phone")]  # fmt: skip
    wrong = [
        (number, country)
        for number, country in numbers
        if not phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)
    ]
    assert len(wrong) <= len(numbers) // 500  # some blocks of a valid range are not given out
    assert len({number for number, _country in numbers}) > len(numbers) * 0.99


def test_mail_goes_nowhere_but_to_reserved_domains():
    for one in people(many=1000):
        addresses = [one.values.get("email")] + [p.value for p in one.points if "@" in p.value]
        for address in filter(None, addresses):
            assert address.endswith((".example.com", ".example.org", ".example.net", "@example.com",
                                     "@example.org", "@example.net")), address  # fmt: skip


def test_several_languages_and_scripts_are_spoken():
    made = people(many=2000)
    assert len({one.values["language"] for one in made}) >= 12
    assert len({one.values["country"] for one in made}) >= 14
    names = "".join(one.values.get("family_name", "") for one in made)
    for sign in "王김ا佐овłé":
        assert sign in names


@pytest.mark.django_db
def test_every_made_up_customer_passes_the_rules_of_the_form():
    make_demo("--customers", "400")
    for customer in Customer.objects.all():
        customer.full_clean()
        assert customer.contradictions() == []
    for model in (ContactPoint, Interaction, FollowUp):
        for row in model.objects.all():
            row.full_clean()


@pytest.mark.django_db
def test_history_names_and_tags_are_there_as_for_anybody():
    made, said = make_demo("--customers", "120")
    assert made["customers"] == 120 == Customer.objects.count()
    assert said.strip().splitlines()[-1].startswith("120 customers made, 0 there already")
    assert Customer.history.filter(history_type="+").count() == 120
    assert Customer.history.filter(history_type="~").exists()
    assert set(Customer.history.values_list("history_change_reason", flat=True)) == {"demo data"}
    for model in (ContactPoint, Interaction, FollowUp):
        assert model.history.filter(history_type="+").count() == model.objects.count() > 0
    assert not Customer.objects.filter(name_parts__isnull=True).exists()
    for customer in Customer.objects.exclude(tags=""):
        assert CustomerTag.objects.filter(customer=customer).exists()
    numbers = set(Customer.objects.values_list("number", flat=True))
    assert len(numbers) == 120
    assert person().number not in numbers


@pytest.mark.django_db
def test_what_was_sealed_in_bulk_is_found_and_opens():
    make_demo("--customers", "60")
    for customer in Customer.objects.exclude(phone=None):
        assert Customer.objects.filter(phone=customer.phone).exists()
    point = ContactPoint.objects.first()
    assert point in ContactPoint.objects.filter(value=point.value)
    assert all(follow_up.what for follow_up in FollowUp.objects.all())


@pytest.mark.django_db
def test_the_second_run_adds_only_who_is_missing_and_their_employers_are_the_first_ones():
    make_demo("--customers", "30")
    made, _said = make_demo("--customers", "120")
    assert (made["customers"], made["there_already"]) == (90, 30)
    assert make_demo("--customers", "120")[0]["customers"] == 0
    assert Customer.objects.count() == 120 == SourceRecord.objects.count()
    employed = Customer.objects.exclude(employer=None).select_related("employer")
    assert employed
    for customer in employed:
        if customer.email:
            assert customer.email.partition("@")[2] == customer.employer.email.partition("@")[2]


@pytest.mark.django_db
def test_a_dry_run_counts_and_writes_nothing():
    dry, said = make_demo("--customers", "50", "--dry-run")
    assert "would be made" in said
    assert not Customer.with_bin.exists()
    assert not Source.objects.exists()
    wet, _said = make_demo("--customers", "50")
    assert dry == wet


@pytest.mark.django_db
def test_it_refuses_among_real_customers_unless_told():
    person()
    assert has_real_customers()
    with pytest.raises(CommandError, match="--yes") as refused:
        make_demo("--customers", "5")
    assert refused.value.returncode == 2
    assert Customer.objects.count() == 1
    make_demo("--customers", "5", "--yes")
    assert Customer.objects.count() == 6


@pytest.mark.django_db
def test_a_real_customer_in_the_bin_is_a_real_customer():
    customer = person()
    with somebody_acts():
        Customer.objects.filter(pk=customer.pk).audited_set(binned_at=customer.created_at)
    with pytest.raises(CommandError):
        make_demo("--customers", "5")


@pytest.mark.django_db
def test_demo_customers_are_no_real_ones():
    make_demo("--customers", "5")
    assert not has_real_customers()


@pytest.mark.django_db
def test_colleagues_are_made_only_when_asked_for_and_cannot_sign_in_with_a_known_password():
    make_demo("--customers", "24")
    assert not User.objects.filter(email__endswith="@example.com").exists()
    make_demo("--customers", "48", "--staff")
    lena = User.objects.get(username="lena.hoffmann")
    assert lena.must_change_password
    assert lena.customers.exists() or lena.interactions.exists()
    make_demo("--customers", "48", "--staff")
    assert User.objects.filter(username="lena.hoffmann").count() == 1


@pytest.mark.django_db
def test_customers_belong_to_those_who_sell():
    lina = staff("lina", Role.SALES)
    staff("auditor", Role.AUDITOR)
    make_demo("--customers", "36")
    owners = set(Customer.objects.exclude(owner=None).values_list("owner", flat=True))
    assert owners == {lina.pk}
    assert set(FollowUp.objects.values_list("assigned_to", flat=True)) <= {lina.pk}


@pytest.mark.django_db
def test_customers_of_an_import_come_to_life():
    customers = [person(given_name=f"P{number}") for number in range(12)]
    with somebody_acts():
        made = enliven(actor=system_user(), customers=customers, staff=[staff("lina", Role.SALES)],
                       today=TODAY)  # fmt: skip
    assert made.interactions >= 24
    assert FollowUp.objects.filter(done_at=None).exists()
    assert Interaction.history.count() == made.interactions


@pytest.mark.django_db
def test_what_a_desk_decided_about_them_is_varied_recorded_and_found_but_overrides_nothing():
    lina, mine = staff("lina", Role.SALES), staff("tom", Role.SALES)
    customers = [person(given_name=f"P{number}") for number in range(40)]
    customers.append(person(given_name="Won", stage=Stage.CUSTOMER, owner=mine, tags="old friend"))
    with somebody_acts():
        enliven(actor=system_user(), customers=customers, staff=[lina], today=TODAY)
    now = Customer.objects.exclude(given_name="Won")
    assert set(now.values_list("stage", flat=True)) == set(Stage.values)
    assert 10 < now.filter(owner=lina).count() < 40
    assert CustomerTag.objects.exclude(customer__given_name="Won").count() > 5
    changed = Customer.history.filter(history_type="~", history_change_reason="demo data")
    assert changed.count() >= 25
    won = Customer.objects.get(given_name="Won")
    assert (won.stage, won.owner, won.tags) == (Stage.CUSTOMER, mine, "old friend")


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_customers_of_a_portion(django_assert_max_num_queries):
    make_demo("--customers", "1")
    with django_assert_max_num_queries(60):
        make_demo("--customers", "120")


@pytest.mark.django_db
def test_nobody_is_found_under_a_name_that_is_not_in_the_index():
    make_demo("--customers", "24")
    assert CustomerName.objects.values("customer").distinct().count() == 24


@pytest.mark.django_db(transaction=True)
def test_the_first_run_of_the_product_has_something_to_show(monkeypatch):
    monkeypatch.delenv("CRM_DEMO", raising=False)
    from crm.runner import first_run

    assert first_run()
    administrator = User.objects.get(username="admin")
    assert Customer.objects.count() > 40
    assert FollowUp.objects.filter(assigned_to=administrator, done_at=None).exists()
    assert ContactPoint.objects.exists()
    assert not has_real_customers()
    first_page = Customer.objects.order_by("-updated_at", "-pk")[:40]
    assert {customer.kind for customer in first_page} == {Kind.PERSON}
    assert sum(1 for customer in first_page if customer.owner_id) > 20
    assert len({customer.stage for customer in first_page}) >= 4


@pytest.mark.django_db(transaction=True)
def test_a_first_run_without_demo_is_empty(monkeypatch):
    monkeypatch.setenv("CRM_DEMO", "0")
    from crm.runner import first_run

    assert first_run()
    assert not Customer.with_bin.exists()
    assert not Interaction.objects.exists()
