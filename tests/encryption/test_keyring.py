"""The ring is read strictly, from where only its owner can read it, and shows nothing."""

import base64
import copy
import json
import os
import pickle
from dataclasses import replace

import pytest

from encryption import cipher
from encryption.errors import KeyRingError, UnknownKey
from encryption.keyring import current_ring, forget_ring, keyed_digest
from encryption.keys import Key
from encryption.new_ring import create_ring, new_key
from encryption.providers import FileProvider, KeyRingExposed, KeyRingMissing
from encryption.ring_format import dump_ring, parse_ring

GOOD = json.loads(dump_ring((new_key("seal"), new_key("index"))))


def changed(**members):
    ring = copy.deepcopy(GOOD)
    ring["keys"][0] |= members
    return json.dumps(ring)


def test_a_ring_reads_back_as_it_was_written():
    keys = (new_key("seal"), new_key("index"), new_key("seal", "retired"))
    again = parse_ring(dump_ring(keys))
    assert [vars(key) for key in again] == [vars(key) for key in keys]


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "not JSON"),
        ("[]", "must be"),
        ('{"version": 1}', "must be"),
        (json.dumps(GOOD | {"version": 2}), "another version"),
        (json.dumps(GOOD | {"keys": {}}), "must be a list"),
        (json.dumps(GOOD | {"keys": ["x"]}), "exactly"),
        (json.dumps(GOOD | {"keys": []}), "one active `seal` key, not 0"),
        (json.dumps(GOOD | {"keys": GOOD["keys"] * 2}), "same id"),
        (
            json.dumps(GOOD | {"keys": [*GOOD["keys"], GOOD["keys"][0] | {"id": "s1234567"}]}),
            "not 2",
        ),
        (changed(id=5), "must be text"),
        (changed(id="K1"), "5 to 7 hex"),
        (changed(extra="x"), "exactly"),
        (changed(use="sign"), "use must be"),
        (changed(state="dormant"), "state of"),
        (changed(created="yesterday"), "unreadable date"),
        (changed(material="%%%"), "unreadable date or material"),
        (changed(material=base64.b64encode(b"short").decode()), "32 bytes"),
    ],
)
def test_a_malformed_ring_is_refused_in_words(text, says):
    with pytest.raises(KeyRingError, match=says):
        parse_ring(text)


def test_no_error_quotes_the_material():
    material = GOOD["keys"][0]["material"]
    for text in (changed(state="x"), changed(created="x"), dump_ring(())[:-3] + material):
        with pytest.raises(KeyRingError) as caught:
            parse_ring(text)
        assert material not in str(caught.value)


def test_neither_ring_nor_key_shows_or_pickles_its_material():
    ring = current_ring()
    key = ring.sealing
    material = base64.b64encode(key.material).decode()
    for shown in (repr(ring), repr(key), str(ring), str(key)):
        assert key.id in shown
        assert material not in shown
        assert repr(key.material) not in shown
    for secret in (ring, key):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(secret)


def test_a_missing_ring_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(KeyRingMissing, match=r"no key ring at .*ring\.json"):
        FileProvider(str(tmp_path / "ring.json")).read()
    assert FileProvider(str(tmp_path / "ring.json")).version() is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o601])
def test_a_ring_that_others_may_touch_is_refused(tmp_path, mode):
    path = tmp_path / "ring.json"
    create_ring(path)
    path.chmod(mode)
    with pytest.raises(KeyRingExposed, match="chmod 600"):
        FileProvider(str(path)).read()


def test_a_ring_is_a_file_and_text(tmp_path):
    with pytest.raises(KeyRingError, match="not a regular file"):
        FileProvider(os.devnull).read()
    (tmp_path / "file").touch()
    with pytest.raises(KeyRingError, match="cannot be read"):
        FileProvider(str(tmp_path / "file" / "ring.json")).read()
    path = tmp_path / "ring.json"
    path.touch(0o600)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(KeyRingError, match="not text"):
        FileProvider(str(path)).read()


def test_a_directory_is_no_ring(tmp_path):
    with pytest.raises(KeyRingError):
        FileProvider(str(tmp_path)).read()


def test_a_new_ring_is_closed_to_others_and_never_overwritten(tmp_path):
    path = tmp_path / "keys" / "ring.json"
    create_ring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = path.read_bytes()
    with pytest.raises(KeyRingError, match="never overwritten"):
        create_ring(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["ring.json"]


def test_a_running_process_learns_of_a_new_key_when_it_meets_it(tmp_path, settings):
    path = tmp_path / "ring.json"
    create_ring(path)
    settings.CRM_KEY_RING = str(path)
    place = {"context": "a", "row": "1"}
    keys = parse_ring(path.read_text())
    assert current_ring().sealing.id == keys[0].id
    added = new_key("seal")
    former = Key(keys[0].id, "seal", "decrypt-only", keys[0].created, keys[0].material)
    path.write_text(dump_ring((former, keys[1], added)))
    nonce_and_sealed = b"0" * 12 + added.aead.encrypt(
        b"0" * 12, b"hello", cipher._place(added.id, "a", "1")
    )
    token = f"p1.{added.id}.{cipher._encode(nonce_and_sealed)}"
    assert cipher.open_token(token, **place) == "hello"
    with pytest.raises(UnknownKey):
        cipher.open_token(token.replace(added.id, "s9999999"), **place)
    forget_ring()


def test_digests_differ_by_purpose_and_ring(other_ring):
    first = keyed_digest("rows", b"x")
    assert len(first) == 32
    assert keyed_digest("rows", b"x") == first
    assert keyed_digest("files", b"x") != first
    assert keyed_digest("rows", b"y") != first
    other_ring()
    assert keyed_digest("rows", b"x") != first


def test_each_purpose_has_a_key_of_its_own():
    key = new_key("seal")
    purposes = ["field", "file", "check", "digest|a", "index|a|b"]
    assert len({key.derive(purpose) for purpose in purposes} | {key.material}) == 6
    assert key.derive("file", salt=b"1" * 16) != key.derive("file", salt=b"2" * 16)


@pytest.fixture
def ring_file(tmp_path, settings):
    """A ring in a file, in use; writes others in its place."""
    path = tmp_path / "ring.json"

    def write(*keys):
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(dump_ring(keys))

    mine = new_key("seal"), new_key("index")
    write(*mine)
    settings.CRM_KEY_RING, settings.CRM_KEY_RING_JSON = str(path), ""
    forget_ring()
    assert current_ring().sealing.id == mine[0].id
    write.path, write.mine = path, mine
    yield write
    forget_ring()


def meet_an_unknown_key():
    token = "p1.s0000000." + "A" * 60
    with pytest.raises(UnknownKey):
        cipher.open_token(token, context="a.b.c", row="1")


def exchanged(write):
    write(new_key("seal"), new_key("index"))


def removed(write):
    write.path.unlink()


def cut_off(write):
    write.path.write_text(write.path.read_text()[:-20])


def forged(write):
    seal, index = write.mine
    write(replace(seal, material=new_key("seal").material), index)


@pytest.mark.parametrize("harm", [exchanged, removed, cut_off, forged])
def test_a_ring_that_is_harmed_while_we_run_is_left_alone(ring_file, harm, caplog):
    place = {"context": "a.b.c", "row": "1"}
    token = cipher.seal("secret", **place)
    harm(ring_file)
    meet_an_unknown_key()
    meet_an_unknown_key()
    assert cipher.open_token(token, **place) == "secret"
    assert f".{ring_file.mine[0].id}." in cipher.seal("secret", **place)
    assert caplog.text.count("left alone") == 1
    ring_file(*ring_file.mine, added := new_key("seal", state="decrypt-only"))
    meet_an_unknown_key()
    assert current_ring().opening(added.id)
