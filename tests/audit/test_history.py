from contextlib import suppress

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from simple_history.utils import (
    bulk_create_with_history,
    bulk_update_with_history,
    update_change_reason,
)

from audit.context import acting
from audit.history import HistoryIsFinal
from audit.models import UnauditedWrite
from encryption.sealed import sealed_values
from tests.audit.testapp.models import Club, HiddenMember, Member, Visit

pytestmark = pytest.mark.django_db


def raw(table, column, key_column="id", key=None):
    with connection.cursor() as cursor:
        where = f" WHERE {key_column} = %s" if key else ""
        cursor.execute(f'SELECT "{column}" FROM "{table}"{where}', [key] if key else [])
        return [row[0] for row in cursor.fetchall()]


def break_tokens(member, column="email"):
    """What a wrong key or a damaged disk leaves behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE testaudit_member SET {column} = %s WHERE name = %s",
            ["p1.k0000000." + "A" * 60, member.name],
        )


def test_creating_changing_and_deleting_leave_a_row_each_newest_first(member):
    member.city = "Bern"
    member.save()
    key = member.pk
    member.delete()
    rows = Member.history.filter(id=key)
    assert [row.history_type for row in rows] == ["-", "~", "+"]
    assert [row.city for row in rows] == ["Bern", "Bern", "Berlin"]


def test_history_says_who_through_which_door_and_why(member, lina):
    with acting(actor=lina, door="admin", reason="asked by phone") as now_acting:
        member.city = "Bern"
        member.save()
    row = member.history.first()
    assert (row.history_actor, row.history_actor_id) == (str(lina), lina.pk)
    assert (row.history_door, row.history_change_reason) == ("admin", "asked by phone")
    assert row.history_request_id == now_acting.request_id


def test_a_change_nobody_answers_for_is_recorded_as_such(member):
    row = member.history.get()
    assert (row.history_actor, row.history_actor_id, row.history_door) == ("unknown", None, "shell")


def test_the_history_key_is_a_uuid7_and_orders_equal_dates(member):
    for city in ("A", "B", "C"):
        member.city = city
        member.save()
    rows = list(member.history.all())
    assert [row.city for row in rows] == ["C", "B", "A", "Berlin"]
    assert {row.history_id.version for row in rows} == {7}
    assert [row.history_id for row in rows] == sorted((r.history_id for r in rows), reverse=True)


def test_saving_without_a_change_writes_nothing(member, django_assert_num_queries):
    loaded = Member.objects.get(pk=member.pk)
    with django_assert_num_queries(0):
        loaded.save()
    assert member.history.count() == 1
    assert Member.objects.get(pk=member.pk).updated_at == member.updated_at


def test_assigning_an_equal_protected_value_is_no_change(member):
    loaded = Member.objects.get(pk=member.pk)
    loaded.email = "wei@example.com"
    loaded.save()
    assert member.history.count() == 1


def test_a_real_change_moves_updated_at_and_only_the_changed_columns(
    member, django_assert_num_queries
):
    loaded = Member.objects.get(pk=member.pk)
    stale = Member.objects.get(pk=member.pk)
    loaded.city = "Bern"
    loaded.save()
    stale.phone = "13800005678"
    stale.save()
    now = Member.objects.get(pk=member.pk)
    assert (now.city, now.phone) == ("Bern", "13800005678")
    assert now.updated_at > member.updated_at


def test_history_tells_what_was_stored_and_not_what_lay_in_memory(member):
    member.name = "NEVER SAVED"
    member.city = "Bern"
    member.save(update_fields=["city"])
    row = member.history.first()
    assert (row.name, row.city) == ("Zhang Wei", "Bern")


def test_an_expression_is_recorded_as_the_value_it_became(member):
    member.visits = F("visits") + 1
    member.save()
    assert member.history.first().visits == 1
    member.save()
    assert Member.objects.get(pk=member.pk).visits == 1


def test_sealed_tokens_are_copied_and_never_opened(member, monkeypatch):
    monkeypatch.setattr(
        "encryption.protection.ProtectedMixin.open_sealed",
        lambda *args: pytest.fail("a value was opened"),
    )
    loaded = Member.objects.get(pk=member.pk)
    loaded.city = "Bern"
    loaded.save()
    tokens = set(raw("testaudit_historicalmember", "email"))
    assert tokens == set(raw("testaudit_member", "email"))


def test_an_unopenable_value_stays_byte_for_byte_when_something_else_is_saved(member):
    break_tokens(member)
    before = raw("testaudit_member", "email")
    loaded = Member.objects.get(pk=member.pk)
    loaded.city = "Bern"
    loaded.save()
    assert raw("testaudit_member", "email") == before
    assert before[0] in raw("testaudit_historicalmember", "email")


def test_a_protected_value_opens_from_history(member):
    member.phone = "13800005678"
    member.save()
    assert [row.phone for row in member.history.all()] == ["13800005678", "13800000001"]
    assert member.history.last().instance.phone == "13800000001"
    with sealed_values():
        assert repr(member.history.last().phone) == "<sealed>"


def test_history_has_no_blind_index():
    names = {field.name for field in Member.history.model._meta.get_fields()}
    assert "email" in names
    assert "email_index" not in names


def test_the_author_stays_when_the_member_of_staff_goes(member, lina):
    with acting(actor=lina, door="admin"):
        member.city = "Bern"
        member.save()
    name, key = str(lina), lina.pk
    lina.delete()
    row = member.history.first()
    assert (row.history_actor, row.history_actor_id) == (name, key)


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_history_cannot_be_written_does_not_happen(member, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("audit.history.record", fail)
    member.city = "Bern"
    with pytest.raises(IntegrityError):
        member.save()
    with pytest.raises(IntegrityError):
        Member.objects.create(name="Never")
    with pytest.raises(IntegrityError):
        member.delete()
    assert list(Member.objects.values_list("name", "city")) == [("Zhang Wei", "Berlin")]


@pytest.mark.django_db(transaction=True)
def test_bulk_changes_whose_history_cannot_be_written_do_not_happen(member, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("audit.models.record", fail)
    member.city = "Bern"
    for write in (
        lambda: Member.objects.audited_create([Member(name="Never")]),
        lambda: Member.objects.audited_update([member], ["city"]),
        lambda: Member.objects.audited_set(city="Bern"),
        lambda: Member.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError):
            write()
    assert list(Member.objects.values_list("name", "city")) == [("Zhang Wei", "Berlin")]


@pytest.mark.django_db(transaction=True)
def test_staff_do_not_change_without_history_either(lina, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("audit.history.record", fail)
    lina.first_name = "Nana"
    with pytest.raises(IntegrityError):
        lina.save()
    lina.refresh_from_db()
    assert lina.first_name == "Na"


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(city="Bern"),
        lambda rows: rows.bulk_create([Member(name="x")]),
        lambda rows: rows.bulk_update(list(rows), ["city"]),
        lambda rows: rows._raw_delete("default"),
    ],
    ids=["update", "bulk_create", "bulk_update", "_raw_delete"],
)
def test_a_write_without_history_is_refused(member, write):
    for rows in (Member.objects.all(), Member.visible.all()):
        with pytest.raises(UnauditedWrite, match=r"audited_|delete"):
            write(rows)
    with pytest.raises(UnauditedWrite):
        Member.objects.update(city="Bern")
    assert Member.objects.get().city == "Berlin"


def test_history_rows_cannot_be_changed_or_deleted(member):
    row = member.history.get()
    row.city = "Rome"
    for write in (
        row.save,
        row.delete,
        Member.history.all().delete,
        lambda: Member.history.update(city="Rome"),
        lambda: Member.history.model.objects.all().delete(),
        lambda: Member.history.bulk_create([row]),
        lambda: member.history.all()._raw_delete("default"),
    ):
        with pytest.raises(HistoryIsFinal):
            write()
    assert not hasattr(member, "save_without_historical_record")


def test_many_are_created_with_history_in_one_statement_each(lina, django_assert_max_num_queries):
    members = [Member(name=f"M{n}", email=f"m{n}@example.com") for n in range(100)]
    with acting(actor=lina, door="task", reason="import #7"), django_assert_max_num_queries(8):
        Member.objects.audited_create(members)
    rows = Member.history.all()
    assert {row.id for row in rows} == {member.pk for member in members}
    assert {row.history_type for row in rows} == {"+"}
    assert {row.history_change_reason for row in rows} == {"import #7"}
    assert Member.history.get(name="M7").email == "m7@example.com"


def test_many_are_changed_each_only_in_what_differs(member, django_assert_max_num_queries):
    others = Member.objects.audited_create([Member(name=f"M{n}") for n in range(50)])
    loaded = list(Member.objects.order_by("name"))
    Member.objects.audited_set(city="Rome")
    for one in loaded[:30]:
        one.phone = "13800005678"
    loaded[40].stage = Member.Stage.CUSTOMER
    with django_assert_max_num_queries(10):
        assert Member.objects.audited_update(loaded, ["phone", "stage", "city"]) == 31
    assert Member.objects.filter(city="Rome").count() == len(others) + 1
    assert Member.history.filter(history_type="~", city="Rome").count() == 51 + 31
    assert Member.history.first().updated_at == Member.objects.latest("updated_at").updated_at


def test_a_saved_object_knows_that_it_is_saved(member):
    member.city = "Bern"
    Member.objects.audited_update([member], ["city"])
    assert member.changed_fields() == []
    created = Member.objects.audited_create([Member(name="x", email="x@example.com")])
    assert created[0].changed_fields() == []


def test_setting_many_touches_only_rows_that_differ(member):
    Member.objects.audited_create([Member(name="x", city="Bern"), Member(name="y", city="Rome")])
    assert Member.objects.audited_set(city="Bern") == 2
    assert Member.history.filter(history_type="~").count() == 2
    assert Member.objects.audited_set(city="Bern") == 0
    assert Member.objects.audited_set(owner=None) == 0


def test_setting_many_to_an_expression_records_the_result(member):
    assert Member.objects.audited_set(visits=F("visits") + 2) == 1
    assert member.history.first().visits == 2


def test_deleting_many_leaves_a_last_row_for_each_and_for_what_went_with_them(member):
    Visit.objects.create(member=member, place="Hall")
    Member.objects.audited_create([Member(name=f"M{n}") for n in range(20)])
    deleted, by_model = Member.objects.all().delete()
    assert deleted == 22
    assert by_model["testaudit.Member"] == 21
    assert Member.history.filter(history_type="-").count() == 21
    assert Visit.history.filter(history_type="-", place="Hall").count() == 1


def test_a_proxy_writes_the_history_of_its_model(member):
    proxy = HiddenMember.objects.get(pk=member.pk)
    proxy.city = "Bern"
    proxy.save()
    assert member.history.first().city == "Bern"
    assert HiddenMember.history.model is Member.history.model
    HiddenMember.objects.audited_set(city="Rome")
    proxy.refresh_from_db()
    proxy.delete()
    assert Member.history.first().history_type == "-"


def test_loading_a_fixture_leaves_history_too(club, tmp_path):
    call_command("dumpdata", "testaudit.club", output=str(tmp_path / "clubs.json"))
    club.delete()
    call_command("loaddata", str(tmp_path / "clubs.json"), verbosity=0)
    assert [row.history_type for row in Club.history.all()] == ["+", "-", "+"]


def test_staff_keep_history_without_password_and_last_login(lina):
    names = {field.name for field in type(lina).history.model._meta.get_fields()}
    assert not names & {"password", "last_login"}
    lina.set_password("quite another one")
    lina.save()
    assert lina.history.count() == 1
    lina.is_active = False
    lina.save()
    assert lina.history.first().is_active is False


def test_a_history_is_recorded_only_inside_a_transaction(member):
    assert transaction.get_connection().in_atomic_block


def test_refreshing_forgets_what_was_not_saved(member):
    member.city = "Bern"
    member.refresh_from_db()
    assert member.changed_fields() == []
    member.save()
    assert member.history.count() == 1


def test_a_deferred_field_is_neither_read_nor_written(member):
    loaded = Member.objects.only("name").get(pk=member.pk)
    loaded.name = "Zhang Weiwei"
    loaded.save()
    row = member.history.first()
    assert (row.name, row.city) == ("Zhang Weiwei", "Berlin")


@pytest.mark.parametrize("command", ["clean_old_history", "clean_duplicate_history"])
def test_the_stock_commands_that_delete_history_delete_nothing(member, command):
    member.city = "Bern"
    member.save()
    old = {"days": 0} if command == "clean_old_history" else {"minutes": 60}
    with suppress(HistoryIsFinal):  # or it finds nothing that it would delete
        call_command(command, auto=True, verbosity=0, **old)
    assert member.history.count() == 2


def test_the_stock_helpers_write_nothing_unaudited(member):
    with pytest.raises(UnauditedWrite):
        bulk_create_with_history([Member(name="x")], Member)
    with pytest.raises(UnauditedWrite):
        bulk_update_with_history([member], Member, ["city"])
    with pytest.raises((HistoryIsFinal, FieldError)):
        update_change_reason(member, "another reason")


def test_the_state_at_a_moment_can_be_asked_for(member):
    before = member.history.first().history_date
    Member.objects.audited_set(city="Bern")
    member.refresh_from_db()
    assert member.history.as_of(before).city == "Berlin"
    assert [was.city for was in Member.history.as_of(before)] == ["Berlin"]
    assert [was.city for was in Member.history.as_of(timezone.now())] == ["Bern"]


def test_of_two_rows_with_one_date_the_later_written_is_the_newest(member, monkeypatch):
    moment = timezone.now()
    monkeypatch.setattr("audit.recording.timezone.now", lambda: moment)
    for city in ("A", "B"):
        member.city = city
        member.save()
    assert [row.city for row in Member.history.latest_of_each()] == ["B"]
    member.city = "A"
    member.save()
    assert [row.city for row in member.history.all()][:3] == ["A", "B", "A"]


def test_a_json_value_changed_in_place_is_a_change():
    from audit.models import _kept

    value = {"a": [1]}
    kept = _kept(value)
    value["a"].append(2)
    assert kept == {"a": [1]}
