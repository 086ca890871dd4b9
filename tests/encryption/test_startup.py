"""A ring that is missing, open to others or of another database is named before anything starts."""

import pytest
from django.db import connection, transaction

from encryption.key_checks import misfits, register_keys, remember_keys
from encryption.keyring import current_ring
from encryption.keys import Key
from encryption.models import KeyCheck
from encryption.new_ring import create_ring, new_key
from encryption.startup import Problem, problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring_at(settings):
    def at(path):
        settings.CRM_KEY_RING = str(path)

    return at


def numbers():
    return [problem.number for problem in problems()]


def test_a_ring_that_fits_is_no_problem():
    assert KeyCheck.objects.count() == len(current_ring().keys)
    assert problems() == []


def test_a_missing_ring_is_E101(ring_at, tmp_path):
    ring_at(tmp_path / "none.json")
    (problem,) = problems()
    assert problem.number == "encryption.E101"
    assert "none.json" in problem.message
    assert problem.hint


def test_a_ring_others_can_read_is_E102(ring_at, tmp_path):
    create_ring(tmp_path / "ring.json")
    (tmp_path / "ring.json").chmod(0o644)
    ring_at(tmp_path / "ring.json")
    assert numbers() == ["encryption.E102"]


def test_a_malformed_ring_is_E103(ring_at, tmp_path):
    path = tmp_path / "ring.json"
    path.touch(0o600)
    ring_at(path)
    assert numbers() == ["encryption.E103"]


def test_a_ring_that_lacks_a_key_of_the_data_is_E104_and_names_it(other_ring):
    lacking = {key.id for key in current_ring().keys}
    other_ring()
    found = problems()
    assert {problem.number for problem in found} == {"encryption.E104"}
    assert len(found) == 2
    assert all(any(key_id in problem.message for problem in found) for key_id in lacking)


def test_another_key_of_the_same_id_is_E105(use_ring):
    seal, index = current_ring().keys
    use_ring(Key(seal.id, "seal", "active", seal.created, new_key("seal").material), index)
    (problem,) = problems()
    assert problem.number == "encryption.E105"
    assert seal.id in problem.message


def test_a_database_that_is_not_migrated_is_for_others_to_report():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE encryption_keycheck RENAME TO away")
        assert problems() == []
        remember_keys(using="default")
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_too():
    register_keys(current_ring())
    assert problems() == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE encryption_keycheck RENAME TO away")
    try:
        assert problems() == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO encryption_keycheck")


def test_migrating_notes_new_keys_but_never_those_of_a_wrong_ring(use_ring, other_ring):
    seal, index = current_ring().keys
    added = new_key("index", "decrypt-only")
    use_ring(seal, index, added)
    remember_keys(using="default")
    assert KeyCheck.objects.get(key_id=added.id).check_value == added.check_value
    assert str(KeyCheck.objects.get(key_id=added.id)) == added.id
    assert register_keys(current_ring()) == 0
    before = KeyCheck.objects.count()
    other_ring()
    remember_keys(using="default")
    assert KeyCheck.objects.count() == before
    assert set(misfits(current_ring()).values()) == {"missing"}


def test_without_a_ring_migrating_goes_on(ring_at, tmp_path):
    ring_at(tmp_path / "none.json")
    remember_keys(using="default")


def test_a_check_value_proves_the_key_and_not_more():
    first, second = new_key("seal"), new_key("seal")
    same_id = Key(first.id, "seal", "active", first.created, second.material)
    assert first.check_value != same_id.check_value
    assert len(first.check_value) == 16
    assert Problem("a", "b", "c") == Problem("a", "b", "c")
