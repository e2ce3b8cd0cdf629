"""The statement of a ballot: proper from birth, and every part of it in every hash."""

from dataclasses import replace
from typing import Any

import pytest

from crypto.ballot_proof import ballot_challenge
from crypto.ballot_statement import BallotStatement
from crypto.elgamal import CiphertextArray
from crypto.errors import EncodingError
from crypto.group import GENERATOR, IDENTITY, ORDER
from crypto.hashing import Tag, digest, le64
from tests.support.ballots import CONTEXT, PAIR, YES_NO, bytes_for, sample

BALLOT = sample()
STATEMENT = BALLOT.statement
OTHERS: dict[str, Any] = {
    "context": bytes_for("other context", 64),
    "shape": replace(PAIR, style_id="pair-2"),
    "credential": GENERATOR,
    "previous": bytes_for("previous", 64),
    "ciphertexts": sample("another").encrypted.ciphertexts,
}


def test_hashed_parts_in_order() -> None:
    packed = BALLOT.encrypted.ciphertexts.encode()
    assert STATEMENT.hashed == (CONTEXT, b"pair", STATEMENT.credential.encoded, bytes(64), packed)


def test_weights() -> None:
    W = digest(Tag.WEIGHTS, *STATEMENT.hashed)
    expected = [int.from_bytes(digest(Tag.WEIGHT, W, le64(j)), "little") % ORDER for j in range(7)]
    assert list(STATEMENT.weights) == expected
    assert len(set(expected)) == 7


@pytest.mark.parametrize("name", OTHERS)
def test_weights_and_challenge_are_bound_to(name: str) -> None:
    # N11: the whole statement is hashed, not the commitments alone.
    other = replace(STATEMENT, **{name: OTHERS[name]})
    commitments = BALLOT.proof.commitments
    assert set(other.weights).isdisjoint(STATEMENT.weights)
    assert ballot_challenge(other, commitments) != ballot_challenge(STATEMENT, commitments)


def test_challenge_is_bound_to_every_commitment() -> None:
    commitments = BALLOT.proof.commitments
    challenges = {ballot_challenge(STATEMENT, commitments[:n]) for n in range(len(commitments) + 1)}
    assert len(challenges) == PAIR.commitment_count + 1


@pytest.mark.parametrize("count", [0, 1, 6, 8])
def test_number_of_ciphertexts(count: int) -> None:
    # N20: one fewer, one more, none; refused as what came from outside.
    packed = (BALLOT.encrypted.ciphertexts.encode() * 2)[: 64 * count]
    with pytest.raises(EncodingError, match=f"{count} ciphertexts for 7 options"):
        replace(STATEMENT, ciphertexts=CiphertextArray.decode(packed))


def test_style_of_another_length() -> None:
    with pytest.raises(EncodingError, match="7 ciphertexts for 2 options"):
        replace(STATEMENT, shape=YES_NO)


@pytest.mark.parametrize("name", ["credential", "key"])
def test_identity_is_no_key(name: str) -> None:
    # N5
    with pytest.raises(EncodingError, match="identity"):
        changed: dict[str, Any] = {name: IDENTITY}
        replace(STATEMENT, **changed)


def test_pads_are_checked() -> None:
    # N5, N16
    packed = BALLOT.encrypted.ciphertexts.encode()
    for pad in (bytes(32), packed[64:96]):
        bad = CiphertextArray.decode(pad + packed[32:])
        with pytest.raises(EncodingError, match="pad"):
            replace(STATEMENT, ciphertexts=bad)


@pytest.mark.parametrize("name", ["context", "previous"])
def test_digests_have_64_bytes(name: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        BallotStatement(
            **{field: getattr(STATEMENT, field) for field in STATEMENT.__dataclass_fields__}
            | {name: bytes(32)}
        )
