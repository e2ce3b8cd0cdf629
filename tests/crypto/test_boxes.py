"""Boxes for dealt shares: both openers, keys that must be refused, and who is to blame for a bad box."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import errors
from crypto.boxes import (
    OVERHEAD,
    BoxSecretKey,
    open_with_ephemeral,
    open_with_recipient,
    require_box_key,
    seal_share,
)
from crypto.errors import DecryptionError
from tests.support.vectors import vectors

secret_keys = st.binary(min_size=32, max_size=32).map(BoxSecretKey)

EPHEMERAL, RECIPIENT, OTHER = (BoxSecretKey(bytes([n]) * 32) for n in (1, 2, 3))


def run(case: dict[str, Any], opener: str) -> bytes:
    fields = {name: bytes.fromhex(value) for name, value in case["input"].items()}
    box, posted = fields["box"], fields["ephemeral_public"]
    if opener == "with_recipient":
        return open_with_recipient(box, posted, BoxSecretKey(fields["recipient_secret"]))
    answer = BoxSecretKey(fields["ephemeral_secret"])
    return open_with_ephemeral(box, posted, answer, fields["recipient_public"])


@pytest.mark.parametrize("opener", ["with_recipient", "with_ephemeral"])
@pytest.mark.parametrize("case", vectors("boxes"), ids=lambda case: case["id"])
def test_box_vector(case: dict[str, Any], opener: str) -> None:
    if case["expect"][opener] == "ok":
        assert run(case, opener).hex() == case["output"]["plaintext"]
    else:
        with pytest.raises(getattr(errors, case["expect"][opener])):
            run(case, opener)


def test_sealing_vector() -> None:
    (case,) = (case for case in vectors("boxes") if case["id"] == "good")
    fields = {name: bytes.fromhex(value) for name, value in case["input"].items()}
    plaintext = bytes.fromhex(case["output"]["plaintext"])
    ephemeral = BoxSecretKey(fields["ephemeral_secret"])
    assert ephemeral.public == fields["ephemeral_public"]
    assert seal_share(plaintext, fields["recipient_public"], ephemeral) == fields["box"]


@pytest.mark.parametrize("case", vectors("box-keys"), ids=lambda case: case["id"])
def test_box_key_vector(case: dict[str, Any]) -> None:
    public_key = bytes.fromhex(case["input"]["public_key"])
    if case["expect"] == "ok":
        require_box_key(public_key)
        return
    for refuse in (
        lambda: require_box_key(public_key),
        lambda: seal_share(b"", public_key, EPHEMERAL),
        lambda: open_with_recipient(bytes(16), public_key, RECIPIENT),
        lambda: open_with_ephemeral(bytes(16), public_key, EPHEMERAL, RECIPIENT.public),
        lambda: open_with_ephemeral(bytes(16), EPHEMERAL.public, EPHEMERAL, public_key),
    ):
        with pytest.raises(getattr(errors, case["expect"])):
            refuse()


def montgomery_multiple(number: int, u: int) -> int:
    """The ladder of RFC 7748 §5 without clamping; the point at infinity comes out as 0."""
    p = 2**255 - 19
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in map(int, f"{number:b}"):
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, e = d * a, c * b, a * a - b * b
        x2, z2 = a * a * b * b % p, e * (a * a + 121665 * e) % p
        x3, z3 = (da + cb) ** 2 % p, u * (da - cb) ** 2 % p
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return x2 * pow(z2, p - 2, p) % p


def test_refused_keys_are_those_whose_order_divides_8() -> None:
    """Their parts of small order are cyclic, of 8 on the curve and 4 on the twist: u = 0 for the two points of
    order 2, one u for order 4 on each, and two for order 8 make five in all."""
    refused = set()
    for case in vectors("box-keys"):
        data = bytes.fromhex(case["input"]["public_key"])
        u = int.from_bytes(data, "little")
        if len(data) == 32 and u < 2**255 - 19:
            assert (montgomery_multiple(8, u) == 0) == (case["expect"] == "EncodingError")
            refused |= {u} if case["expect"] == "EncodingError" else set()
    assert len(refused) == 5


@given(secret_keys, secret_keys, st.binary(max_size=100))
def test_both_secrets_open_a_box(ephemeral: BoxSecretKey, recipient: BoxSecretKey, plaintext: bytes) -> None:
    box = seal_share(plaintext, recipient.public, ephemeral)
    assert len(box) == len(plaintext) + OVERHEAD
    assert open_with_recipient(box, ephemeral.public, recipient) == plaintext
    assert open_with_ephemeral(box, ephemeral.public, ephemeral, recipient.public) == plaintext


@given(st.integers(0, 96 * 8 - 1))
def test_no_bit_of_a_box_may_change(bit: int) -> None:
    box = bytearray(seal_share(bytes(80), RECIPIENT.public, EPHEMERAL))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecryptionError, match="does not open"):
        open_with_recipient(bytes(box), EPHEMERAL.public, RECIPIENT)


def test_box_is_bound_to_its_pair_of_keys() -> None:
    box = seal_share(bytes(80), RECIPIENT.public, EPHEMERAL)
    with pytest.raises(DecryptionError):
        open_with_recipient(box, EPHEMERAL.public, OTHER)
    with pytest.raises(DecryptionError):
        open_with_recipient(box, OTHER.public, RECIPIENT)
    with pytest.raises(DecryptionError):
        open_with_ephemeral(box, EPHEMERAL.public, EPHEMERAL, OTHER.public)


def test_dealer_cannot_answer_with_the_secret_of_another_key() -> None:
    """The box opens under the answer, but the recipient was given another key and never could open it."""
    box = seal_share(bytes(80), RECIPIENT.public, OTHER)
    with pytest.raises(DecryptionError, match="does not open"):
        open_with_recipient(box, EPHEMERAL.public, RECIPIENT)
    with pytest.raises(DecryptionError, match="posted ephemeral key"):
        open_with_ephemeral(box, EPHEMERAL.public, OTHER, RECIPIENT.public)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_secret_of_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="not 32 bytes"):
        BoxSecretKey(bytes(size))


def test_secret_is_not_shown() -> None:
    assert repr(EPHEMERAL) == "BoxSecretKey()"
