"""The group is one, fixed, of prime order; nothing outside can choose another. N1, N2, N3, N9."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.manifest import Manifest
from crypto.elgamal import encrypt
from crypto.group import (
    GENERATOR,
    IDENTITY,
    ORDER,
    ElementArray,
    Scalar,
    base_multiply,
    hash_to_scalar,
    vartime_multiscalar,
)
from crypto.hashing import Tag, digest
from tests.support.records import manifest_json


def test_the_order_is_the_prime_of_rfc_9496() -> None:
    """N1: a small or composite order made a real election's keys breakable within minutes."""
    assert ORDER == 2**252 + 27742317777372353535851937790883648493
    assert all(pow(base, ORDER - 1, ORDER) == 1 for base in (2, 3, 5, 7, 11, 13))


@pytest.mark.parametrize("name", ["group", "generator", "modulus", "order"])
def test_a_record_cannot_bring_parameters(name: str) -> None:
    """N1, N2: there is no field for them, and unknown fields are refused."""
    body = manifest_json()
    with pytest.raises(RecordError, match=name):
        decode_json(jcs({**body, name: "another"}), Manifest, limit=1 << 20)


def test_the_generator_generates_and_is_not_a_choice() -> None:
    """N2: it is the one of RFC 9496, whose encoding is part of the code."""
    assert GENERATOR.encoded.hex() == "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
    assert vartime_multiscalar([ORDER - 1], ElementArray.of([GENERATOR])) == -GENERATOR


@given(message=st.integers(0, 1), nonce=st.integers(1, ORDER - 1), key=st.integers(1, ORDER - 1))
def test_encryptions_of_nought_and_one_have_the_same_order(message: int, nonce: int, key: int) -> None:
    """N3: every component lies in the group of prime order, whatever was chosen; no symbol tells them apart."""
    joint = base_multiply([Scalar.from_int(key)])[0]
    ciphertexts = encrypt(joint, [Scalar.from_int(message)], [Scalar.from_int(nonce)])
    for element in ciphertexts.elements:
        rest = vartime_multiscalar([ORDER - 1], ElementArray.of([element]))
        assert rest + element == IDENTITY
    assert not ciphertexts.pads.identity_indexes()


def test_scalars_use_all_of_the_hash() -> None:
    """N9: 512 bits are reduced, so that the bias is below 2^-259; the upper half of the digest counts."""
    for part in (b"a", b"b", b"c"):
        whole = digest(Tag.NONCE, part)
        expected = int.from_bytes(whole, "little") % ORDER
        assert hash_to_scalar(Tag.NONCE, part).vartime_int() == expected
        assert expected != int.from_bytes(whole[:32], "little") % ORDER
