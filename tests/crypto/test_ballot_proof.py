"""The wire form of a ballot's proof: one encoding, one length, nothing out of range."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.ballot_proof import BallotProof
from crypto.ballot_shape import BallotShape
from crypto.errors import EncodingError
from crypto.group import ORDER
from tests.support.ballots import PAIR, YES_NO, contest, sample

PROOF = sample().proof
PACKED = PROOF.encode()
BORDER = 32 * PAIR.commitment_count


def test_round_trip() -> None:
    assert len(PACKED) == PAIR.proof_bytes
    again = BallotProof.decode(PACKED, PAIR)
    assert again == PROOF
    assert again.encode() == PACKED


def test_wire_order() -> None:
    # Protocol §3.9, item by item.
    items = [PACKED[start : start + 32] for start in range(0, len(PACKED), 32)]
    assert b"".join(items[: PAIR.commitment_count]) == PROOF.commitments.encode()
    scalars = [int.from_bytes(item, "little") for item in items[PAIR.commitment_count :]]
    assert scalars[:2] == list(PROOF.branch_challenges)
    assert scalars[2] == PROOF.credential_response
    pairs = list(zip(PROOF.value_responses, PROOF.nonce_responses, strict=True))
    assert scalars[3:17] == [scalar for pair in pairs for scalar in pair]
    assert scalars[17] == PROOF.product_response
    assert scalars[18:] == list(PROOF.branch_responses)


@pytest.mark.parametrize("length", [0, 1, 32, len(PACKED) - 32, len(PACKED) - 1, len(PACKED) + 1])
def test_other_lengths(length: int) -> None:
    # N19, N20: refused before any arithmetic, whatever is missing or too much.
    with pytest.raises(EncodingError, match=f"{length} bytes where {len(PACKED)} are due"):
        BallotProof.decode((PACKED + bytes(64))[:length], PAIR)


def test_fewer_and_more_branches() -> None:
    # N19: a contest with one branch more, or one fewer, has another length.
    for maximum in (0, 2):
        mayor = contest("mayor", (1, 1, 1), 0, maximum) if maximum else contest("mayor", (1, 1, 1), 1, 1)
        with pytest.raises(EncodingError, match="are due"):
            BallotProof.decode(PACKED, BallotShape("pair", (mayor, PAIR.contests[1])))


@given(st.integers(0, PAIR.scalar_count - 1), st.sampled_from([ORDER, ORDER + 1, 2**256 - 1]))
def test_scalars_out_of_range(index: int, value: int) -> None:
    # N7, N18: no sub-challenge or response is off by ℓ.
    start = BORDER + 32 * index
    packed = PACKED[:start] + value.to_bytes(32, "little") + PACKED[start + 32 :]
    with pytest.raises(EncodingError, match=f"scalar {index} is not below"):
        BallotProof.decode(packed, PAIR)


@given(st.integers(0, PAIR.commitment_count - 1), st.sampled_from([1, 2**255 - 19, 2**256 - 1]))
def test_elements_not_canonical(index: int, value: int) -> None:
    # N4, N7
    packed = PACKED[: 32 * index] + value.to_bytes(32, "little") + PACKED[32 * index + 32 :]
    with pytest.raises(EncodingError, match=rf"ballot proof: .* at {index}"):
        BallotProof.decode(packed, PAIR)


@given(st.integers(0, PAIR.scalar_count - 1), st.integers(0, ORDER - 1))
def test_scalars_in_range_have_one_encoding(index: int, value: int) -> None:
    start = BORDER + 32 * index
    packed = PACKED[:start] + value.to_bytes(32, "little") + PACKED[start + 32 :]
    assert BallotProof.decode(packed, PAIR).encode() == packed


def test_branch_challenges_sum_to_the_challenge_in_each_contest() -> None:
    for e in (0, 5, ORDER - 1):
        all_of_them = PROOF.all_branch_challenges(PAIR, e)
        assert sum(all_of_them[:2]) % ORDER == e
        assert sum(all_of_them[2:]) % ORDER == e
        assert all_of_them[1::2] == list(PROOF.branch_challenges)


@pytest.mark.parametrize(
    "change",
    [
        {"commitments": PROOF.commitments[:-1]},
        {"branch_challenges": ()},
        {"value_responses": PROOF.value_responses[1:]},
        {"nonce_responses": (*PROOF.nonce_responses, 1)},
        {"branch_responses": PROOF.branch_responses[:3]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_shape_is_refused(change: dict[str, Any]) -> None:
    PROOF.require_shape(PAIR)
    with pytest.raises(EncodingError, match="another shape"):
        replace(PROOF, **change).require_shape(PAIR)
    with pytest.raises(EncodingError, match="another shape"):
        PROOF.require_shape(YES_NO)
