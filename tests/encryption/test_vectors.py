"""What version 1 sealed opens for ever. If one of these fails, stored data has become unreadable."""

import base64
import io
import json
import uuid
from pathlib import Path

import pytest

from encryption import cipher
from encryption.errors import Tampered
from encryption.files import SealedReader
from encryption.keyring import current_ring, keyed_digest
from encryption.ring_format import parse_ring
from tests.encryption.testapp.models import Everything, Person


def known(name):
    return json.loads((Path(__file__).parent / "vectors" / f"{name}.v1.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def ring(use_ring):
    use_ring(*parse_ring(json.dumps(known("ring"))))


@pytest.mark.parametrize("vector", known("tokens"), ids=lambda vector: vector["field"])
def test_tokens_of_every_type_open(vector):
    place = {"context": vector["context"], "row": vector["row"]}
    assert cipher.open_token(vector["token"], **place) == vector["text"]
    field = Everything._meta.get_field(vector["field"])
    value = field.open_sealed(vector["token"], uuid.UUID(vector["row"]))
    assert field.dump_text(value) == vector["text"]
    with pytest.raises(Tampered):
        cipher.open_token(vector["token"], context=vector["context"], row="another")


@pytest.mark.parametrize("vector", known("indexes"), ids=lambda vector: vector["field"])
def test_blind_indexes_stay_what_they_are(vector):
    index = Person._meta.get_field(f"{vector['field']}_index")
    assert [digest.hex() for digest in index.digests(vector["value"])] == [vector["digest"]]


@pytest.mark.parametrize("vector", known("files"), ids=lambda vector: vector["label"])
def test_files_open(vector):
    sealed = io.BytesIO(base64.b64decode(vector["sealed"]))
    assert (
        SealedReader(sealed, vector["label"]).read()
        == vector["repeated"].encode() * vector["times"]
    )


def test_keys_prove_themselves_and_digests_stay():
    keys = known("keys")
    assert {key.id: key.check_value for key in current_ring().keys} == keys["checks"]
    digest = keys["digest"]
    assert keyed_digest(digest["purpose"], digest["data"].encode()).hex() == digest["hex"]
