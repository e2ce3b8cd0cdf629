"""Credentials: parts join to a secret and, alike, to its public counterpart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.credential import (
    CredentialSecret,
    credential_part,
    join_parts,
    join_public,
    part_public,
)
from crypto.errors import EncodingError
from crypto.group import GENERATOR, IDENTITY, GroupElement, Scalar
from tests.support.ballots import bytes_for, scalar_for

BITS = bytes_for("bits", 16)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=3))
def test_parts_join_alike(drawn: list[bytes]) -> None:
    parts = [credential_part("election", f"issuer-{j}", bits) for j, bits in enumerate(drawn)]
    assert join_parts(parts).public() == join_public([part_public(part) for part in parts])


def test_part_is_bound_to_election_issuer_and_bits() -> None:
    parts = {
        credential_part("election", "issuer", BITS),
        credential_part("election-2", "issuer", BITS),
        credential_part("election", "issuer-2", BITS),
        credential_part("election", "issuer", bytes(16)),
        credential_part("electio", "nissuer", BITS),  # N10
    }
    assert len(parts) == 5


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_part_takes_128_bits(length: int) -> None:
    with pytest.raises(ValueError, match="not 16"):
        credential_part("election", "issuer", bytes(length))


def test_parts_that_cancel_out_are_refused() -> None:
    # N5: the identity is nobody's credential.
    part = scalar_for("part")
    with pytest.raises(EncodingError, match="zero"):
        join_parts([part, -part])
    with pytest.raises(EncodingError, match="zero"):
        join_parts([])
    with pytest.raises(EncodingError, match="sum of the parts"):
        join_public([part_public(part), part_public(-part)])


@pytest.mark.parametrize("parts", [[], [IDENTITY], [GENERATOR, IDENTITY]])
def test_public_parts_are_proper(parts: list[GroupElement]) -> None:
    with pytest.raises(EncodingError, match="no parts"):
        join_public(parts)


def test_zero_part_has_no_public_counterpart() -> None:
    with pytest.raises(ValueError, match="zero"):
        part_public(Scalar.from_int(0))


def test_secret_does_not_print() -> None:
    secret = CredentialSecret(scalar_for("secret"))
    assert secret.value.encoded.hex() not in repr(secret)
    assert repr(secret) == "CredentialSecret()"
