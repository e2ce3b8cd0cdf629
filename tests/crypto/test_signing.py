"""Signatures: the vectors on which libraries disagree, and every field changed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.errors import EncodingError, SignatureError
from crypto.hashing import Tag, digest
from crypto.signing import SigningKey, record_message, require_public_key, verify_signature
from tests.reference import ed25519
from tests.support.vectors import vectors

KEY = SigningKey(bytes(range(32)))
MESSAGE = record_message("close", bytes(32), b'{"checkpoint":""}')

seeds = st.binary(min_size=32, max_size=32)


def reference_accepts(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """The rule of protocol.md §1.9 in affine coordinates."""
    R, s = signature[:32], int.from_bytes(signature[32:], "little")
    points = [strict_point(data) for data in (public_key, R)]
    if s >= ed25519.ORDER or any(point is None for point in points):
        return False
    K, commitment = (point for point in points if point is not None)
    if ed25519.multiply(8, K) == ed25519.ZERO or ed25519.multiply(8, commitment) == ed25519.ZERO:
        return False
    k = ed25519.challenge(R, public_key, message) % ed25519.ORDER
    right = ed25519.negate(ed25519.multiply(k, K))
    return ed25519.encode(ed25519.add(ed25519.multiply(s, ed25519.BASE), right)) == R


def strict_point(data: bytes) -> ed25519.Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    x = ed25519.recover_x(y, sign)
    return (x, y) if x is not None and y < ed25519.P and x & 1 == sign else None


def inputs(case: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    given_ = case["input"]
    return (
        bytes.fromhex(given_["public_key"]),
        bytes.fromhex(given_["message"]),
        bytes.fromhex(given_["signature"]),
    )


@pytest.mark.parametrize("case", vectors("signing"), ids=lambda case: case["id"])
def test_signature_vector(case: dict[str, Any]) -> None:
    assert reference_accepts(*inputs(case)) == (case["expect"] == "ok")
    if case["expect"] == "ok":
        verify_signature(*inputs(case))
    else:
        with pytest.raises(getattr(errors, case["expect"])):
            verify_signature(*inputs(case))


@pytest.mark.parametrize(
    "case", [case for case in vectors("signing") if "seed" in case["input"]], ids=lambda case: case["id"]
)
def test_signing_vector(case: dict[str, Any]) -> None:
    public_key, message, signature = inputs(case)
    key = SigningKey(bytes.fromhex(case["input"]["seed"]))
    assert (key.public, key.sign(message)) == (public_key, signature)


@pytest.mark.parametrize("case", vectors("signing-keys"), ids=lambda case: case["id"])
def test_public_key_vector(case: dict[str, Any]) -> None:
    public_key = bytes.fromhex(case["input"]["public_key"])
    if case["expect"] == "ok":
        require_public_key(public_key)
    else:
        with pytest.raises(getattr(errors, case["expect"])):
            require_public_key(public_key)


def test_vectors_split_verifiers_with_and_without_the_cofactor() -> None:
    """Were they not among them, the suite would pass with a library that applies the cofactor."""
    split = [case for case in vectors("signing") if case["intermediate"]["holds_with_cofactor"]]
    assert {case["expect"] for case in split} == {"ok", "SignatureError"}


@given(seeds, st.binary(max_size=200))
def test_own_signatures_verify(seed: bytes, message: bytes) -> None:
    key = SigningKey(seed)
    require_public_key(key.public)
    verify_signature(key.public, message, key.sign(message))


@given(st.integers(0, 8 * 64 - 1))
def test_no_bit_of_a_signature_may_change(bit: int) -> None:
    signature = bytearray(KEY.sign(MESSAGE))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError, match="does not verify"):
        verify_signature(KEY.public, MESSAGE, bytes(signature))


def test_signature_is_bound_to_key_and_message() -> None:
    signature = KEY.sign(MESSAGE)
    with pytest.raises(SignatureError):
        verify_signature(SigningKey(bytes(32)).public, MESSAGE, signature)
    with pytest.raises(SignatureError):
        verify_signature(KEY.public, MESSAGE + b"\0", signature)


@pytest.mark.parametrize("size", [0, 63, 65])
def test_signature_of_wrong_size_is_refused(size: int) -> None:
    signature = (KEY.sign(MESSAGE) + b"\0")[:size]
    with pytest.raises(SignatureError, match="not 64 bytes"):
        verify_signature(KEY.public, MESSAGE, signature)


def test_bytes_moved_between_signature_and_message_are_refused() -> None:
    """libsodium is given both in one string; the border must not move."""
    signature = KEY.sign(b"R" + MESSAGE)
    with pytest.raises(SignatureError):
        verify_signature(KEY.public, MESSAGE, signature + b"R")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_wrong_size_is_refused(size: int) -> None:
    public_key = (KEY.public + b"\0")[:size]
    with pytest.raises(SignatureError, match="public key"):
        verify_signature(public_key, MESSAGE, KEY.sign(MESSAGE))
    with pytest.raises(EncodingError):
        require_public_key(public_key)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_seed_of_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        SigningKey(bytes(size))


def test_seed_is_not_shown() -> None:
    assert repr(KEY) == "SigningKey()"


def test_record_message_separates_type_election_and_body() -> None:
    """N10, N25: what was signed as one thing is not a signature of another."""
    message = record_message("close", bytes(32), b"{}")
    assert message == digest(Tag.SIGN, b"close", bytes(32), b"{}")
    others = [
        record_message("open", bytes(32), b"{}"),
        record_message("close", bytes(31) + b"\1", b"{}"),
        record_message("close", bytes(32), b"[]"),
        record_message("close" + "\0", bytes(31), b"{}"),
    ]
    assert len({message, *others}) == 5
