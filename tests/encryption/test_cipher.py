"""A token opens in its place, and nowhere else, and not after any change."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption import cipher
from encryption.errors import CannotOpen, NotSealed, Tampered, UnknownKey
from encryption.keyring import current_ring
from encryption.new_ring import new_key

PLACE = {"context": "a.b.c", "row": "1"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
BASE64URL = string.ascii_letters + string.digits + "-_"


@given(TEXT, TEXT, TEXT)
def test_what_is_sealed_opens_in_its_place(text, context, row):
    token = cipher.seal(text, context=context, row=row)
    assert cipher.is_token(token)
    assert cipher.open_token(token, context=context, row=row) == text


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_a_token_does_not_open_in_another_place(text, context, row, other_context, other_row):
    token = cipher.seal(text, context=context, row=row)
    if (context, row) != (other_context, other_row):
        with pytest.raises(Tampered):
            cipher.open_token(token, context=other_context, row=other_row)


def test_a_place_cannot_be_spelled_in_two_ways():
    token = cipher.seal("x", context="a.b", row="c1")
    with pytest.raises(Tampered):
        cipher.open_token(token, context="a.bc", row="1")


@pytest.mark.parametrize("text", ["", "a", "ab", "abc", "alice@example.com"])
def test_no_character_of_a_token_can_be_changed(text):
    token = cipher.seal(text, **PLACE)
    for at, character in enumerate(token):
        for other in BASE64URL + ".=+/ ":
            if other != character:
                with pytest.raises(CannotOpen):
                    cipher.open_token(token[:at] + other + token[at + 1 :], **PLACE)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 40])
def test_no_token_can_be_cut_or_lengthened(size):
    token = cipher.seal("x" * size, **PLACE)
    for changed in [token[:-1], token[:-4], token + "A", token + "AAAA", " " + token, token + "\n"]:
        with pytest.raises(CannotOpen):
            cipher.open_token(changed, **PLACE)


@given(TEXT)
def test_nothing_but_a_token_is_ever_opened(text):
    with pytest.raises(NotSealed):
        cipher.open_token(text, **PLACE)


def test_twenty_bytes_take_at_most_eighty_characters():
    assert len(cipher.seal("x" * 20, **PLACE)) <= 80
    assert len(cipher.seal("x" * 255, **PLACE)) <= 255 * 1.6
    assert len(cipher.seal("x" * 1024, **PLACE)) <= 1024 * 1.45


def test_the_same_text_is_never_sealed_alike():
    assert len({cipher.seal("x", **PLACE) for _ in range(100)}) == 100


def test_another_ring_is_told_which_key_is_missing(other_ring):
    key_id = current_ring().sealing.id
    token = cipher.seal("secret", **PLACE)
    other_ring()
    with pytest.raises(UnknownKey, match=key_id) as caught:
        cipher.open_token(token, **PLACE)
    assert (caught.value.key_id, caught.value.row, caught.value.context) == (key_id, "1", "a.b.c")
    assert "secret" not in str(caught.value)


def test_a_key_of_the_same_id_but_other_material_opens_nothing(use_ring):
    index, first, second = new_key("index"), new_key("seal"), new_key("seal")
    use_ring(index, first)
    token = cipher.seal("secret", **PLACE)
    use_ring(index, type(first)(first.id, "seal", "active", first.created, second.material))
    with pytest.raises(Tampered):
        cipher.open_token(token, **PLACE)


def test_a_former_key_still_opens_and_no_longer_seals(use_ring):
    index, old = new_key("index"), new_key("seal")
    use_ring(index, old)
    token = cipher.seal("secret", **PLACE)
    new = new_key("seal")
    use_ring(index, new, type(old)(old.id, "seal", "decrypt-only", old.created, old.material))
    assert cipher.open_token(token, **PLACE) == "secret"
    assert f".{new.id}." in cipher.seal("secret", **PLACE)
    use_ring(index, new, type(old)(old.id, "seal", "retired", old.created, old.material))
    with pytest.raises(UnknownKey):
        cipher.open_token(token, **PLACE)
