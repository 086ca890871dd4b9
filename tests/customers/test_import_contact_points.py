"""Further e-mails, phones and messengers, the owner and the day of confirmation, from a file."""

import pytest

from audit.context import acting
from customers.contacts import make_main, remove
from customers.imports import review
from customers.models import ContactPoint, Customer, ImportRow, Interaction
from staff.models import User

from .importing import ANNA, KLAUS, change, counts, everything, import_file, undo, write_csv

pytestmark = pytest.mark.django_db(transaction=True)
MOBILE, OFFICE = "+49 151 23456789", "+49 30 901820"


@pytest.fixture
def li_na():
    return User.objects.create_user("li.na", first_name="Li", last_name="Na")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "customers.csv"


def points():
    return {
        (point.kind, point.value, point.use, point.messenger)
        for point in ContactPoint.objects.all()
    }


def test_every_further_column_becomes_a_contact_point_with_its_use(file):
    row = KLAUS | {
        "Mobile": MOBILE,
        "Work phone": OFFICE,
        "e-mail 2": "K.Hofmann@Example.org",
        "WeChat": "wechat: klaus_h",
        "Telegram": "https://t.me/klaush",
    }
    result = import_file(write_csv(file, row, ANNA))
    assert counts(result) == {"created": 2}
    assert result["contact_points"] == 5
    assert points() == {
        ("phone", "+4915123456789", "mobile", ""),
        ("phone", "+4930901820", "work", ""),
        ("email", "k.hofmann@example.org", "", ""),
        ("messenger", "klaus_h", "", "wechat"),
        ("messenger", "klaush", "", "telegram"),
    }
    point = ContactPoint.objects.get(kind="email")
    assert point.customer.phone == "+491607969515"
    assert [row.history_type for row in point.history.all()] == ["+"]


def test_a_column_beside_the_number_may_say_what_it_is_used_for(file):
    row = {"name": "Klaus Hofmann", "phone": OFFICE, "phone_type": "work", "phone_2": MOBILE}
    book = {"Phone 3 - Type": "Home", "Phone 3 - Value": KLAUS["phone"]}
    import_file(write_csv(file, row | {"phone_2_type": "cell"} | book))
    assert points() == {
        ("phone", "+4915123456789", "mobile", ""),
        ("phone", "+491607969515", "home", ""),
    }


def test_several_values_in_one_further_cell_are_told_apart(file):
    row = KLAUS | {
        "further_phone": f"{MOBILE}; {OFFICE}",
        "further_email": "k2@example.org, K3@example.org",
        "messenger": "WeChat: klaus_h; Telegram: @klaush",
    }
    result = import_file(write_csv(file, row))
    assert result["cells_emptied"] == 0
    assert points() == {
        ("phone", "+4915123456789", "", ""),
        ("phone", "+4930901820", "", ""),
        ("email", "k2@example.org", "", ""),
        ("email", "k3@example.org", "", ""),
        ("messenger", "klaus_h", "", "wechat"),
        ("messenger", "klaush", "", "telegram"),
    }


def test_where_one_of_several_values_is_none_the_cell_is_left_out_whole(file):
    result = import_file(write_csv(file, KLAUS | {"email_2": "k2@example.org; nobody"}))
    assert (result["cells_emptied"], points()) == (1, set())


def test_the_index_of_a_point_is_the_one_that_saving_it_writes(file, li_na):
    import_file(write_csv(file, KLAUS | {"Mobile": MOBILE, "WeChat": "Klaus_H"}))
    for point in ContactPoint.objects.all():
        assert ContactPoint.objects.get(value=point.value) == point
        fast = bytes(point.value_index)
        with acting(actor=li_na, door="admin"):
            copy = ContactPoint(
                customer=point.customer,
                kind=point.kind,
                value=point.value,
                messenger=point.messenger,
            )
            copy.save()
        assert bytes(copy.value_index) == fast


def test_the_same_value_is_not_written_twice(file):
    row = KLAUS | {"Mobile": KLAUS["phone"], "phone 3": MOBILE, "phone 4": "0049 151 23456789"}
    import_file(write_csv(file, {"id": "7"} | row))
    assert {value for _kind, value, *_more in points()} == {"+4915123456789"}
    result = import_file(write_csv(file, {"id": "7"} | row))
    assert counts(result) == {"unchanged": 1}
    result = import_file(write_csv(file, {"id": "7"} | row | {"phone 4": OFFICE}))
    assert counts(result) == {"updated": 1}
    assert ContactPoint.objects.count() == 2
    assert Customer.objects.get().history.count() == 1


def test_a_row_without_the_main_phone_has_its_first_further_one_there(file):
    first = {"id": "7"} | KLAUS | {"phone": "", "Mobile": MOBILE, "Work phone": OFFICE}
    import_file(write_csv(file, first))
    customer = Customer.objects.get()
    assert customer.phone == "+4915123456789"
    assert {value for _kind, value, *_more in points()} == {"+4930901820"}
    assert counts(import_file(file)) == {"unchanged": 1}
    # It pushes out no main one that the customer has.
    second = first | {"Mobile": "+49 160 1112222"}
    assert counts(import_file(write_csv(file, second))) == {"updated": 1}
    assert Customer.objects.get().phone == "+4915123456789"
    assert ("phone", "+491601112222", "mobile", "") in points()


def test_somebody_with_only_a_second_phone_is_somebody(file):
    result = import_file(write_csv(file, {"phone": "", "Mobile": MOBILE}))
    assert counts(result) == {"created": 1}
    assert Customer.objects.get().phone == "+4915123456789"


def test_what_cannot_be_a_phone_is_left_out_and_the_others_go_through(file):
    row = KLAUS | {"Mobile": "12", "Work phone": OFFICE, "e-mail 2": "k@"}
    result = import_file(write_csv(file, row))
    assert result["cells_emptied"] == 2
    assert {value for _kind, value, *_more in points()} == {"+4930901820"}


def test_a_row_whose_phone_is_somebodys_further_phone_is_a_possible_duplicate(file):
    import_file(write_csv(file, KLAUS | {"Mobile": MOBILE}))
    again = {"first_name": "Klaus", "last_name": "Hofman", "phone": MOBILE}
    write_csv(file, again)
    tried = import_file(file, "--dry-run", source="fair")
    assert counts(tried) == counts(import_file(file, source="fair")) == {"review": 1}
    waits = ImportRow.objects.get(outcome="review")
    assert (waits.reasons, waits.candidate_key) == (["same_phone"], Customer.objects.get().pk)


@pytest.mark.parametrize(
    "row",
    [
        {"first_name": "Klaus", "last_name": "Hofmann", "Mobile": KLAUS["phone"], "phone": OFFICE},
        {"first_name": "K", "last_name": "H", "email 2": "klaus@example.org", "email": "k@x.org"},
        {"first_name": "Klaus", "last_name": "Hofmann", "phone": OFFICE, "phone 3": MOBILE},
    ],
)
def test_a_further_value_of_a_row_leads_to_whom_we_have(file, row):
    import_file(write_csv(file, KLAUS | {"Mobile": MOBILE}))
    write_csv(file, row)
    tried = import_file(file, "--dry-run", source="fair")
    assert counts(tried) == counts(import_file(file, source="fair")) == {"review": 1}


def test_two_rows_of_one_file_that_share_a_further_mail_are_possible_duplicates(file):
    other = ANNA | {"email": "a2@example.org", "phone": OFFICE, "email 2": KLAUS["email"]}
    write_csv(file, KLAUS, other, header=[*KLAUS, "email 2"])
    tried = import_file(file, "--dry-run")
    assert counts(tried) == counts(import_file(file)) == {"created": 1, "review": 1}


def test_relatives_who_share_a_further_phone_are_two_people(file):
    wife = {"first_name": "Maria", "last_name": "Hofmann", "phone": MOBILE}
    write_csv(file, KLAUS | {"Mobile": MOBILE}, wife, header=[*KLAUS, "Mobile"])
    assert counts(import_file(file)) == {"created": 2}


def test_what_staff_removed_a_source_does_not_bring_back(file, li_na):
    row = {"id": "7"} | KLAUS | {"Mobile": MOBILE, "city": "Köln"}
    import_file(write_csv(file, row))
    remove(actor=li_na, row=ContactPoint.objects.get())
    assert counts(import_file(write_csv(file, row | {"city": "Bonn"}))) == {"updated": 1}
    assert points() == set()


def test_what_an_undo_took_back_comes_again(file):
    import_file(write_csv(file, {"id": "7"} | KLAUS))
    write_csv(file, {"id": "7"} | KLAUS | {"Mobile": MOBILE})
    undo(import_file(file)["batch"])
    assert points() == set()
    assert import_file(file)["contact_points"] == 1


def test_numbers_that_staff_exchanged_are_no_news(file, li_na):
    write_csv(file, {"id": "7"} | KLAUS | {"Mobile": MOBILE})
    import_file(file)
    make_main(actor=li_na, point=ContactPoint.objects.get())
    assert counts(import_file(file)) == {"unchanged": 1}
    assert Customer.objects.get().phone == "+4915123456789"


# Review --------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["created", "updated"])
def test_a_decided_row_brings_its_further_points_and_undo_takes_them_back(file, li_na, decision):
    import_file(write_csv(file, KLAUS | {"Mobile": MOBILE}))
    before = everything()
    row = KLAUS | {"Mobile": MOBILE, "Work phone": OFFICE, "owner": "li.na", "city": "Bonn"}
    result = import_file(write_csv(file, row), source="fair")
    waits = ImportRow.objects.get(outcome="review")
    opened = review.opened(waits)
    lines = {
        line.label: (line.existing, line.incoming)
        for line in review.compare(waits, opened, review.candidate_of(waits), li_na)
    }
    assert lines["Owner"] == ("—", "Li Na")
    assert lines["Phone, mobile"][0] == lines["Phone, mobile"][1] != "—"
    assert lines["Phone, work"][0] == "—"
    with acting(actor=li_na, door="admin"):
        review.decide(actor=li_na, row=waits.pk, decision=decision)
    customer = Customer.objects.get(owner=li_na)
    assert customer.contact_points.count() == 2
    assert ContactPoint.objects.count() == (3 if decision == "created" else 2)
    assert undo(result["batch"])["kept"] == []
    assert everything() == before


# Undo ----------------------------------------------------------------------------------------


def test_undo_takes_every_point_back(file):
    empty = everything()
    first = import_file(write_csv(file, {"id": "7"} | KLAUS | {"Mobile": MOBILE}))
    between = everything()
    second = import_file(
        write_csv(file, {"id": "7"} | KLAUS | {"Mobile": OFFICE, "WeChat": "klaus_h"})
    )
    assert ContactPoint.objects.count() == 3
    tried = undo(second["batch"], "--dry-run")
    assert undo(second["batch"]) == tried
    assert tried["reversed"] == 1
    assert everything() == between
    undo(first["batch"])
    assert everything() == empty
    trail = ContactPoint.history.filter(kind="messenger").order_by("history_id")
    assert [row.history_type for row in trail] == ["+", "-"]


def test_an_earlier_import_keeps_whom_a_later_one_gave_a_phone(file):
    first = import_file(write_csv(file, {"id": "7"} | KLAUS))
    second = import_file(write_csv(file, {"id": "7"} | KLAUS | {"Mobile": MOBILE}))
    undone = undo(first["batch"])
    assert (undone["reversed"], undone["kept_count"]) == (0, 1)
    assert ContactPoint.objects.count() == 1
    assert undo(second["batch"])["reversed"] == 1
    assert points() == set()


def test_a_point_that_staff_verified_keeps_its_customer(file, li_na):
    result = import_file(write_csv(file, KLAUS | {"Mobile": MOBILE}, ANNA))
    change(ContactPoint.objects.get(), actor=li_na, use="work")
    undone = undo(result["batch"])
    assert (undone["reversed"], undone["kept"][0]["who"]) == (1, "Li Na")
    assert points() == {("phone", "+4915123456789", "work", "")}


def test_a_point_that_staff_added_keeps_its_customer(file, li_na):
    result = import_file(write_csv(file, KLAUS))
    own = ContactPoint(customer=Customer.objects.get(), kind="phone", value="+4915123456789")
    with acting(actor=li_na, door="admin"):
        own.save()
    assert undo(result["batch"])["kept"][0]["who"] == "Li Na"
    assert Customer.objects.count() == 1


def test_a_customer_somebody_talked_with_is_kept_and_named(file, li_na):
    result = import_file(write_csv(file, KLAUS | {"Mobile": MOBILE}, ANNA))
    klaus = Customer.objects.get(given_name="Klaus")
    with acting(actor=li_na, door="admin"):
        Interaction(customer=klaus, text="called, wants an offer", staff=li_na).save()
    tried = undo(result["batch"], "--dry-run")
    undone = undo(result["batch"])
    assert tried["kept"] == undone["kept"]
    assert (undone["reversed"], undone["failed"]) == (1, [])
    assert (undone["kept"][0]["number"], undone["kept"][0]["who"]) == (klaus.number, "Li Na")
    assert Customer.objects.get() == klaus
    assert ContactPoint.objects.count() == 1


# Owner and confirmation ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["li.na", "LI.NA", "Li Na", "Na, Li", " na li "])
def test_the_owner_is_found_by_user_name_or_full_name(file, li_na, name):
    import_file(write_csv(file, KLAUS | {"owner": name}))
    assert Customer.objects.get().owner == li_na


def test_an_owner_nobody_knows_is_left_out_and_nobody_is_made(file, li_na):
    User.objects.create_user("li.na2", first_name="Na", last_name="Li")
    User.objects.create_user("gone", is_active=False)
    rows = [KLAUS | {"owner": name} for name in ("Li Na", "gone", "wang.fang", "system")]
    many = User.objects.count()
    result = import_file(
        write_csv(file, *({"id": str(n)} | row for n, row in enumerate(rows))),
        "--on-duplicate",
        "create",
    )
    assert result["cells_emptied"] == 4
    assert User.objects.count() in (many, many + 1)  # the system user is made when it first acts
    assert set(Customer.objects.values_list("owner", flat=True)) == {None}
    reasons = [row.emptied[0][1] for row in ImportRow.objects.order_by("number")]
    assert reasons == ["owner_several", "owner_left", "owner_unknown", "owner_unknown"]


def test_an_owner_staff_changed_is_asked_about(file, li_na):
    other = User.objects.create_user("wang.fang")
    import_file(write_csv(file, {"id": "7"} | KLAUS | {"owner": "li.na"}))
    change(Customer.objects.get(), actor=li_na, owner=other)
    assert counts(import_file(file)) == {"review": 1}
    assert Customer.objects.get().owner == other


@pytest.mark.parametrize(
    "said, day",
    [("2025-03-01", "2025-03-01"), ("01.03.2025 14:22", "2025-03-01"), ("2999-01-01", None)],
)
def test_the_day_of_confirmation_comes_in(file, said, day):
    rows = [KLAUS | {"last_confirmed_at": said}, ANNA | {"last_confirmed_at": "25.12.2024"}]
    import_file(write_csv(file, *rows))
    moment = Customer.objects.get(given_name="Klaus").last_confirmed_at
    assert (moment and f"{moment.astimezone():%Y-%m-%d}") == day


def test_an_older_confirmation_does_not_push_out_a_newer_one(file):
    import_file(write_csv(file, {"id": "7"} | KLAUS | {"last_confirmed_at": "2025-03-01"}))
    before = Customer.objects.get().last_confirmed_at
    write_csv(file, {"id": "7"} | KLAUS | {"last_confirmed_at": "2024-03-01"})
    assert counts(import_file(file)) == {"unchanged": 1}
    assert Customer.objects.get().last_confirmed_at == before
